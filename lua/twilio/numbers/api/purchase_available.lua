--- Purchases any number that matches a filter: searches, then buys by phone number; if that number is gone,
--- the next one.
---
--- Every purchase is by phone number, so that it can be looked up and retried; a purchase by area code
--- cannot.
local candidates = require("twilio.numbers.api.candidates")
local filters = require("twilio.numbers.api.filters")
local fit = require("twilio.numbers.api.fit")
local none_left = require("twilio.numbers.api.none_left")
local ownership = require("twilio.numbers.api.ownership")
local refusals = require("twilio.numbers.api.refusals")
local resources = require("twilio.numbers.api.resources")
local purchase = require("twilio.numbers.api.purchase")
local services = require("twilio.numbers.api.services")

local purchase_available = {}

--- The request that would be sent, without secrets.
local function describe(call, candidate, params)
  return {
    candidate = candidate,
    method = "POST",
    url = call:url(resources.owned_path()),
    body = call:new_form(filters.params_for(params, candidate.phone_number)):text(),
  }
end

--- Buys a candidate.
local function try(call, candidate, params, choice)
  local phone_number = candidate.phone_number
  local state = call.state
  state.choice = choice
  state.purchased, state.is_out, state.form, state.number = "no", false, false, false
  state.phone_number = phone_number
  local number, message, err = purchase.run(call, filters.params_for(params, phone_number))
  if number then
    return number, message, err
  end
  err.phone_number = phone_number
  return nil, message, err
end

--- For dry_run: the request for a candidate, or an error if the account already owns the number.
local function plan(call, candidate, params, choice)
  call.state.choice = choice
  local form = call:new_form(filters.params_for(params, candidate.phone_number))
  local _, message, err = purchase.check(call, form)
  if err then
    return nil, message, err
  end
  return describe(call, candidate, params)
end

--- Buys one of the candidates.
---@param found twilio.numbers.Candidates
---@return table? number or plan
---@return string? message
---@return twilio.numbers.Error|twilio.numbers.Info|nil err
function purchase_available.buy(call, found)
  if call.options.messaging_service_sid then
    local _, message, err = services.begin(call)
    if err then
      return nil, message, err
    end
  end
  local attempt = call.options.dry_run and plan or try
  local tried, last_error = 0, nil
  while tried < found.most do
    local candidate, why, problem = found:find()
    if problem then
      return nil, why, problem
    elseif not candidate then
      break
    end
    local number, message, err = attempt(call, candidate, found.params, found:choice(candidate))
    if number and attempt == try then
      return fit.compare(found.filter, number, message, err)
    elseif number then
      return number
    end
    refusals.note(found, candidate.phone_number, err)
    if refusals.is_unfit(err) then
      tried, last_error = tried + 1, err
    elseif not refusals.is_owned(err) then
      return nil, message, err
    end
  end
  return none_left.fail(found, tried, last_error)
end

--- An operation, see async/start.lua: searches for a number and buys it.
purchase_available.purchase = {
  recover = purchase.recover,
  new_state = purchase.new_state,
  run = function(call, filter, params)
    params = params == nil and {} or params
    local found, message, err = candidates.new(call, params, filters.read(filter, params, call))
    if not found then
      return nil, message, err
    end
    local refusal = call.policy and call.policy:refusal(call, found:choice())
    if refusal then
      return call:fail(refusal)
    end
    ownership.must_be_new(call, call.options.unless_owned)
    return purchase_available.buy(call, found)
  end,
}

return purchase_available
