--- The methods of a client that read which numbers Twilio sells and their prices, see methods.lua.
--- meta/countries.lua documents them.
local countries = require("twilio.numbers.api.countries")
local places = require("twilio.numbers.api.places")
local options = require("twilio.numbers.config.options")
local prices = require("twilio.numbers.api.prices")
local start = require("twilio.numbers.async.start")

local methods = {}

--- Starts the _async variant of an operation, see methods.lua.
local function in_flight(client, form, ...)
  return start.async(client, form, options.CALL, ...)
end

function methods:countries(call_options)
  start.check(self, "countries")
  return start.now(self, options.CALL, call_options, countries.all)
end

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

function methods:country(code, call_options)
  start.check(self, "country")
  return start.now(self, options.CALL, call_options, countries.one, code, problems_of(code))
end

function methods:country_async(code, call_options, callback, ...)
  start.check(self, "country_async")
  local extra = start.extra(code, ...)
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

function methods:price(country, kind, call_options)
  start.check(self, "price")
  return start.now(self, options.CALL, call_options, prices.one, country, kind)
end

function methods:price_async(country, kind, call_options, callback, ...)
  start.check(self, "price_async")
  local extra = start.extra(kind, ...)
  local form = "price_async(country, type, [options,] [callback])"
  return in_flight(self, form, prices.one, call_options, callback, extra, country, kind)
end

function methods:prices(country, call_options)
  start.check(self, "prices")
  return start.now(self, options.CALL, call_options, prices.all, country)
end

function methods:prices_async(country, call_options, callback, ...)
  start.check(self, "prices_async")
  local extra = start.extra(country, ...)
  local form = "prices_async(country, [options,] [callback])"
  return in_flight(self, form, prices.all, call_options, callback, extra, country)
end

return methods
