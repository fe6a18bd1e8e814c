--- The searches of one filter, in their order: usually one; one for each of `area_codes`, or for each
--- distance of `widen`. The next is sent when the one before has no more numbers that fit. Pure;
--- candidates.lua sends them.
---
---@class twilio.numbers.Search
---@field filter table the caller's filter, which candidates are compared with
---@field rest table the parameters of Twilio's search
---@field may_be_unsold boolean|nil a 404 is not an error: the type may not be sold in the country
local core = require("twilio.numbers.core")
local show = require("twilio.numbers.config.show")

local searches = {}

--- Fields of a filter that are not parameters of Twilio's search. `count` is only for purchase_many, which
--- removes it before check().
searches.FIELDS = {
  { name = "country", is_ours = true },
  { name = "type", is_ours = true },
  { name = "area_codes", is_ours = true },
  { name = "widen", is_ours = true },
  { name = "count" },
}

local AREA_CODES_MAX = 100 -- each takes at least one search

local DISTANCES = { 25, 100, 500 } -- miles; the first is Twilio's default, the last its limit

local EXCLUSIVE = {
  { "area_codes", "area_code" },
  { "widen", "distance" },
  { "widen", "area_codes" },
}

local function add(wrong, name, message)
  wrong[#wrong + 1] = { name = name, message = message }
end

--- An area code as a string, from a number or a string.
---@return string? area_code nil if it is not an area code
local function to_area_code(value)
  local _, bad = core.form({ area_code = value }, "search")
  if bad then
    return nil
  end
  return type(value) == "number" and ("%.0f"):format(value) or value
end

--- Replaces an area code that is a number, in Lua 5.3 and later perhaps 415.0, by its digits: from here on it
--- is compared as text. Any other value stays, and is refused later.
---@param params table a copy of a filter, or of the parameters of a purchase
function searches.normalize_area_code(params)
  if type(params.area_code) == "number" then
    params.area_code = to_area_code(params.area_code) or params.area_code
  end
end

--- Checks a list of area codes.
---@return string[]? area_codes a copy, as strings
---@return string? message
local function read_area_codes(list)
  local is_plain = type(list) == "table" and getmetatable(list) == nil
  local copy, seen, keys = {}, {}, 0
  for _ in next, is_plain and list or {} do
    keys = keys + 1
  end
  if not is_plain or keys == 0 or keys ~= #list or keys > AREA_CODES_MAX then
    return nil,
      ('must be a list of 1 to %d area codes, such as { "415", "628" }'):format(AREA_CODES_MAX)
  end
  for i, value in ipairs(list) do
    local area_code = to_area_code(value)
    if not area_code then
      local shown = show.value(value)
      return nil, ('must have three digits each, such as "415", got %s'):format(shown)
    elseif seen[area_code] then
      return nil, "lists " .. area_code .. " twice"
    end
    copy[i], seen[area_code] = area_code, true
  end
  return copy
end

--- Checks the fields of a filter that are not Twilio's, replaces a list by a copy, and normalizes its area
--- code. Fields that are invalid are removed.
---@param filter table changed
---@param wrong twilio.numbers.Problem[] problems are added to it
function searches.check(filter, wrong)
  local area_codes, widen, given = filter.area_codes, filter.widen, {}
  for name, value in next, filter do
    given[name] = value
  end
  searches.normalize_area_code(filter)
  if area_codes ~= nil then
    local copy, message = read_area_codes(area_codes)
    filter.area_codes = copy
    if message then
      add(wrong, "area_codes", "area_codes " .. message)
    end
  end
  if widen ~= nil and type(widen) ~= "boolean" then
    add(wrong, "widen", "widen must be true or false, got " .. show.value(widen))
    filter.widen = nil -- a distance, which was not given, would be refused too
  elseif widen and filter.near_number == nil and filter.near_lat_long == nil then
    add(wrong, "widen", "widen requires near_number or near_lat_long: give that too")
    filter.widen = nil
  end
  if filter.count ~= nil then
    add(wrong, "count", "count is for purchase_many: leave it out")
    filter.count = nil
  end
  for _, pair in ipairs(EXCLUSIVE) do
    local name, other = pair[1], pair[2]
    if given[name] and given[other] then
      add(wrong, name, ("give only one of %s and %s"):format(name, other))
    end
  end
end

--- The parameters of Twilio's search: the filter without the library's own fields, and one more value.
local function rest_of(filter, name, value)
  local rest = {}
  for field, own in next, filter do
    rest[field] = own
  end
  for _, row in ipairs(searches.FIELDS) do
    if row.is_ours then
      rest[row.name] = nil
    end
  end
  if name then
    rest[name] = value
  end
  return rest
end

--- The searches of a valid filter.
---@return twilio.numbers.Search[] list
function searches.of(filter)
  local name, values = nil, { false }
  if filter.area_codes then
    name, values = "area_code", filter.area_codes
  elseif filter.widen then
    name, values = "distance", DISTANCES
  end
  local list = {}
  for i, value in ipairs(values) do
    list[i] = { filter = filter, rest = rest_of(filter, name, value) }
  end
  return list
end

return searches
