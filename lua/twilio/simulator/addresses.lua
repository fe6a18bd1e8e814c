-- The Address resource under /2010-04-01: the name and address of a number's user. Pure.
-- Each function takes the store and a call (account, params, query, ...) and returns a response.

local address_check = require("twilio.simulator.address_check")
local dates = require("twilio.simulator.dates")
local errors = require("twilio.simulator.errors")
local json = require("twilio.simulator.json")
local pages = require("twilio.simulator.pages")

local addresses = {}

local MOST_FRIENDLY, MOST_EMERGENCY = 64, 32 -- characters of a friendly name

local is_boolean = { ["true"] = true, ["false"] = false, ["True"] = true, ["False"] = false }

-- { parameter, field, required }
local rows = {
  { "CustomerName", "customer_name", true },
  { "Street", "street", true },
  { "StreetSecondary", "street_secondary" },
  { "City", "city", true },
  { "Region", "region", true },
  { "PostalCode", "postal_code", true },
  { "FriendlyName", "friendly_name" },
}

local function length(text)
  local _, continuation_bytes = text:gsub("[\128-\191]", "")
  return #text - continuation_bytes
end

-- Checks each parameter. `address` is the one to change; nil for a new one.
local function problem_of(params, address)
  for _, row in ipairs(rows) do
    local name, is_required = row[1], row[3]
    local value = params[name]
    if is_required and (value == "" or not value and not address) then
      return name .. " is required"
    end
  end
  for _, name in ipairs { "EmergencyEnabled", "AutoCorrectAddress" } do
    if (params[name] or "") ~= "" and is_boolean[params[name]] == nil then
      return name .. " must be true or false"
    end
  end
  if not address and not (params.IsoCountry or ""):match("^%u%u$") then
    return "IsoCountry must be an ISO country code"
  end
end

-- The address with the parameters applied.
local function changed(params, address)
  local after = {}
  for name, value in pairs(address) do
    after[name] = value
  end
  for _, row in ipairs(rows) do
    local value = params[row[1]]
    if value then
      after[row[2]] = value ~= "" and value or json.null
    end
  end
  if (params.EmergencyEnabled or "") ~= "" then
    after.emergency_enabled = is_boolean[params.EmergencyEnabled]
  end
  after.iso_country = address.iso_country or params.IsoCountry
  after.date_updated = dates.rfc2822()
  return after
end

local function suggestion(address, differences)
  local suggested = {}
  for _, name in ipairs { "street", "city", "region", "postal_code", "iso_country" } do
    suggested[name] = differences[name] or address[name]
  end
  return { suggested_address = suggested }
end

-- Validates an address and corrects its spelling; or returns the refusal.
local function validate(params, address)
  local differences = address_check.differences(address)
  if not differences then
    return errors.response(21628)
  elseif next(differences) and is_boolean[params.AutoCorrectAddress] == false then
    return errors.response(21629, nil, nil, suggestion(address, differences))
  end
  for name, text in pairs(differences) do
    address[name] = text
  end
  address.validated = address_check.is_made(address.iso_country)
end

local function name_refusal(address)
  local most = address.emergency_enabled and MOST_EMERGENCY or MOST_FRIENDLY
  if address.friendly_name ~= json.null and length(address.friendly_name) > most then
    return errors.response(21238, ("FriendlyName has more than %d characters"):format(most))
  end
end

-- The resulting address, or the refusal.
local function settle(call, address, before)
  local problem = problem_of(call.params, before)
  if problem then
    return nil, errors.response(21238, problem)
  end
  local after = changed(call.params, address)
  local refusal = name_refusal(after) or validate(call.params, after)
  return not refusal and after or nil, refusal
end

local function answer(status, address)
  return json.response(status, json.encode(address))
end

---A new address of an account, without fields.
---@param account_sid string
---@param sid string
---@return table
function addresses.new(account_sid, sid)
  return {
    sid = sid,
    account_sid = account_sid,
    friendly_name = json.null,
    street_secondary = json.null,
    emergency_enabled = false,
    validated = false,
    verified = false,
    date_created = dates.rfc2822(),
    uri = ("/2010-04-01/Accounts/%s/Addresses/%s.json"):format(account_sid, sid),
  }
end

---`POST Addresses`
function addresses.create(store, call)
  local new = addresses.new(call.account.sid, store:new_sid("AD"))
  local address, refusal = settle(call, new)
  if refusal then
    return refusal
  end
  store.addresses:add(address)
  store:lag_behind(address)
  return answer(201, address)
end

local function find(store, call)
  local address = store.addresses:find(call.sid, call.account.sid)
  return address, not address and errors.not_found(call.path) or nil
end

---`GET Addresses/{Sid}`
function addresses.fetch(store, call)
  local address, missing = find(store, call)
  return missing or answer(200, address)
end

-- Finds an address that may be changed, or returns the refusal.
local function find_mutable(store, call)
  local address, refusal = find(store, call)
  if address and address.verified then
    refusal = errors.response(21630)
  end
  return address, refusal
end

---`POST Addresses/{Sid}`
function addresses.update(store, call)
  local address, refusal = find_mutable(store, call)
  local after
  if not refusal then
    after, refusal = settle(call, address, address)
  end
  if refusal then
    return refusal
  end
  for name, value in pairs(after) do
    address[name] = value
  end
  return answer(200, address)
end

---`DELETE Addresses/{Sid}`
function addresses.delete(store, call)
  local address, refusal = find_mutable(store, call)
  if refusal then
    return refusal
  end
  store.addresses:remove(address)
  return { status = 204, headers = {}, body = "" }
end

local filters =
  { CustomerName = "customer_name", FriendlyName = "friendly_name", IsoCountry = "iso_country" }

local function matches(address, query)
  for name, field in pairs(filters) do
    if (query[name] or "") ~= "" and address[field] ~= query[name] then
      return false
    end
  end
  local is_emergency = is_boolean[query.EmergencyEnabled]
  return is_emergency == nil or address.emergency_enabled == is_emergency
end

---`GET Addresses`
function addresses.list(store, call)
  local found = {}
  for _, address in ipairs(store.addresses:of_account(call.account.sid)) do
    if matches(address, call.query) and not store:is_unlisted(address) then
      found[#found + 1] = address
    end
  end
  return pages.response(call, "addresses", found)
end

-- The fields of a dependent number, which are fewer than those of a number.
local dependent_fields = {
  "account_sid",
  "address_requirements",
  "api_version",
  "date_created",
  "date_updated",
  "emergency_address_sid",
  "emergency_status",
  "friendly_name",
  "phone_number",
  "sid",
  "sms_application_sid",
  "sms_fallback_method",
  "sms_fallback_url",
  "sms_method",
  "sms_url",
  "status_callback",
  "status_callback_method",
  "trunk_sid",
  "uri",
  "voice_application_sid",
  "voice_caller_id_lookup",
  "voice_fallback_method",
  "voice_fallback_url",
  "voice_method",
  "voice_url",
}

local function describe_dependent(number)
  local can = number.capabilities
  local resource = { capabilities = { Voice = can.voice, SMS = can.sms, MMS = can.mms } }
  for _, name in ipairs(dependent_fields) do
    resource[name] = number[name]
  end
  return resource
end

---`GET Addresses/{AddressSid}/DependentPhoneNumbers`
function addresses.dependents(store, call)
  local address, missing = find(store, call)
  if missing then
    return missing
  end
  local found = {}
  for _, number in ipairs(call.account.numbers) do
    if number.address_sid == address.sid then
      found[#found + 1] = describe_dependent(number)
    end
  end
  return pages.response(call, "dependent_phone_numbers", found)
end

return addresses
