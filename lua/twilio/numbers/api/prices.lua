--- The price of a number per month: GET /v1/PhoneNumbers/Countries/{IsoCountry} of pricing.twilio.com
--- (https://www.twilio.com/docs/phone-numbers/pricing). The path names no account: the prices are those of
--- the account of the credentials.
local places = require("twilio.numbers.api.places")
local errors = require("twilio.numbers.errors")
local money = require("twilio.numbers.api.money")
local number_types = require("twilio.numbers.config.number_types")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local prices = {}

local NO_PRICES =
  "Twilio has no prices for numbers in %s: it sells none there, or there is no such country"
local NO_PRICE = "Twilio has no price for %s numbers in %s"

--- Normalizes the name of a type, which the Pricing API spells differently ("toll free"). Unknown types are
--- unchanged.
local function type_name(text)
  local name = text:gsub("[- ]", "_")
  return number_types[name] and name or text
end

--- Reads the price of a type; nil if there is none. An unreadable price is an error, not a missing price.
---@return twilio.numbers.Price? price
---@return string? why the price cannot be read
local function read_price(row, currency)
  if row.current_price == nil then
    return nil
  end
  local monthly, base = money.parse(row.current_price), money.parse(row.base_price)
  if not monthly or (row.base_price ~= nil and not base) then
    local words = "its price of %s numbers is not an amount"
    return nil, words:format(responses.word(row.number_type))
  end
  return { monthly = monthly, base = base, currency = currency }
end

--- Reads the prices of a country, for Call:ask().
---@return table<string, twilio.numbers.Price>? by_type
---@return string? why the response cannot be read
local function reader_of(country)
  return function(response)
    local body, why = response:json()
    if not body then
      return nil, why
    end
    local rows, unit = resources.items(body, "phone_number_prices"), body.price_unit
    local currency = type(unit) == "string" and unit:match("^%a%a%a$")
    if not rows or not currency then
      return nil, "it has no prices"
    elseif body.iso_country ~= nil and body.iso_country ~= country then
      return nil, "it has the prices of another country"
    end
    local by_type = {}
    for _, row in ipairs(rows) do
      if type(row.number_type) == "string" then
        local price, problem = read_price(row, currency:upper())
        if problem then
          return nil, problem
        end
        by_type[type_name(row.number_type)] = price
      end
    end
    return by_type
  end
end

--- The prices of a country.
---@param call table
---@return table<string, twilio.numbers.Price>? by_type
---@return table? outcome
function prices.read(call, country)
  local url = call:product_url("pricing", "/v1/PhoneNumbers/Countries/" .. country)
  local by_type, outcome = call:ask("GET", url, nil, reader_of(country))
  if outcome and responses.is_not_found(outcome) then
    outcome.words, outcome.reason = NO_PRICES:format(country), nil
  end
  return by_type, outcome
end

--- The price of a type of numbers in a country.
---@param call table
---@return twilio.numbers.Price? price
---@return table? outcome
function prices.read_one(call, country, kind)
  local by_type, outcome = prices.read(call, country)
  local price = by_type and by_type[kind]
  if by_type and not price then
    outcome = { kind = "api", words = NO_PRICE:format(kind, country), has_no_price = true }
  end
  return price, outcome
end

local function check(country, kind)
  local wrong = {}
  places.check(country, kind, nil, wrong)
  if wrong[1] then
    return errors.invalid(wrong)
  end
end

--- Operations, see async/start.lua.
prices.all = {
  run = function(call, country)
    local _, message, err = check(country, "local")
    if err then
      return nil, message, err
    end
    local by_type, outcome = prices.read(call, country)
    if by_type then
      return by_type
    end
    return call:fail(outcome)
  end,
}

prices.one = {
  run = function(call, country, kind)
    local _, message, err = check(country, kind)
    if err then
      return nil, message, err
    end
    local price, outcome = prices.read_one(call, country, kind)
    if price then
      return price
    end
    outcome.has_no_price = nil
    return call:fail(outcome)
  end,
}

return prices
