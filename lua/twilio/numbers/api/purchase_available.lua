--- Buying any number that fits: search, then buy by phone number; when a number has gone, the next one.
---
--- Every purchase in it is by phone number, and so it can be looked up and sent again where one by area
--- code could not.
local candidates = require("twilio.numbers.api.candidates")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local fit = require("twilio.numbers.api.fit")
local resources = require("twilio.numbers.api.resources")
local messages = require("twilio.numbers.config.messages")
local purchase = require("twilio.numbers.api.purchase")

local purchase_available = {}

local CANDIDATES = 10 -- how many are tried where nobody says more

--- Twilio's refusals of one number that may not be those of the next (FACTS: https://www.twilio.com/docs/
--- api/errors): invalid, not available, address or bundle or identity missing or unfit, another type.
local UNFIT = {
  [21421] = true,
  [21422] = true,
  [21458] = true,
  [21613] = true,
  [21615] = true,
  [21631] = true,
  [21649] = true,
  [21650] = true,
  [21651] = true,
}

--- What is for sale no more.
local GONE = { [21421] = true, [21422] = true }

local OWNED = "owned already"

--- Refusals of every number: a trial account's one number, a suspended account, credentials that are wrong,
--- revoked or restricted.
local ACCOUNT = {
  [20003] = true,
  [20005] = true,
  [20403] = true,
  [21404] = true,
  [70051] = true,
}

--- The same for all numbers of a type.
local NO_LONG_CODES = 22300

--- Fields of a filter that Twilio ignores elsewhere: https://www.twilio.com/docs/phone-numbers/api/
--- availablephonenumberlocal-resource
local NORTH_AMERICAN = {
  "area_code",
  "distance",
  "in_lata",
  "in_postal_code",
  "in_rate_center",
  "in_region",
  "near_lat_long",
  "near_number",
}

local NORTH_AMERICA = { US = true, CA = true }

