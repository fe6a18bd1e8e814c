--- Buys a number, so that it is never bought twice and never hidden.
---
--- Twilio's purchase is a POST without an idempotency key. Buying a certain number twice has the same effect
--- as buying it once; an area code buys another number each time. So an unanswered purchase by phone number
--- is looked up and sent again, and one by area code is never sent again.
local bought = require("twilio.numbers.api.bought")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local lookup = require("twilio.numbers.api.lookup")
local messages = require("twilio.numbers.config.messages")
local owned_number = require("twilio.numbers.api.owned_number")
local ownership = require("twilio.numbers.api.ownership")
local purchase_policy = require("twilio.numbers.api.purchase_policy")
local reconcile = require("twilio.numbers.api.reconcile")
local reservations = require("twilio.numbers.api.reservations")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")
local services = require("twilio.numbers.api.services")

local purchase = { is_simple = true }

local RANK = { no = 0, unknown = 1, yes = 2 }

--- What all attempts together say about money: if one is in doubt, a later refusal does not settle it.
local function worst(a, b)
  return RANK[a] >= RANK[b] and a or b
end

local UNSURE = "the number was bought, but its settings are unconfirmed"

--- Creates the state of a purchase.
---@param old table|false see start.lua: only these fields of it need a reset
function purchase.new_state(old)
  if old then
    old.spare_form, old.form = old.form or old.spare_form, false
    old.is_out, old.number, old.is_complete = false, false, false
    return old
  end
  return {
    spare_form = false, -- of an earlier purchase, to be reused
    form = false, -- the form of the purchase; false: not started
    phone_number = false, -- of the form; false: it has an area code
    is_out = false, -- the request may have been sent: call.response has its outcome
    purchased = "no", -- by earlier attempts
    number = false, -- the purchased number
    is_complete = false, -- its settings are as requested
    is_certain = false, -- certainly this call bought it
    reserved = false, -- see reservations.take(): the call has reserved its number
    is_new = false, -- the account must not own the number before, see ownership.lua
    looks_first = false,
    found_none = false,
    is_unseen = false,
    services = false, -- the Messaging Services to add the number to, see services.lua
    is_attached = false, -- nothing is left to do for them
    choice = false, -- the number as a search returned it, see policy.lua
  }
end

--- Checks and encodes the parameters.
---@return userdata? form
---@return string? message
---@return twilio.numbers.Error? err
function purchase.read(call, params)
  local form, wrong = call:new_form(params, nil, call.state.spare_form)
  if form then
    return form
  end
  return errors.invalid(messages.describe(wrong))
end

--- Checks the parameters.
---@param opaque_sids boolean|nil the client's option
---@return twilio.numbers.Problem[]? list nil if they are valid
function purchase.problems(params, opaque_sids)
  local form, wrong = core.new_form(params, nil, nil, opaque_sids)
  return not form and messages.describe(wrong) or nil
end

local function url_of(call)
  local client = call.client
  local url = not call.has_options and client.purchase_url
  if not url then
    url = call:url(resources.owned_path(call.options.type))
    client.purchase_url = not call.has_options and url or client.purchase_url
  end
  return url
end

