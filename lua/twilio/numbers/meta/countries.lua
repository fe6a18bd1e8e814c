---@meta _
--- Which numbers Twilio sells in a country, and their prices.

--- A country in which Twilio sells numbers. That a type is sold does not mean that one is available now.
---
--- Source: https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource
---@class twilio.numbers.Country
---@field country_code string two letters (ISO 3166-1)
---@field country? string its name
---@field beta boolean whether all its numbers are new to Twilio's platform
---@field types (twilio.numbers.AvailableType|string)[] a type unknown to the library has Twilio's name

--- What a number costs a month. Amounts are text, since Lua's numbers are not exact.
---@class twilio.numbers.Price
---@field monthly string such as "1.15": what the account pays, with its discounts
---@field base? string without discounts
---@field currency string three capital letters, such as "USD"

--- By the type of the numbers, such as "local".
---@alias twilio.numbers.PricesByType table<string, twilio.numbers.Price>

---@class twilio.numbers.Client
local Client = {}

--- Lists the countries in which Twilio sells numbers, with their types.
--- GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers.json
--- (https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource)
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Country[]? countries
---@return string message
---@return twilio.numbers.Error err
function Client:countries(options) end

--- Starts countries() and returns at once.
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Country[]>
---@param callback? twilio.numbers.Callback<twilio.numbers.Country[]>
---@return twilio.numbers.Pending<twilio.numbers.Country[]>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:countries_async(options, callback) end

--- Fetches a country, with the types of numbers that Twilio sells there. Where there are none, the error
--- has status 404.
--- GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}.json
---@param code string two letters, such as "US"
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Country? country
---@return string message
---@return twilio.numbers.Error err
function Client:country(code, options) end

--- Starts country() and returns at once.
---@param code string two letters, such as "US"
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Country>
---@param callback? twilio.numbers.Callback<twilio.numbers.Country>
---@return twilio.numbers.Pending<twilio.numbers.Country>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:country_async(code, options, callback) end

--- Fetches what a number of a type costs a month, for the account of the credentials.
--- GET https://pricing.twilio.com/v1/PhoneNumbers/Countries/{IsoCountry}
--- (https://www.twilio.com/docs/phone-numbers/pricing)
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Price? price
---@return string message also where Twilio has no such price
---@return twilio.numbers.Error err
function Client:price(country, kind, options) end

--- Starts price() and returns at once.
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Price>
---@param callback? twilio.numbers.Callback<twilio.numbers.Price>
---@return twilio.numbers.Pending<twilio.numbers.Price>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:price_async(country, kind, options, callback) end

--- Fetches what numbers cost a month in a country, by type; see price(). A type without a price is absent,
--- and one that Twilio adds later has Twilio's name.
---@param country string two letters, such as "US"
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.PricesByType? by_type
---@return string message
---@return twilio.numbers.Error err
function Client:prices(country, options) end

--- Starts prices() and returns at once.
---@param country string two letters, such as "US"
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.PricesByType>
---@param callback? twilio.numbers.Callback<twilio.numbers.PricesByType>
---@return twilio.numbers.Pending<twilio.numbers.PricesByType>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:prices_async(country, options, callback) end
