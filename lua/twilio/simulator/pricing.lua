-- pricing.twilio.com: the price of a number per month, by country and type. Pure.

local errors = require("twilio.simulator.errors")
local inventory = require("twilio.simulator.inventory")
local json = require("twilio.simulator.json")
local pages = require("twilio.simulator.pages")

local pricing = {}

-- As Twilio really writes them, unlike its schema: amounts are strings, and "toll free" has a space.
local names = { toll_free = "toll free" }

-- type -> base price and current price, which has the account's discounts
local prices = {
  ["local"] = { "1.15", "1.15" },
  mobile = { "6.00", "5.50" },
  national = { "1.15", "1.15" },
  toll_free = { "2.15", "2.15" },
}

-- The types with a price that are sold in a country, sorted by name.
local function types_of(store, country)
  local seen, list = {}, {}
  for _, row in ipairs(store.inventory.rows) do
    if row.country == country and prices[row.type] and not seen[row.type] then
      seen[row.type], list[#list + 1] = true, row.type
    end
  end
  table.sort(list)
  return list
end

local function url_of(code)
  return "https://pricing.twilio.com/v1/PhoneNumbers/Countries/" .. code
end

---`GET /v1/PhoneNumbers/Countries`
function pricing.countries(_, call)
  local codes, countries = {}, {}
  for code in pairs(inventory.countries) do
    codes[#codes + 1] = code
  end
  table.sort(codes)
  for index, code in ipairs(codes) do
    countries[index] = {
      country = inventory.countries[code],
      iso_country = code,
      url = url_of(code),
    }
  end
  return pages.with_meta(call, "countries", countries)
end

---`GET /v1/PhoneNumbers/Countries/{IsoCountry}`
function pricing.country(store, call)
  local code = call.country
  if not inventory.countries[code] then
    return errors.not_found(call.path)
  end
  local list = {}
  for index, kind in ipairs(types_of(store, code)) do
    list[index] = {
      number_type = names[kind] or kind,
      base_price = prices[kind][1],
      current_price = prices[kind][2],
    }
  end
  local fields = {
    country = inventory.countries[code],
    iso_country = code,
    price_unit = "USD",
    url = url_of(code),
  }
  return json.response(200, json.object(fields, { phone_number_prices = list }))
end

return pricing
