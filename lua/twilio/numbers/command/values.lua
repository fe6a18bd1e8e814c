--- The possible values of options and arguments, for completion.
local calling_codes = require("twilio.numbers.api.calling_codes")
local columns = require("twilio.numbers.command.columns")
local core = require("twilio.numbers.core")
local parameters = require("twilio.numbers.command.parameters")

local values = {}

--- In place of a list: the value is a file.
values.FILES = ":files"

local function plain(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = { word }
  end
  return list
end

--- The countries in which Twilio sells numbers, by their codes of ISO 3166-1.
local function countries()
  local seen, codes = {}, {}
  for number = 1, 999 do
    local code = tostring(number)
    local is_code = calling_codes.of("+" .. code) == code
    for _, country in ipairs(is_code and calling_codes.sold_in(code) or {}) do
      if not seen[country] then
        seen[country], codes[#codes + 1] = true, country
      end
    end
  end
  table.sort(codes)
  return plain(codes)
end

local function types()
  return plain(parameters.TYPES)
end

--- "name=" for each parameter, and after a name its values, if they are known.
local function settings(operation)
  return function(_, current)
    local list, named = {}, current:match("^([%w_]+)=")
    for _, row in ipairs(core.parameters(operation)) do
      local is_number = row.name == "phone_number" or row.name == "area_code"
      if row.name == named then
        local choices = row.kind == "boolean" and "true false" or row.expects or ""
        list = {}
        for word in (row.kind == "sid" and "" or choices):gmatch("%S+") do
          list[#list + 1] = { named .. "=" .. word }
        end
        return list
      elseif not (operation == "purchase" and is_number) then
        list[#list + 1] = { row.name .. "=" }
      end
    end
    return list
  end
end

--- The columns of the subcommand, each after those already named.
local function names_of_columns(place, current)
  local named = place.top and require("twilio.numbers.command." .. place.top._name).columns
  if type(named) == "function" then
    named = named { action = place.command._name }
  end
  local before, list = current:match("^(.*,)") or "", {}
  for i, name in ipairs(columns.names(named or {})) do
    list[i] = { before .. name }
  end
  return list
end

--- The commands below those already named, for `help`.
local function commands(place)
  local command = place.root
  for _, word in ipairs(place.given) do
    for _, below in ipairs(command._commands) do
      command = below._name == word and below or command
    end
  end
  local list = {}
  for _, below in ipairs(command._commands) do
    list[#list + 1] = not below._hidden and { below._name, below._description } or nil
  end
  return list
end

--- A country, then a type, which `buy` takes in place of numbers.
local function country_and_type(place)
  if #place.given == 0 then
    return countries()
  end
  return #place.given == 1 and place.given[1]:find("^%a%a$") and types() or {}
end

--- The values by target of an option or argument, after the name of its subcommand if that matters.
local VALUES = {
  country = countries,
  type = types,
  ["buy numbers"] = country_and_type,
  set = settings("purchase"),
  ["check settings"] = settings("purchase"),
  ["set words"] = settings("update"),
  ["help words"] = commands,
  columns = names_of_columns,
  shell = function()
    return plain { "bash", "zsh", "fish" }
  end,
  ["list type"] = function()
    return plain { "local", "mobile", "toll-free" }
  end,
  origin = function()
    return plain { "twilio", "hosted" }
  end,
  region = function()
    return plain { "au1", "ie1", "us1" }
  end,
  edge = function()
    return plain {
      "ashburn",
      "dublin",
      "frankfurt",
      "sao-paulo",
      "singapore",
      "sydney",
      "tokyo",
      "umatilla",
    }
  end,
  journal_spec = function()
    return values.FILES
  end,
  spec = function()
    return values.FILES
  end,
}

--- The values of an option or argument.
---@param element table argparse's
---@param place table see complete.lua: root, command, given
---@param current string what is there already
---@return table[]|":files" list empty: any, or none that is known
function values.of(element, place, current)
  local target = element._target or element:_get_default_target()
  local list = VALUES[place.command._name .. " " .. target] or VALUES[target]
  return list and list(place, current) or {}
end

return values
