--- What a client can be asked about the law of a country: what it requires, and which bundles the account
--- has. Each function waits in the way of the host it is called in; see methods.lua, also for the twins.
local arguments = require("twilio.numbers.arguments")
local bundles = require("twilio.numbers.api.bundles")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local regulations = require("twilio.numbers.api.regulations")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

--- Begins the twin of an operation, see methods.lua.
local function in_flight(client, form, rows, operation, call_options, callback, extra, ...)
  local wrong
  call_options, callback, wrong = arguments.read(form, call_options, callback, extra)
  return start.in_flight(client, rows, call_options, callback, wrong, operation, ...)
end

--- What the law of a country asks for, for numbers of a type, by the type of the end user: `individual`,
--- `business`. One that is not there cannot have such a number, where the other is there; an empty table:
--- there is no regulation, or Twilio sells no such numbers there, see country().
--- GET https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations
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

--- Begins to read what the law asks for; see requirements().
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
  return in_flight(
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

--- The account's regulatory bundles: a list that is fetched as it is read.
--- GET https://numbers.twilio.com/v2/RegulatoryCompliance/Bundles
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles)
---@param filter? twilio.numbers.BundleFilter
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.List? list of twilio.numbers.Bundle
---@return string? message
---@return twilio.numbers.Error? err
function methods:bundles(filter, call_options)
  start.check(self, "bundles")
  local found, message, err = bundles.list(filter)
  if not found then
    return nil, message, err
  end
  return list.bind(found, function(operation, ...)
    return start.now(self, options.CALL, call_options, operation, ...)
  end)
end

--- Begins to read the whole of a list of bundles, for the callback, as an array.
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
  return in_flight(
    self,
    "bundles_async(filter, [options,] [callback])",
    options.CALL,
    list.collect,
    call_options,
    callback,
    extra,
    bundles.list(filter)
  )
end

return methods
