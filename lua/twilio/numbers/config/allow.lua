--- The client option `allow`: which numbers may be bought at all. It is checked and copied, so that later
--- changes to the caller's table have no effect. Runs no metamethods; options.lua words the problems.
local country = require("twilio.numbers.config.country")
local number_types = require("twilio.numbers.config.number_types")
local suggest = require("twilio.numbers.config.suggest")

---@class twilio.numbers.AllowProblem
---@field name string its path, such as "allow.countries[2]"
---@field words string what is expected
---@field got any|nil the value; nil: `words` includes it
---@field hint string|nil appended to the message
---@field unknown any|nil instead of `words`: the name of an unknown field

local allow = {}

local ENTRIES_MAX = 1000 -- of a list

local DIGITS_MAX = 15 -- of a number, E.164

local function is_plain(value)
  return type(value) == "table" and getmetatable(value) == nil
end

local function type_names()
  local names = {}
  for name in pairs(number_types) do
    names[#names + 1] = name
  end
  return names
end

local function type_problem(value)
  if not number_types[value] then
    local meant = suggest.name(value, type_names())
    local hint = meant and ("; did you mean %s?"):format(meant)
    return 'must be a type such as "local", "mobile" or "toll_free"', false, hint
  end
end

local function prefix_problem(value)
  local is_prefix = type(value) == "string"
    and value:find("^%+[1-9]%d*$")
    and #value <= DIGITS_MAX + 1
  if not is_prefix then
    return 'must be + and the first digits of a number, such as "+1415"'
  end
end

--- One row per list, with the check of an entry.
allow.LISTS = {
  { name = "countries", problem = country.problem, example = '{ "US", "CA" }' },
  { name = "types", problem = type_problem, example = '{ "local" }' },
  { name = "prefixes", problem = prefix_problem, example = '{ "+1415" }' },
}

--- Checks a list, and copies it.
---@param wrong twilio.numbers.AllowProblem[] receives the problems
---@return string[] copy
local function read_list(row, list, wrong)
  local name, copy, keys = "allow." .. row.name, {}, 0
  for _ in next, is_plain(list) and list or {} do
    keys = keys + 1
  end
  if not is_plain(list) or keys > ENTRIES_MAX or keys ~= #list then
    local words = ("must be a plain list of at most %d entries, such as %s"):format(
      ENTRIES_MAX,
      row.example
    )
    wrong[#wrong + 1] = { name = name, words = words, got = not is_plain(list) and list or nil }
    return copy
  end
  for i = 1, keys do
    local value = list[i]
    local words, is_complete, hint = row.problem(value)
    if words then
      local got = not is_complete and value or nil
      wrong[#wrong + 1] =
        { name = ("%s[%d]"):format(name, i), words = words, got = got, hint = hint }
    end
    copy[i] = value
  end
  return copy
end

local NO_LIST =
  "must have a list of countries, types or prefixes: leave it out to allow all numbers"

--- Checks the option, and copies it.
---@param given any
---@return twilio.numbers.AllowProblem[] wrong empty if the option is valid
---@return twilio.numbers.Allow copy
function allow.read(given)
  local copy, wrong = {}, {}
  if not is_plain(given) then
    local words = 'must be a plain table such as { countries = { "US", "CA" } }'
    return { { name = "allow", words = words, got = given } }, copy
  end
  local known = {}
  for _, row in ipairs(allow.LISTS) do
    known[row.name] = true
    local list = given[row.name]
    if list ~= nil then
      copy[row.name] = read_list(row, list, wrong)
    end
  end
  for name in next, given do
    if not known[name] then
      wrong[#wrong + 1] = { name = "allow", unknown = name }
    end
  end
  if next(copy) == nil and #wrong == 0 then
    wrong[1] = { name = "allow", words = NO_LIST }
  end
  return wrong, copy
end

return allow
