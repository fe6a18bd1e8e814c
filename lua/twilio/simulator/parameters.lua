-- The parameters of a phone number, and Twilio's refusals of invalid ones, one row each. Pure.
-- Used by purchase.lua, and by numbers.lua for updates.

local json = require("twilio.simulator.json")
local errors = require("twilio.simulator.errors")

local parameters = {}

local function sid(prefix)
  local pattern = "^" .. prefix .. ("[0-9a-fA-F]"):rep(32) .. "$"
  return function(value, has_uuids)
    return value:match(has_uuids and "^%x+%-%x+%-%x+%-%x+%-%x+$" or pattern) ~= nil
  end
end

local function one_of(...)
  local allowed = {}
  for _, value in ipairs { ... } do
    allowed[value] = true
  end
  return function(value)
    return allowed[value] == true
  end
end

local function is_url(value)
  return value:match("^[hH][tT][tT][pP][sS]?://[^%s/]+%S*$") ~= nil
end

local function is_short(value)
  local _, continuation_bytes = value:gsub("[\128-\191]", "")
  return #value - continuation_bytes <= 64
end

local is_method = one_of("GET", "POST", "get", "post")
local is_boolean = one_of("true", "false", "True", "False", "1", "0")

-- { name, field, check, code if the check fails, default }
local rows = {
  { "ApiVersion", "api_version", one_of("2010-04-01", "2008-08-01"), 20422, "2010-04-01" },
  { "FriendlyName", "friendly_name", is_short, 20422 },
  { "SmsApplicationSid", "sms_application_sid", sid("AP"), 20422 },
  { "SmsFallbackMethod", "sms_fallback_method", is_method, 21403, "POST" },
  { "SmsFallbackUrl", "sms_fallback_url", is_url, 21402 },
  { "SmsMethod", "sms_method", is_method, 21403, "POST" },
  { "SmsUrl", "sms_url", is_url, 21402 },
  { "StatusCallback", "status_callback", is_url, 21402 },
  { "StatusCallbackMethod", "status_callback_method", is_method, 21403, "POST" },
  { "VoiceApplicationSid", "voice_application_sid", sid("AP"), 20422 },
  { "VoiceCallerIdLookup", "voice_caller_id_lookup", is_boolean, 20422, false },
  { "VoiceFallbackMethod", "voice_fallback_method", is_method, 21403, "POST" },
  { "VoiceFallbackUrl", "voice_fallback_url", is_url, 21402 },
  { "VoiceMethod", "voice_method", is_method, 21403, "POST" },
  { "VoiceUrl", "voice_url", is_url, 21402 },
  { "EmergencyStatus", "emergency_status", one_of("Active", "Inactive"), 20422, "Inactive" },
  { "EmergencyAddressSid", "emergency_address_sid", sid("AD"), 20422 },
  { "TrunkSid", "trunk_sid", sid("TK"), 20422 },
  { "VoiceReceiveMode", "voice_receive_mode", one_of("voice", "fax"), 20422, "voice" },
  { "IdentitySid", "identity_sid", sid("RI"), 20422 },
  { "AddressSid", "address_sid", sid("AD"), 20422 },
  { "BundleSid", "bundle_sid", sid("BU"), 20422 },
}

local is_true = one_of("true", "True", "1")

-- Adds a slash to a URL without a path, before its query.
local function with_path(url)
  local origin, rest = url:match("^(%a+://[^/?#]+)(.*)$")
  return rest:sub(1, 1) == "/" and url or origin .. "/" .. rest
end

local function convert(row, value)
  local field, check = row[2], row[3]
  if field == "voice_caller_id_lookup" then
    return is_true(value)
  elseif check == is_method then
    return value:upper()
  elseif check == is_url then
    return with_path(value)
  end
  return value
end

---Twilio's refusal of the first invalid parameter.
---@param params table<string, string>
---@param has_uuids boolean? identifiers are UUIDs
---@return twilio.simulator.Response?
function parameters.refusal(params, has_uuids)
  for _, row in ipairs(rows) do
    local name, check, code = row[1], row[3], row[4]
    local value = params[name]
    if value and value ~= "" and not check(value, has_uuids) then
      return errors.response(code, ("%s is not valid: %s"):format(name, value))
    end
  end
end

---Twilio's refusal of a fallback URL without its main URL.
---@param number table the resulting resource
---@return twilio.simulator.Response?
function parameters.fallback_refusal(number)
  for _, row in ipairs { { "voice", 21405 }, { "sms", 21406 } } do
    local kind, code = row[1], row[2]
    local has_fallback = number[kind .. "_fallback_url"] ~= json.null
    local has_url = number[kind .. "_url"] ~= json.null
    if has_fallback and not has_url then
      return errors.response(code)
    end
  end
end

-- An application clears the URLs of its kind, even those in the same request; a URL clears the application.
local function settle_handlers(number, params)
  for kind, name in pairs { voice = "Voice", sms = "Sms" } do
    if (params[name .. "ApplicationSid"] or "") ~= "" then
      number[kind .. "_url"], number[kind .. "_fallback_url"] = json.null, json.null
    elseif (params[name .. "Url"] or "") ~= "" then
      number[kind .. "_application_sid"] = json.null
    end
  end
end

---Applies the parameters to a resource; an empty one clears its field.
---@param number table
---@param params table<string, string>
function parameters.apply(number, params)
  for _, row in ipairs(rows) do
    local name, field = row[1], row[2]
    local value = params[name]
    if value == "" then
      number[field] = row[5] == nil and json.null or row[5]
    elseif value then
      number[field] = convert(row, value)
    end
  end
  settle_handlers(number, params)
  local trunk, application = params.TrunkSid or "", params.VoiceApplicationSid or ""
  if trunk ~= "" then
    number.voice_application_sid = json.null
  elseif application ~= "" then
    number.trunk_sid = json.null
  end
end

---The fields of a number without settings.
---@return table
function parameters.defaults()
  local number = {}
  for _, row in ipairs(rows) do
    number[row[2]] = row[5] == nil and json.null or row[5]
  end
  return number
end

return parameters
