--- What a client can be asked about what Twilio sells. Each function waits in the way of the host it is
--- called in; its twin with _async returns at once a pending, and the callback gets what the function
--- returns.
local arguments = require("twilio.numbers.arguments")
local countries = require("twilio.numbers.api.countries")
local places = require("twilio.numbers.api.places")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

--- Begins the twin of an operation, see methods.lua.
local function in_flight(client, form, operation, call_options, callback, extra, ...)
  local wrong
  call_options, callback, wrong = arguments.read(form, call_options, callback, extra)
  return start.in_flight(client, options.CALL, call_options, callback, wrong, operation, ...)
end

--- The countries in which Twilio sells numbers, and of which types.
--- GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers.json
--- (https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource)
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Country[]? countries
---@return string? message
---@return twilio.numbers.Error? err
function methods:countries(call_options)
  start.check(self, "countries")
  return start.now(self, options.CALL, call_options, countries.all)
end

--- Begins to read the countries; see countries().
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(countries: twilio.numbers.Country[]?, why: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, callback: function): twilio.numbers.Pending?
function methods:countries_async(call_options, callback, ...)
  start.check(self, "countries_async")
  local extra = select("#", ...)
  local form = "countries_async([options,] [callback])"
  return in_flight(self, form, countries.all, call_options, callback, extra)
end

--- What is wrong with a country code.
---@return twilio.numbers.Problem[]
local function problems_of(code)
  local wrong = {}
  places.check_country(code, wrong)
  return wrong
end

--- One country, and which types of numbers Twilio sells there. An error with status 404: none.
--- GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}.json
---@param code string two letters, such as "US"
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Country? country
---@return string? message
---@return twilio.numbers.Error? err
function methods:country(code, call_options)
  start.check(self, "country")
  return start.now(self, options.CALL, call_options, countries.one, code, problems_of(code))
end

--- Begins to read one country; see country().
---@param code string two letters, such as "US"
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(country: twilio.numbers.Country?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, code, callback: function): twilio.numbers.Pending?
function methods:country_async(code, call_options, callback, ...)
  start.check(self, "country_async")
  local extra = select("#", ...)
  local form = "country_async(code, [options,] [callback])"
  return in_flight(
    self,
    form,
    countries.one,
    call_options,
    callback,
    extra,
    code,
    problems_of(code)
  )
end

return methods
