--- The client's functions for what Twilio sells, and at which prices. See methods.lua for how they wait, and
--- for the _async variants.
local countries = require("twilio.numbers.api.countries")
local places = require("twilio.numbers.api.places")
local options = require("twilio.numbers.config.options")
local prices = require("twilio.numbers.api.prices")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

--- Starts the _async variant of an operation, see methods.lua.
local function in_flight(client, form, ...)
  return start.async(client, form, options.CALL, ...)
end

--- Lists the countries in which Twilio sells numbers, with their types.
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

--- Starts to read the countries; see countries().
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

--- Checks a country code.
---@return twilio.numbers.Problem[]
local function problems_of(code)
  local wrong = {}
  places.check_country(code, wrong)
  return wrong
end

--- Fetches a country, with the types of numbers that Twilio sells there. An error with status 404: none.
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

--- Starts to read one country; see country().
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

--- Fetches the price of a type of number per month, for the account of the credentials.
--- GET https://pricing.twilio.com/v1/PhoneNumbers/Countries/{IsoCountry}
--- (https://www.twilio.com/docs/phone-numbers/pricing)
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Price? price
---@return string? message also if Twilio has no such price
---@return twilio.numbers.Error? err
function methods:price(country, kind, call_options)
  start.check(self, "price")
  return start.now(self, options.CALL, call_options, prices.one, country, kind)
end

--- Starts to read a price; see price().
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(price: twilio.numbers.Price?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, country, kind, callback: function): twilio.numbers.Pending?
function methods:price_async(country, kind, call_options, callback, ...)
  start.check(self, "price_async")
  local extra = select("#", ...)
  local form = "price_async(country, type, [options,] [callback])"
  return in_flight(self, form, prices.one, call_options, callback, extra, country, kind)
end

--- Fetches the prices of a country per month, by type; see price(). A type without a price is absent, and a
--- type that Twilio adds later has Twilio's name.
---@param country string two letters, such as "US"
---@param call_options? twilio.numbers.CallOptions
---@return table<string, twilio.numbers.Price>? by_type
---@return string? message
---@return twilio.numbers.Error? err
function methods:prices(country, call_options)
  start.check(self, "prices")
  return start.now(self, options.CALL, call_options, prices.all, country)
end

--- Starts to read the prices of a country; see prices().
---@param country string two letters, such as "US"
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(by_type: table?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, country, callback: function): twilio.numbers.Pending?
function methods:prices_async(country, call_options, callback, ...)
  start.check(self, "prices_async")
  local extra = select("#", ...)
  local form = "prices_async(country, [options,] [callback])"
  return in_flight(self, form, prices.all, call_options, callback, extra, country)
end

return methods
