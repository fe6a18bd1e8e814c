--- Checks the filters of purchases that search for their numbers, and the parameters of these purchases.
local core = require("twilio.numbers.core")
local messages = require("twilio.numbers.config.messages")
local places = require("twilio.numbers.api.places")
local searches = require("twilio.numbers.api.searches")

local filters = {}

local NO_MESSAGES = "sms_enabled = false cannot be used with messaging_service_sid: a number without SMS"
  .. " cannot be in a Messaging Service"

--- A number for a Messaging Service must be able to send messages.
local function add_sms(filter, wrong)
  if filter.sms_enabled == nil then
    filter.sms_enabled = true
  elseif filter.sms_enabled == false then
    wrong[#wrong + 1] = { name = "sms_enabled", message = NO_MESSAGES }
  end
end

--- Copies a filter, so that the caller cannot change it, and checks its country and type.
local function read_filter(filter, options)
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
  places.check(copy.country, copy.type, copy, wrong)
  searches.check(copy, wrong)
  if options.messaging_service_sid then
    add_sms(copy, wrong)
  end
  return copy, wrong
end

--- The parameters of the purchase of a number: a copy, so that the caller can change neither them nor the
--- number after the check.
function filters.params_for(params, phone_number)
  local copy = {}
  for name, value in next, params do
    copy[name] = value
  end
  copy.phone_number = phone_number
  return copy
end

--- Checks the parameters of purchases that search for their numbers.
local function check_params(params, wrong, opaque_sids)
  if type(params) ~= "table" or getmetatable(params) ~= nil then
    wrong[#wrong + 1] = { name = "params", message = "params must be a plain table" }
    return
  end
  for _, name in ipairs { "phone_number", "area_code" } do
    if params[name] ~= nil then
      local message = name .. " is chosen by the filter: leave it out of the parameters"
      wrong[#wrong + 1] = { name = name, message = message }
      return
    end
  end
  local _, bad = core.form(filters.params_for(params, "+15005550006"), nil, opaque_sids)
  for _, problem in ipairs(bad and messages.describe(bad) or {}) do
    wrong[#wrong + 1] = problem
  end
end

--- Checks a filter, and the parameters of the purchases.
---@param call twilio.numbers.Call
---@return twilio.numbers.Search[]? list its searches; nil if it is not a plain table
---@return twilio.numbers.Problem[] wrong
function filters.read(filter, params, call)
  local copy, wrong = read_filter(filter, call.options)
  check_params(params, wrong, call.client.config.opaque_sids)
  return copy and searches.of(copy), wrong
end

return filters