--- Refuses an area code with the option type: these resources only sell by phone number
--- (https://www.twilio.com/docs/errors/21457).
function purchase.check_type(call, phone_number)
  if call.options.type and not phone_number then
    local message = "area_code cannot be used with the option type: find a phone_number instead"
    return errors.invalid { { name = "area_code", message = message } }
  end
end

--- Checks whether a purchase may be sent.
---@return table? owned see purchase_policy.lua
---@return string? message
---@return twilio.numbers.Error? err
function purchase.check(call, form)
  local phone_number = form:value("phone_number")
  local _, message, err = purchase.check_type(call, phone_number)
  if not err and call.state.looks_first then
    _, message, err = ownership.check(call, phone_number)
  end
  if not err and call.policy then
    return purchase_policy.check(call, form, ownership.find)
  end
  return nil, message, err
end

--- Reads the number from the response, or the outcome if it does not describe the requested number.
---@return table? number
---@return string|table fit of the number ("whole" or "incomplete"), or the outcome
local function judge(call, form)
  local response, account_sid = call.response, call.options.account_sid
  local number, fit = response:bought(form, account_sid)
  if number and fit ~= "other" then
    return number, fit
  end
  local outcome = call:outcome(response, not number and fit or nil)
  if number then
    responses.stranger(call, outcome, number, call.state.phone_number or nil, account_sid)
  elseif outcome.purchased == "yes" then
    outcome.sid = response:sid()
    local named = outcome.sid and "; the response names " .. outcome.sid or ""
    outcome.reason = (outcome.reason or "") .. named
  end
  return nil, outcome
end

local function fail(call, outcome, doubt)
  local reasons = {}
  if outcome.reason and outcome.reason ~= "" then
    reasons[1] = outcome.reason
  end
  local purchased = call.state.purchased
  if purchased == "unknown" and outcome.purchased == "no" then
    reasons[#reasons + 1] = "an earlier attempt went unanswered"
  end
  if doubt then
    local why = doubt.reason ~= "" and doubt.reason or doubt.words or doubt.kind
    reasons[#reasons + 1] = "the lookup failed: " .. why
  end
  outcome.reason, outcome.purchased = table.concat(reasons, "; "), purchased
  outcome.other = nil
  return call:fail(outcome)
end

local function may_repeat(call, repeats, outcome, phone_number)
  local purchased = call.state.purchased
  if purchased == "yes" or (purchased == "unknown" and not phone_number) then
    return false
  end
  return call:may_repeat(repeats, outcome, phone_number ~= nil)
end

--- The end of a purchase whose response describes another number, which may be this call's purchase all the
--- same.
local function fail_with_other(call, outcome, doubt)
  outcome.sid, outcome.phone_number = outcome.other.sid, outcome.other.phone_number
  call.state.purchased = "yes"
  return fail(call, outcome, doubt)
end

--- Completes a purchase that returned a number. A number that the account owned before is not changed.
---@param fit "whole"|"incomplete" how it fits the form
local function complete(call, number, fit)
  local state, message, info = call.state, nil, nil
  state.number = number
  state.is_certain = bought.note(call, number.sid) and state.is_certain
  if state.is_new and ownership.was_owned(call, number) then
    state.is_certain, state.is_complete, state.is_attached = false, true, true
    return number, ownership.ADOPTED, { adopted = true }
  elseif fit == "incomplete" then
    number, message, info = reconcile.run(call, number)
  end
  state.is_complete = true
  if state.services then
    return state.services:attach(call, number, message, info)
  end
  return number, message, info
end

--- Prepares the response object, unless the call has sent nothing. The purchase counts as not sent until it
--- is sent.
local function prepare(call)
  if call.attempts > 0 then
    call.response:refuse("cancelled", "", true)
  end
  call.state.is_out = true
end

--- Sends the purchase once, or after an error that interrupted the call, reads the response that has arrived.
---@return table? number
---@return string|table fit of a number, or the outcome, see judge()
function purchase.send_once(call, form)
  if not call.state.is_out then
    prepare(call)
    call:send(call.response, "POST", url_of(call), form, call.state.phone_number ~= false)
  end
  return judge(call, form)
end

--- Sends the purchase, looks it up if it goes unanswered, and retries, until there is a number or an error.
local function buy(call, form)
  local state, repeats, sent = call.state, 0, 0
  local phone_number = state.phone_number or nil
  while true do
    local number, outcome = purchase.send_once(call, form)
    if state.found_none and call.response:is_sent() then
      sent = sent + 1
    end
    if number then
      state.is_certain = sent == 1 and number.phone_number == phone_number
      return complete(call, number, outcome)
    end
    state.purchased = worst(state.purchased, outcome.purchased)
    local doubt
    if state.purchased ~= "no" then
      call.client.scheduler:owe(call)
      if phone_number and not call.cancelled then
        number, doubt = lookup.owned(call, phone_number)
      end
    end
    if number then
      return complete(call, number, form:fit(number))
    elseif outcome.other and not call.cancelled and ownership.is_new_here(call, outcome.other) then
      return fail_with_other(call, outcome, doubt)
    elseif not may_repeat(call, repeats, outcome, phone_number) then
      return fail(call, outcome, doubt)
    end
    repeats, state.is_out = repeats + 1, false
  end
end

--- Ends the call's reservation of its number.
local function release(call, number, message, err)
  local state = call.state
  local scope = state.reserved
  if scope then
    local purchased = not number and err and err.purchased or "no"
    reservations.settle(call, state.phone_number, purchased, scope)
    state.reserved = false
  end
  return number, message, err
end

--- Reads the parameters, and reserves the number that they name, so that calls for any matching number skip
--- it.
---@return userdata? form
---@return table? problems
local function begin(call, params)
  local state = call.state
  local form, wrong = call:new_form(params, nil, state.spare_form)
  if not form then
    return nil, wrong
  end
  local phone_number = form:value("phone_number") or false
  state.form, state.phone_number = form, phone_number
  state.reserved = phone_number and reservations.take(call, phone_number, true)
  return form
end

--- Updates a number that the account owns, by its SID: if the number is gone, an update cannot buy it.
---@param settings table of the purchase
---@return table? number
---@return string? message
---@return twilio.numbers.Error? err
local function update(call, form, owned, settings)
  local number, message, err = owned, nil, nil
  if next(settings) ~= nil then
    number, message, err = owned_number.update.run(call, owned.sid, settings)
  end
  if not number then
    return nil, message, err
  end
  return complete(call, number, form:fit(number, call.options.account_sid))
end

--- Updates an owned number that the policy does not allow to be bought; buys it if it is gone.
---@param settings table of the purchase
local function update_or_buy(call, form, owned, settings)
  local number, message, err = update(call, form, owned, settings)
  if number or not responses.is_not_found(err) then
    return number, message, err
  end
  local still_owned, words, problem = purchase.check(call, form)
  if problem then
    return nil, words, problem
  elseif still_owned then
    return nil, message, err
  end
  return buy(call, form)
end

--- Applies the options and the policy before the first purchase is sent.
---@return table? owned see purchase_policy.lua
---@return string? message
---@return twilio.numbers.Error? err
local function prepare_purchase(call, form)
  local options, owned, message, err = call.options, nil, nil, nil
  if options.unless_owned then
    ownership.must_be_new(call, true)
  end
  if options.type or call.state.looks_first or call.policy then
    owned, message, err = purchase.check(call, form)
  end
  if not err and options.messaging_service_sid then
    local _
    _, message, err = services.begin(call)
  end
  return owned, message, err
end

--- Buys a number.
---@param call twilio.numbers.Call
---@param params table
---@return table? number
---@return string? message
---@return table? err
function purchase.run(call, params)
  local form, wrong = begin(call, params)
  if not form then
    return errors.invalid(messages.describe(wrong))
  elseif not call.has_options and not call.policy and not call.state.looks_first then
    return release(call, buy(call, form))
  end
  local settings = call.policy and purchase_policy.settings(params)
  local owned, message, err = prepare_purchase(call, form)
  if err then
    return release(call, nil, message, err)
  elseif owned then
    return release(call, update_or_buy(call, form, owned, settings))
  end
  return release(call, buy(call, form))
end

--- Sends the first request of a purchase in flight, see async/start.lua, unless a lookup must come first:
--- then run() sends it.
function purchase.send_first(call, params)
  local state, options = call.state, call.options
  local can_begin = call.client.transport.begin
  local looks_first = options.unless_owned or options.type or state.looks_first
  if not can_begin or looks_first or call.policy or options.messaging_service_sid then
    return nil
  end
  local form = begin(call, params)
  if not form then
    return nil
  end
  prepare(call)
  return call:send(call.response, "POST", url_of(call), form, state.phone_number ~= false, true)
end

--- Returns the number if the first response is all that was requested.
function purchase.take_first(call)
  local number, fit = judge(call, call.state.form)
  if number and fit == "whole" then
    return release(call, complete(call, number, fit))
  end
end

function purchase.go_on(call)
  return release(call, buy(call, call.state.form))
end

--- Whether a number was or may have been bought, which the caller must learn.
function purchase.may_have_bought(call)
  local state = call.state
  return state.number or state.purchased ~= "no" or (state.is_out and call.response:is_sent())
end

--- Ends a purchase with what is known, without waiting for more.
local function conclude(call, why)
  local state = call.state
  local number, purchased = state.number, state.purchased
  if not number and state.is_out then
    local response = call.response
    number = response:is_success() and response:number()
    local is_other = number and state.form:fit(number, call.options.account_sid) == "other"
    purchased = worst(purchased, is_other and "unknown" or (response:verdict(false)))
    number = not is_other and number or nil
  end
  if number then
    local message = not state.is_complete and UNSURE or nil
    if state.services and not state.is_attached then
      return state.services:unsure(call, number, message, why)
    end
    return number, message
  end
  call:cancel()
  if purchased ~= "no" then
    return errors.broken_off(call, purchased, compat.tostring(why))
  end
end

--- Ends a purchase that an error interrupted, from the state of the call and its response.
---@param may_go_on boolean memory was short for a moment, so the purchase continues
---@return table? number
---@return string? message
---@return table? err nil, like the number, if nothing was sent or bought
function purchase.recover(call, why, may_go_on)
  local state = call.state
  if not state.form then
    return nil
  elseif not may_go_on then
    return release(call, conclude(call, why))
  elseif call.waiting_on and not call.waiting_on.done then
    call:wait(call.waiting_on)
  end
  if state.number then
    return release(call, complete(call, state.number, state.form:fit(state.number)))
  elseif purchase.may_have_bought(call) then
    state.found_none = false -- nor is it certain that only this request was sent
    return release(call, buy(call, state.form))
  end
end

return purchase
