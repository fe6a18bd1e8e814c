--- Checks the filters of purchases that search for their numbers, and the parameters of these purchases.
local core = require("twilio.numbers.core")
local messages = require("twilio.numbers.config.messages")
local resources = require("twilio.numbers.api.resources")
local searches = require("twilio.numbers.api.searches")

local filters = {}

--- Fields of a filter that Twilio ignores outside North America:
--- https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource
local NORTH_AMERICAN = {
  "area_code",
  "area_codes",
  "distance",
  "in_lata",
  "in_postal_code",
  "in_rate_center",
  "in_region",
  "near_lat_long",
  "near_number",
}

local NORTH_AMERICA = { US = true, CA = true }

--- Checks that a filter has no field that Twilio ignores in its country.
local function check_fields(country, filter, wrong)
  local is_table = type(filter) == "table" and getmetatable(filter) == nil
  for _, name in ipairs(is_table and not NORTH_AMERICA[country] and NORTH_AMERICAN or {}) do
    if filter[name] ~= nil then
      local message = name
        .. " works in the United States and Canada alone, and Twilio ignores it for "
        .. country
        .. ": leave it out"
      wrong[#wrong + 1] = { name = name, message = message }
    end
  end
end

--- Common mistakes for a country code. Twilio responds as if it sold no numbers there.
local COUNTRY_MEANT = { UK = "GB", EL = "GR" }

--- Checks a country code.
---@param wrong twilio.numbers.Problem[] problems are added to it
---@return boolean is_country
function filters.check_country(country, wrong)
  if type(country) ~= "string" or not country:match("^%u%u$") then
    local message = "country must be two capital letters such as US (ISO 3166-1), got "
    wrong[#wrong + 1] = { name = "country", message = message .. messages.show(country) }
  elseif COUNTRY_MEANT[country] then
    local message = ('country "%s" is "%s" in ISO 3166-1'):format(country, COUNTRY_MEANT[country])
    wrong[#wrong + 1] = { name = "country", message = message }
  else
    return true
  end
  return false
end

--- Checks country and type, and that the filter applies there.
---@param wrong twilio.numbers.Problem[] problems are added to it
function filters.check_place(country, kind, filter, wrong)
  if filters.check_country(country, wrong) then
    check_fields(country, filter, wrong)
  end
  if not resources.TYPES[kind] then
    local message = 'type must be such as "local", "mobile" or "toll_free", got '
    wrong[#wrong + 1] = { name = "type", message = message .. messages.show(kind) }
  end
end

--- Copies a filter, so that the caller cannot change it, and checks its country and type.
local function read_filter(filter)
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
  filters.check_place(copy.country, copy.type, copy, wrong)
  searches.check(copy, wrong)
  return copy, wrong
end

--- The parameters of the purchase of a number: a copy, so that the caller cannot change them.
function filters.params_for(params, phone_number)
  local copy = { phone_number = phone_number }
  for name, value in next, params do
    copy[name] = value
  end
  return copy
end

--- Checks the parameters of purchases that search for their numbers.
local function check_params(params, wrong)
  if type(params) ~= "table" or getmetatable(params) ~= nil then
    wrong[#wrong + 1] = { name = "params", message = "params must be a plain table" }
    return
  end
  for _, name in ipairs { "phone_number", "area_code" } do
    if params[name] ~= nil then
      local message = name .. " is found by the filter: leave it out of the parameters"
      wrong[#wrong + 1] = { name = name, message = message }
      return
    end
  end
  local _, bad = core.form(filters.params_for(params, "+15005550006"))
  for _, problem in ipairs(bad and messages.describe(bad) or {}) do
    wrong[#wrong + 1] = problem
  end
end

--- Checks a filter, and the parameters of the purchases.
---@return twilio.numbers.Search[]? list its searches; nil if it is not a plain table
---@return twilio.numbers.Problem[] wrong
function filters.read(filter, params)
  local copy, wrong = read_filter(filter)
  check_params(params, wrong)
  return copy and searches.of(copy), wrong
end

return filters