--- Checks that a filter has no field that means nothing in a country.
local function check_fields(country, filter, wrong)
  local is_table = type(filter) == "table" and getmetatable(filter) == nil
  for _, name in ipairs(is_table and not NORTH_AMERICA[country] and NORTH_AMERICAN or {}) do
    if filter[name] ~= nil then
      local message = name
        .. " works in the United States and Canada alone, and Twilio ignores it for "
        .. country
        .. ": leave it out"
      wrong[#wrong + 1] = { name = name, message = message }
    end
  end
end

--- What people write for a country, which Twilio answers as if it sold nothing there.
local COUNTRY_MEANT = { UK = "GB", EL = "GR" }

--- Checks where to search, and whether the filter means something there.
---@param wrong twilio.numbers.Problem[] gets what is wrong
function purchase_available.check_place(country, kind, filter, wrong)
  if type(country) ~= "string" or not country:match("^%u%u$") then
    local message = "country must be two capital letters such as US (ISO 3166-1), got "
    wrong[#wrong + 1] = { name = "country", message = message .. messages.show(country) }
  elseif COUNTRY_MEANT[country] then
    local message = ('country "%s" is "%s" in ISO 3166-1'):format(country, COUNTRY_MEANT[country])
    wrong[#wrong + 1] = { name = "country", message = message }
  else
    check_fields(country, filter, wrong)
  end
  if not resources.TYPES[kind] then
    local message = 'type must be such as "local", "mobile" or "toll_free", got '
    wrong[#wrong + 1] = { name = "type", message = message .. messages.show(kind) }
  end
end

--- A copy of a filter, which the caller cannot change, and what is wrong with where it searches.
local function read_filter(filter)
  local wrong = {}
  if type(filter) ~= "table" or getmetatable(filter) ~= nil then
    return nil, { { name = "filter", message = "filter must be a plain table" } }
  end
  local copy = {}
  for name, value in next, filter do
    copy[name] = value
  end
  if copy.type == nil then
    copy.type = "local"
  end
  purchase_available.check_place(copy.country, copy.type, copy, wrong)
  return copy, wrong
end

--- The parameters of a purchase of that number: a copy, which the caller cannot change.
local function params_for(params, phone_number)
  local copy = { phone_number = phone_number }
  for name, value in next, params do
    copy[name] = value
  end
  return copy
end

--- What is wrong with the parameters of a purchase that is to find its number itself.
local function check_params(params, wrong)
  if type(params) ~= "table" or getmetatable(params) ~= nil then
    wrong[#wrong + 1] = { name = "params", message = "params must be a plain table" }
    return
  end
  for _, name in ipairs { "phone_number", "area_code" } do
    if params[name] ~= nil then
      local message = name .. " is found by the filter: leave it out of the parameters"
      wrong[#wrong + 1] = { name = name, message = message }
      return
    end
  end
  local _, bad = core.form(params_for(params, "+15005550006"))
  for _, problem in ipairs(bad and messages.describe(bad) or {}) do
    wrong[#wrong + 1] = problem
  end
end

--- Checks a filter and the parameters, and prepares the candidates.
---@return twilio.numbers.Candidates?
---@return string? message
---@return twilio.numbers.Error? err
function purchase_available.candidates(call, filter, params)
  local copy, wrong = read_filter(filter)
  check_params(params, wrong)
  if not copy then
    return errors.invalid(wrong)
  end
  return candidates.new(call, copy, params, wrong)
end

--- What would be sent, without secrets.
local function describe(call, candidate, params)
  return {
    candidate = candidate,
    method = "POST",
    url = call:url(resources.owned_path()),
    body = core.form(params_for(params, candidate.phone_number)),
  }
end

local function none_left(call, found, tried, last_error)
  local reasons = { found:reasons() }
  reasons[1] = reasons[1] ~= "" and reasons[1] or nil
  if last_error then
    reasons[#reasons + 1] = "the last: " .. last_error.message
  end
  return call:fail {
    kind = "api",
    words = tried == 0 and "no number matches the filter"
      or ("none of %d numbers could be bought"):format(tried),
    purchased = "no",
    reason = table.concat(reasons, "; "),
    code = last_error and last_error.code,
  }
end

--- Whether a refusal is one of that number alone.
function purchase_available.is_unfit(err)
  return err.purchased == "no" and UNFIT[err.code] == true
end

--- Notes that a number was refused.
---@param found twilio.numbers.Candidates
function purchase_available.note_refusal(found, phone_number, err)
  if purchase.is_owned(err) then
    found:gone(phone_number, OWNED)
  elseif GONE[err.code] then
    found:gone(phone_number)
  end
end

--- Whether every other number would be refused too.
---@param is_one_type boolean
function purchase_available.is_final(err, is_one_type)
  local is_refused = err.purchased == "no" and err.status ~= nil
  return is_refused and (ACCOUNT[err.code] or (is_one_type and err.code == NO_LONG_CODES)) == true
end

--- Reports what a number that was bought contradicts of its filter: it stays.
---@param filter table
---@param number table
---@param message string?
---@param info twilio.numbers.Info?
---@return table number
---@return string? message
---@return twilio.numbers.Info? info
function purchase_available.compare(filter, number, message, info)
  local differences = fit.differences(filter, number)
  if #differences == 0 then
    return number, message, info
  end
  local names = {}
  for i, difference in ipairs(differences) do
    names[i] = difference.name
  end
  local words = "the number was bought, but it contradicts the filter's "
    .. table.concat(names, ", ")
  info = info or {}
  info.incomplete = info.incomplete or { differences = {} }
  local all = info.incomplete.differences
  for _, difference in ipairs(differences) do
    all[#all + 1] = difference
  end
  return number, message and message .. "; " .. words or words, info
end

--- Buys a candidate.
local function try(call, candidate, params)
  local phone_number = candidate.phone_number
  call.purchased, call.out, call.answer = "no", false, false
  call.waits_for, call.phone_number = false, phone_number
  local number, message, err = purchase.run(call, params_for(params, phone_number))
  if number then
    return number, message, err
  end
  err.phone_number = phone_number
  return nil, message, err
end

--- What would be sent for a candidate, if it would be: the account may own it already.
local function plan(call, candidate, params)
  local _, message, err = purchase.check(call, params_for(params, candidate.phone_number))
  if err then
    return nil, message, err
  end
  return describe(call, candidate, params)
end

--- An operation, see run.lua: finds a number and buys it.
purchase_available.purchase = {
  buys = true,
  again = purchase.again,
  conclude = purchase.conclude,
  run = function(call, filter, params)
    params = params == nil and {} or params
    local found, message, err = purchase_available.candidates(call, filter, params)
    if not found then
      return nil, message, err
    end
    purchase.must_be_new(call, call.options.unless_owned)
    local attempt = call.options.dry_run and plan or try
    local tried, last_error = 0, nil
    while tried < (call.options.candidates or CANDIDATES) do
      local candidate, why, problem = found:find()
      if problem then
        return nil, why, problem
      elseif not candidate then
        break
      end
      local number
      number, message, err = attempt(call, candidate, params)
      if number and attempt == try then
        return purchase_available.compare(found.filter, number, message, err)
      elseif number then
        return number
      end
      purchase_available.note_refusal(found, candidate.phone_number, err)
      if purchase_available.is_unfit(err) then
        tried, last_error = tried + 1, err
      elseif not purchase.is_owned(err) then
        return nil, message, err
      end
    end
    return none_left(call, found, tried, last_error)
  end,
}

return purchase_available
