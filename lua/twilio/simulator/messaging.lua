-- messaging.twilio.com: Messaging Services, and the numbers in them. Pure.
-- Each function takes the store and a call (account, params, query, ...) and returns a response.

local errors = require("twilio.simulator.errors")
local json = require("twilio.simulator.json")
local pages = require("twilio.simulator.pages")
local services = require("twilio.simulator.services")

local messaging = {}

local BASE = "https://messaging.twilio.com/v1/Services/"

-- link -> its path after the service's URL
local links = {
  phone_numbers = "PhoneNumbers",
  short_codes = "ShortCodes",
  alpha_senders = "AlphaSenders",
  messages = "Messages",
  us_app_to_person = "Compliance/Usa2p",
  us_app_to_person_usecases = "Compliance/Usa2p/Usecases",
  channel_senders = "ChannelSenders",
  destination_alpha_senders = "DestinationAlphaSenders",
}

-- Settings that all services share.
local settings = {
  area_code_geomatch = true,
  fallback_method = "POST",
  fallback_to_long_code = true,
  fallback_url = json.null,
  inbound_method = "POST",
  inbound_request_url = "https://www.example.com/",
  mms_converter = true,
  scan_message_content = "inherit",
  smart_encoding = true,
  status_callback = json.null,
  sticky_sender = true,
  synchronous_validation = false,
  validity_period = 14400, -- seconds
}

local function describe_service(service)
  local url = BASE .. service.sid
  local resource = {
    sid = service.sid,
    account_sid = service.account_sid,
    friendly_name = service.friendly_name,
    date_created = service.date_created,
    date_updated = service.date_created,
    us_app_to_person_registered = service.us_app_to_person_registered,
    use_inbound_webhook_on_number = service.use_inbound_webhook_on_number,
    usecase = service.usecase,
    url = url,
    links = {},
  }
  for name, value in pairs(settings) do
    resource[name] = value
  end
  for name, rest in pairs(links) do
    resource.links[name] = url .. "/" .. rest
  end
  return resource
end

local capability_names = { { "mms", "MMS" }, { "sms", "SMS" }, { "voice", "Voice" } }

local function capabilities_of(number)
  local names = {}
  for _, row in ipairs(capability_names) do
    names[#names + 1] = number.capabilities[row[1]] and row[2] or nil
  end
  return #names == 0 and json.empty_list or names
end

local function country_of(store, number)
  local row = store.inventory:find(number.phone_number)
  return row and row.country or "US" -- Twilio's magic number is in no row
end

local function describe_member(store, service, member)
  local number = store.by_sid[member.sid]
  return {
    sid = member.sid,
    account_sid = service.account_sid,
    service_sid = service.sid,
    date_created = member.date_created,
    date_updated = member.date_created,
    phone_number = number.phone_number,
    country_code = country_of(store, number),
    capabilities = capabilities_of(number),
    url = ("%s%s/PhoneNumbers/%s"):format(BASE, service.sid, member.sid),
  }
end

-- The service of a path, or Twilio's refusal, also for a service of another account.
local function service_of(store, call)
  local service = store.services.all:find(call.service_sid, call.account.sid)
  return service, not service and errors.not_found(call.path) or nil
end

---`GET /v1/Services`
function messaging.services(store, call)
  local list = {}
  for index, service in ipairs(store.services.all:of_account(call.account.sid)) do
    list[index] = describe_service(service)
  end
  return pages.with_meta(call, "services", list)
end

---`GET /v1/Services/{ServiceSid}`
function messaging.service(store, call)
  local service, missing = service_of(store, call)
  return missing or json.response(200, json.encode(describe_service(service)))
end

---`GET /v1/Services/{ServiceSid}/PhoneNumbers`
function messaging.numbers(store, call)
  local service, missing = service_of(store, call)
  if missing then
    return missing
  end
  local list = {}
  for index, member in ipairs(service.members) do
    list[index] = describe_member(store, service, member)
  end
  return pages.with_meta(call, "phone_numbers", list)
end

-- Why a number cannot be added to a service.
local function refusal_of(store, call, service, number)
  if not number or number.account_sid ~= call.account.sid then
    return errors.response(21421, "PhoneNumberSid is not a phone number of this account")
  end
  local other = store.services.of_number[number.sid]
  if other then
    return errors.response(other == service and 21710 or 21712)
  elseif not (number.capabilities.sms or number.capabilities.mms) then
    return errors.response(21715)
  elseif #service.members >= service.limit then
    return errors.response(21714)
  end
end

---`POST /v1/Services/{ServiceSid}/PhoneNumbers`
function messaging.attach(store, call)
  local service, refusal = service_of(store, call)
  local number = store.by_sid[call.params.PhoneNumberSid or ""]
  refusal = refusal or refusal_of(store, call, service, number)
  if refusal then
    return refusal
  end
  local member = store.services:put(service, number.sid)
  return json.response(service.created, json.encode(describe_member(store, service, member)))
end

-- The service of a path and its number, or Twilio's refusal.
local function member_of(store, call)
  local service, missing = service_of(store, call)
  local member = service and services.member(service, call.sid)
  if member then
    return service, member
  end
  return nil, nil, missing or errors.not_found(call.path)
end

---`GET /v1/Services/{ServiceSid}/PhoneNumbers/{Sid}`
function messaging.number(store, call)
  local service, member, missing = member_of(store, call)
  return missing or json.response(200, json.encode(describe_member(store, service, member)))
end

---`DELETE /v1/Services/{ServiceSid}/PhoneNumbers/{Sid}`
function messaging.detach(store, call)
  local _, member, missing = member_of(store, call)
  if missing then
    return missing
  end
  store.services:take_out(member.sid)
  return { status = 204, headers = {}, body = "" }
end

return messaging
