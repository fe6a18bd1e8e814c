--- Finds a number among those for sale. Its country and type decide whether it may be bought, and the digits
--- alone do not tell them (416 is in Canada, 800 is toll free).
local calling_codes = require("twilio.numbers.api.calling_codes")
local countries = require("twilio.numbers.api.countries")
local fit = require("twilio.numbers.api.fit")
local number_types = require("twilio.numbers.config.number_types")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local for_sale = {}

--- Limits of the search for a number.
---@class twilio.numbers.Within
---@field countries string[]|nil nil: those of its calling code
---@field types string[]|nil nil: all that Twilio sells in a country
---@field prefixes string[]|nil see narrow.lua
---@field sold table<string, string[]> the types by country, filled as they are read

--- The countries to search for a number, in order, without those of another calling code.
local function countries_of(phone_number, allowed)
  local code = calling_codes.of(phone_number)
  if not allowed then
    return code and calling_codes.sold_in(code) or {}
  elseif not code then
    return allowed
  end
  local has_code, list = {}, {}
  for _, country in ipairs(calling_codes.countries(code)) do
    has_code[country] = true
  end
  for _, country in ipairs(allowed) do
    list[#list + 1] = has_code[country] and country or nil
  end
  return list
end

--- The types of numbers that Twilio sells in a country. Each country is read once.
---@param sold table<string, string[]>
---@return string[]? types
---@return table? outcome why they could not be read
local function types_in(call, country, sold)
  if sold[country] then
    return sold[country]
  end
  local found, outcome = countries.read(call, country)
  if not found and not responses.is_not_found(outcome) then
    return nil, outcome
  end
  sold[country] = found and found.types or {}
  return sold[country]
end

--- Searches for the number among those of a country and type.
---@return twilio.numbers.AvailableNumber? candidate
---@return table? outcome why the search failed; nil if it did not find the number
local function search(call, phone_number, country, kind)
  local filter = "?Contains=%2B" .. phone_number:sub(2)
  local url = call:url(resources.available_path(country, kind) .. filter)
  local page, outcome = call:ask("GET", url, nil, responses.read)
  local list = page and resources.items(page, "available_phone_numbers")
  if page and not list then
    outcome = { kind = "response", reason = "it has no list of available_phone_numbers" }
  elseif outcome and responses.is_not_found(outcome) then
    outcome = nil -- Twilio does not sell that type there
  end
  for _, candidate in ipairs(list or {}) do
    local contradicts = fit.differences({ country = country, type = kind }, candidate)[1]
    if candidate.phone_number == phone_number and not contradicts then
      candidate.type = kind
      return candidate
    end
  end
  return nil, outcome
end

local NOT_FOUND = "%s was not found among the numbers that may be bought (%s)"

--- The searches, for a message.
local function describe(searched)
  return #searched > 0 and "searched: " .. table.concat(searched, ", ") or "nothing to search"
end

--- Finds a number.
---@param call twilio.numbers.Call
---@param choice twilio.numbers.Choice with the phone_number, and the type if it is given
---@param within twilio.numbers.Within
---@return twilio.numbers.Choice? found the choice with its country, its type and its candidate
---@return table? outcome
function for_sale.find(call, choice, within)
  local phone_number, searched = choice.phone_number, {}
  for _, country in ipairs(countries_of(phone_number, within.countries)) do
    local types, outcome = choice.type and { choice.type } or within.types, nil
    if not types then
      types, outcome = types_in(call, country, within.sold)
    end
    for _, kind in ipairs(types or {}) do
      local candidate
      if number_types[kind] then
        searched[#searched + 1] = kind .. " in " .. country
        candidate, outcome = search(call, phone_number, country, kind)
      end
      if candidate then
        return {
          phone_number = phone_number,
          country = country,
          type = kind,
          candidate = candidate,
          params = choice.params,
        }
      elseif outcome then
        break
      end
    end
    if outcome then
      return nil, outcome
    end
  end
  return nil, { kind = "policy", reason = NOT_FOUND:format(phone_number, describe(searched)) }
end

return for_sale
