--- Checks a country and a type of numbers, and whether a filter applies there.
local core = require("twilio.numbers.core")
local country_codes = require("twilio.numbers.config.country")
local number_types = require("twilio.numbers.config.number_types")
local show = require("twilio.numbers.config.show")

local places = {}

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
  local is_ignored = not NORTH_AMERICA[country] and core.is_plain_table(filter)
  for _, name in ipairs(is_ignored and NORTH_AMERICAN or {}) do
    if filter[name] ~= nil then
      local message = name
        .. " only works in the United States and Canada, and Twilio ignores it for "
        .. country
        .. ": leave it out"
      wrong[#wrong + 1] = { name = name, message = message }
    end
  end
end

--- Checks a country code.
---@param wrong twilio.numbers.Problem[] problems are added to it
---@return boolean is_country
function places.check_country(country, wrong)
  local words, is_complete = country_codes.problem(country)
  if not words then
    return true
  end
  local got = is_complete and "" or ", got " .. show.value(country)
  wrong[#wrong + 1] = { name = "country", message = "country " .. words .. got }
  return false
end

--- Checks country and type, and that the filter applies there.
---@param wrong twilio.numbers.Problem[] problems are added to it
function places.check(country, kind, filter, wrong)
  if places.check_country(country, wrong) then
    check_fields(country, filter, wrong)
  end
  if not number_types[kind] then
    local message = 'type must be a type such as "local", "mobile" or "toll_free", got '
    wrong[#wrong + 1] = { name = "type", message = message .. show.value(kind) }
  end
end

return places
