--- The rule of the client option `allow`: countries, types and prefixes, all of which must match. No option
--- of a call changes it. It sends no requests.
local calling_codes = require("twilio.numbers.api.calling_codes")

---@class twilio.numbers.AllowRule : twilio.numbers.Rule
---@field countries table<string, true>|nil
---@field types table<string, true>|nil
---@field prefixes string[]|nil
---@field shown table<string, string> the lists, for messages
local Allow = {}
Allow.__index = Allow

local allow = {}

local SHOWN_MAX = 10 -- entries of a list in a message

--- A list as messages show it.
local function show(name, list)
  if #list == 0 then
    return ("allow.%s is empty"):format(name)
  end
  local more = #list > SHOWN_MAX and (", and %d more"):format(#list - SHOWN_MAX) or ""
  local shown = table.concat(list, ", ", 1, math.min(#list, SHOWN_MAX))
  return ("allow.%s has %s%s"):format(name, shown, more)
end

local function set_of(list)
  local set = list and {}
  for _, value in ipairs(list or {}) do
    set[value] = true
  end
  return set
end

--- The rules by option table: all calls of a client share its immutable rule.
local by_lists = setmetatable({}, { __mode = "k" })

local function new(lists)
  local shown = {}
  for name, list in pairs(lists) do
    shown[name] = show(name, list)
  end
  return setmetatable({
    countries = set_of(lists.countries),
    types = set_of(lists.types),
    prefixes = lists.prefixes,
    shown = shown,
  }, Allow)
end

--- The rule of a call; nil if its client allows all numbers.
---@param call twilio.numbers.Call
---@return twilio.numbers.AllowRule?
function allow.of(call)
  local lists = call.client.config.allow
  if lists and not by_lists[lists] then
    by_lists[lists] = new(lists)
  end
  return lists and by_lists[lists]
end

local function begins_with(text, prefix)
  return text:sub(1, #prefix) == prefix
end

--- Which numbers of an area code the prefixes allow.
---@return "all"|"some"|"none" allowed
local function of_area_code(self, area_code)
  local beginning, allowed = "+1" .. area_code, "none"
  for _, prefix in ipairs(self.prefixes) do
    if begins_with(beginning, prefix) then
      return "all"
    elseif begins_with(prefix, beginning) then
      allowed = "some"
    end
  end
  return allowed
end

local function has_prefix(self, phone_number)
  for _, prefix in ipairs(self.prefixes) do
    if begins_with(phone_number, prefix) then
      return true
    end
  end
  return false
end

--- Whether one of the countries of a number's calling code is allowed.
local function has_calling_code(self, phone_number)
  local code = calling_codes.of(phone_number)
  for _, country in ipairs(code and calling_codes.countries(code) or {}) do
    if self.countries[country] then
      return true
    end
  end
  return not code
end

--- Why a choice is not allowed, as far as it is known.
---@param choice twilio.numbers.Choice
---@return string[] reasons empty if nothing excludes it
function Allow:excluded(choice)
  local reasons, shown, phone_number = {}, self.shown, choice.phone_number
  local function add(words, value, name)
    reasons[#reasons + 1] = words:format(value) .. ", but " .. shown[name]
  end
  if self.countries and choice.country and not self.countries[choice.country] then
    add("the country is %s", choice.country, "countries")
  elseif self.countries and phone_number and not has_calling_code(self, phone_number) then
    add("%s belongs to another country", phone_number, "countries")
  end
  if self.types and choice.type and not self.types[choice.type] then
    add("the type is %s", choice.type, "types")
  elseif self.types and next(self.types) == nil then
    add("the number has %s", "a type", "types")
  end
  if self.prefixes and phone_number and not has_prefix(self, phone_number) then
    add("the number is %s", phone_number, "prefixes")
  elseif self.prefixes and choice.area_code and of_area_code(self, choice.area_code) == "none" then
    add("the area code is %s", choice.area_code, "prefixes")
  end
  return reasons
end

--- Whether the number must be searched for, because the choice lacks its country or type.
---@param choice twilio.numbers.Choice
function Allow:needs_search(choice)
  if choice.country then
    return false
  elseif self.countries or self.types then
    return true
  end
  return choice.area_code ~= nil and of_area_code(self, choice.area_code) == "some"
end

--- This rule needs no requests.
function Allow.refusal()
  return nil, false
end

return allow
