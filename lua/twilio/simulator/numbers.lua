-- The IncomingPhoneNumber resource after the purchase: fetch, update, list, release. Pure.
-- Each function takes the store and a call (account, params, query, ...) and returns a response.

local dates = require("twilio.simulator.dates")
local errors = require("twilio.simulator.errors")
local json = require("twilio.simulator.json")
local pages = require("twilio.simulator.pages")
local parameters = require("twilio.simulator.parameters")

local numbers = {}

---"(415) 555-0100" for a North American number, the number itself elsewhere.
---@param phone_number string
---@return string
function numbers.friendly_name(phone_number)
  local area, exchange, line = phone_number:match("^%+1(%d%d%d)(%d%d%d)(%d%d%d%d)$")
  return area and ("(%s) %s-%s"):format(area, exchange, line) or phone_number
end

local function uri(account_sid, sid)
  return ("/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json"):format(account_sid, sid)
end

---The resource right after the purchase.
---@param store table
---@param account twilio.simulator.Account
---@param phone_number string
---@param row twilio.simulator.Row
---@return table
function numbers.new(store, account, phone_number, row)
  local number = parameters.defaults()
  number.account_sid = account.sid
  number.address_requirements = row.address_requirements or "none"
  number.beta = false
  number.capabilities = row.capabilities
  number.date_created = dates.rfc2822()
  number.date_updated = number.date_created
  number.emergency_address_status = "unregistered"
  number.friendly_name = numbers.friendly_name(phone_number)
  number.origin = "twilio"
  number.phone_number = phone_number
  number.sid = store:new_sid("PN")
  number.status = "in-use"
  number.type = row.type
  number.uri = uri(account.sid, number.sid)
  return number
end

---@param status integer
---@param number table
---@return twilio.simulator.Response
function numbers.answer(status, number)
  return json.response(status, json.encode(number))
end

-- An emergency address is registered at once. Unregistering takes a number of lookups, so that no spec
-- depends on a clock.
local function register(store, number, address_sid)
  if address_sid ~= "" then
    number.emergency_address_status = "registered"
    store.unregistering[number.sid] = nil
  elseif number.emergency_address_status == "registered" then
    number.emergency_address_status = "pending-unregistration"
    store.unregistering[number.sid] = store.unregister_after
  end
end

-- Counts a lookup of a number. After the last one that shows it as pending, it is unregistered.
local function looked_up(store, number)
  local left = store.unregistering[number.sid]
  if left == 0 then
    number.emergency_address_status = "unregistered"
    store.unregistering[number.sid] = nil
  elseif left then
    store.unregistering[number.sid] = left - 1
  end
  return number
end

---Applies parameters to a number, or returns a refusal and changes nothing.
---@param store table
---@param number table
---@param params table<string, string>
---@return twilio.simulator.Response? refusal
function numbers.change(store, number, params)
  local after = setmetatable({}, { __index = number })
  parameters.apply(after, params)
  local refusal = parameters.fallback_refusal(after)
  if refusal then
    return refusal
  end
  for field, value in pairs(after) do
    number[field] = value
  end
  if params.FriendlyName == "" or number.friendly_name == json.null then
    number.friendly_name = numbers.friendly_name(number.phone_number)
  end
  if params.EmergencyAddressSid then
    register(store, number, params.EmergencyAddressSid)
  end
  number.date_updated = dates.rfc2822()
end

local function find(store, call)
  local number = store.by_sid[call.sid]
  if number and number.account_sid == call.account.sid then
    return number
  end
  return nil, errors.not_found(call.path)
end

---`GET IncomingPhoneNumbers/{Sid}`
function numbers.fetch(store, call)
  local number, missing = find(store, call)
  return missing or numbers.answer(200, looked_up(store, number))
end

-- Transfers a number to another account of the same parent.
local function transfer(store, number, account, to_sid)
  local to = store.accounts[to_sid]
  local family = to
    and (to.sid == account.sid or to.parent == account.sid or account.parent == to.sid)
  if not family or to.status ~= "active" then
    return errors.response(20422, "AccountSid is not an account the number can be moved to")
  end
  store:disown(number)
  number.account_sid = to.sid
  number.uri = uri(to.sid, number.sid)
  store:own(number)
end

---`POST IncomingPhoneNumbers/{Sid}`
function numbers.update(store, call)
  local number, refusal = find(store, call)
  refusal = refusal
    or parameters.refusal(call.params, store.profile.has_uuids)
    or numbers.change(store, number, call.params)
  local to = call.params.AccountSid or ""
  if not refusal and to ~= "" then
    refusal = transfer(store, number, call.account, to)
  end
  if refusal then
    return refusal
  end
  store.counts.updates = store.counts.updates + 1
  return numbers.answer(200, number)
end

---`DELETE IncomingPhoneNumbers/{Sid}`
function numbers.release(store, call)
  local number, missing = find(store, call)
  if missing then
    return missing
  elseif number.emergency_address_status ~= "unregistered" then
    -- Twilio's code and message are not documented
    return errors.response(20001, "The emergency address must be unregistered first")
  end
  store:disown(number)
  store.inventory:withdraw(number.phone_number)
  store.counts.releases = store.counts.releases + 1
  return { status = 204, headers = {}, body = "" }
end

-- Twilio's filter matches any part of a number; `*` matches any digit.
local function number_pattern(text)
  return (text:gsub("[^%d*+]", ""):gsub("%+", "%%+"):gsub("%*", "%%d"))
end

---`GET IncomingPhoneNumbers`
function numbers.list(store, call)
  local query, found = call.query, {}
  local pattern = query.PhoneNumber and number_pattern(query.PhoneNumber) or ""
  local owned = call.lists and call.lists[call.account.sid] or call.account.numbers
  for _, number in ipairs(owned) do
    if
      number.phone_number:find(pattern)
      and (not query.FriendlyName or number.friendly_name == query.FriendlyName)
      and (not call.type or number.type == call.type)
      and (not query.Origin or number.origin == query.Origin)
      and (call.lists or not store:is_unlisted(number))
    then
      found[#found + 1] = call.lists and number or looked_up(store, number)
    end
  end
  return pages.response(call, "incoming_phone_numbers", found)
end

return numbers
