--- Narrows searches to the prefixes that the client allows: a search returns about 30 numbers, of which
--- perhaps none has such a prefix. Pure; used by candidates.lua.
local calling_codes = require("twilio.numbers.api.calling_codes")

local PREFIXES_MAX = 20 -- with more, the searches are not narrowed: candidates are only filtered

--- Whether numbers of a country can begin with a prefix.
local function is_of_country(prefix, country)
  local code = calling_codes.of(prefix)
  for _, one in ipairs(code and calling_codes.countries(code) or { country }) do
    if one == country then
      return true
    end
  end
  return false
end

--- A copy of a search for numbers with a prefix.
local function with_prefix(search, prefix)
  local rest = {}
  for name, value in next, search.rest do
    rest[name] = value
  end
  rest.contains = prefix
  return { filter = search.filter, rest = rest, may_be_unsold = search.may_be_unsold }
end

local function begins_with(text, beginning)
  return text:sub(1, #beginning) == beginning
end

--- The prefixes to search for; none if the search need not be narrowed.
local function prefixes_of(search, prefixes)
  local area_code, list = search.rest.area_code, {}
  local beginning = area_code and "+1" .. area_code or "+"
  for _, prefix in ipairs(search.rest.contains == nil and prefixes or {}) do
    if begins_with(beginning, prefix) then -- all numbers of the area code are allowed
      return {}
    elseif begins_with(prefix, beginning) and is_of_country(prefix, search.filter.country) then
      list[#list + 1] = prefix
    end
  end
  return list
end

--- The searches for numbers with one of the prefixes, as far as Twilio can search for them.
---@param searches twilio.numbers.Search[]
---@param prefixes string[]|nil
---@return twilio.numbers.Search[]
return function(searches, prefixes)
  if not prefixes or #prefixes > PREFIXES_MAX then
    return searches
  end
  local list = {}
  for _, search in ipairs(searches) do
    local before = #list
    for _, prefix in ipairs(prefixes_of(search, prefixes)) do
      list[#list + 1] = with_prefix(search, prefix)
    end
    list[before + 1] = list[before + 1] or search
  end
  return list
end
