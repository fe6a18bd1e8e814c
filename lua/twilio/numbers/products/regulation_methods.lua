--- The client's functions for regulatory requirements, and for the bundles of the account. See methods.lua
--- for how they wait, and for the _async variants.
local bundles = require("twilio.numbers.api.bundles")
local check_purchase = require("twilio.numbers.api.check_purchase")
local list = require("twilio.numbers.api.list")
local number_types = require("twilio.numbers.config.number_types")
local options = require("twilio.numbers.config.options")
local regulations = require("twilio.numbers.api.regulations")
local resources = require("twilio.numbers.api.resources")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

--- Fetches the regulatory requirements for a type of number in a country, by the type of the end user:
--- `individual`, `business`. If only one of them is present, the other cannot have such a number. An empty
--- table means that there is no regulation, so no bundle is needed. It is an error if Twilio sells no such
--- numbers. GET https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/regulations)
---@param country string two letters, such as "GB"
---@param kind twilio.numbers.AvailableType
---@param call_options? twilio.numbers.CallOptions
---@return table<string, twilio.numbers.Requirements>? by_end_user
---@return string? message
---@return twilio.numbers.Error? err
function methods:requirements(country, kind, call_options)
  start.check(self, "requirements")
  return start.now(self, options.CALL, call_options, regulations.requirements, country, kind)
end

--- Starts to read the requirements; see requirements().
---@param country string two letters, such as "GB"
---@param kind twilio.numbers.AvailableType
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(by_end_user: table?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, country, kind, callback: function): twilio.numbers.Pending?
function methods:requirements_async(country, kind, call_options, callback, ...)
  start.check(self, "requirements_async")
  local extra = select("#", ...)
  return start.async(
    self,
    "requirements_async(country, type, [options,] [callback])",
    options.CALL,
    regulations.requirements,
    call_options,
    callback,
    extra,
    country,
    kind
  )
end

--- A copy of a filter with the type in Twilio's spelling.
local function with_wire_type(filter)
  local is_plain = type(filter) == "table" and getmetatable(filter) == nil
  if not is_plain or not number_types[filter.number_type] then
    return filter
  end
  local copy = {}
  for name, value in next, filter do
    copy[name] = value
  end
  copy.number_type = resources.wire_type(filter.number_type)
  return copy
end

local function list_of(filter)
  return list.new("bundles", with_wire_type(filter), {}, function()
    return bundles.PATH
  end)
end

--- Lists the account's regulatory bundles. Pages are fetched as the list is read.
--- GET https://numbers.twilio.com/v2/RegulatoryCompliance/Bundles
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles)
---@param filter? twilio.numbers.BundleFilter
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.List? list of twilio.numbers.Bundle
---@return string? message
---@return twilio.numbers.Error? err
function methods:bundles(filter, call_options)
  start.check(self, "bundles")
  return start.by_page(self, call_options, list_of(filter))
end

--- Starts to read a whole list of bundles. The callback receives an array.
---@param filter? twilio.numbers.BundleFilter
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(items: twilio.numbers.Bundle[]?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, filter, callback: function): twilio.numbers.Pending?
function methods:bundles_async(filter, call_options, callback, ...)
  start.check(self, "bundles_async")
  local extra = select("#", ...)
  return start.async(
    self,
    "bundles_async(filter, [options,] [callback])",
    options.CALL,
    list.collect,
    call_options,
    callback,
    extra,
    list_of(filter)
  )
end

--- Checks whether a number could be bought, without buying it: its bundle (exists, approved, not expired, for
--- this country and type), its address (exists, in the right country, in the bundle), the balance of a
--- prepaid account, and with `max_price` its price. err.problems lists all that is missing. A failed request
--- is a problem too; if it is the only one, the error has its kind. Twilio may still refuse the purchase.
---@param what twilio.numbers.AvailableNumber|{ country: string, type: twilio.numbers.AvailableType? }
---@param params? twilio.numbers.Settings of the purchase: bundle_sid, address_sid
---@param call_options? twilio.numbers.CheckOptions
---@return true? passed
---@return string? message
---@return twilio.numbers.Error|twilio.numbers.Check|nil err kind "policy"; beside true: warnings, if any
function methods:check_purchase(what, params, call_options)
  start.check(self, "check_purchase")
  return start.now(self, options.CHECK, call_options, check_purchase.check, what, params)
end

--- Starts to check a purchase; see check_purchase().
---@param what twilio.numbers.AvailableNumber|{ country: string, type: twilio.numbers.AvailableType? }
---@param params? twilio.numbers.Settings of the purchase: bundle_sid, address_sid
---@param call_options? twilio.numbers.CheckOptions
---@param callback? fun(passed: true?, message: string?, err: twilio.numbers.Error|twilio.numbers.Check|nil)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, what, params, callback: function): twilio.numbers.Pending?
function methods:check_purchase_async(what, params, call_options, callback, ...)
  start.check(self, "check_purchase_async")
  local extra = select("#", ...)
  return start.async(
    self,
    "check_purchase_async(what, params, [options,] [callback])",
    options.CHECK,
    check_purchase.check,
    call_options,
    callback,
    extra,
    what,
    params
  )
end

return methods
