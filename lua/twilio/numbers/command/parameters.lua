--- Options and arguments that follow from the tables of parameters in the core.
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local phone = require("twilio.numbers.command.phone")

local unpack = globals.unpack

local parameters = {}

--- What to call the value of an option, by the kind of its parameter.
local ARGUMENT_NAMES = {
  area_code = "415",
  phone = "+1...",
  lat_long = "LAT,LONG",
  integer = "N",
}

local function option_name(name)
  return (name:gsub("_", "-"))
end

--- The rows of a search that say which numbers fit.
local function filters()
  local rows = {}
  for _, row in ipairs(core.parameters("search")) do
    rows[#rows + 1] = row.name ~= "page_size" and row or nil
  end
  return rows
end

--- "area code", as a sentence has it.
local function words(name)
  return (name:gsub("_", " "))
end

local DESCRIPTIONS = {
  area_code = "Three digits; US and Canada.",
  contains = "Digits and letters; * at an end for any one.",
  near_number = "Close to this number.",
  near_lat_long = "Close to this place.",
  distance = "Within so many miles of it.",
  beta = "Also numbers new to Twilio.",
  voice_enabled = "For calls.",
  sms_enabled = "For text messages.",
  mms_enabled = "For messages with pictures.",
  fax_enabled = "For fax.",
  exclude_all_address_required = "None that require an address.",
  exclude_local_address_required = "None that require an address in their country.",
  exclude_foreign_address_required = "None that require an address in another country.",
  in_postal_code = "US and Canada.",
  in_region = "Such as CA; US and Canada.",
  in_lata = "US and Canada.",
  in_rate_center = "With --in-lata; US and Canada.",
  in_locality = "The whole name of a city.",
}

--- The types of numbers, as they are searched for and as people write them.
parameters.TYPES = {
  "local",
  "mobile",
  "toll_free",
  "toll-free",
  "national",
  "voip",
  "shared_cost",
  "machine_to_machine",
}

--- The type that one of these words is.
function parameters.type(word)
  return (word:gsub("-", "_"))
end

--- Adds the arguments of a country and a type.
---@param command table argparse's
function parameters.add_place(command)
  command:argument("country", "Two letters."):argname("<US>")
  command
    :argument("type", "Such as local or mobile.")
    :choices(parameters.TYPES)
    :convert(parameters.type)
    :argname("<TYPE>")
end

--- Adds an option for each filter of a search, a pair of flags where it is true or false.
---@param command table argparse's
---@param is_purchase? boolean may have several searches
function parameters.add_filters(command, is_purchase)
  local options = {}
  for _, row in ipairs(filters()) do
    local name = option_name(row.name)
    local description = DESCRIPTIONS[row.name]
    if row.kind == "boolean" then
      local has, lacks = command:flag("--" .. name), command:flag("--no-" .. name)
      has:action("store_true"):description(description or "")
      lacks:target(row.name):action("store_false"):hidden(true)
      command:mutex(has, lacks)
      options[#options + 1] = has
    else
      local option = command:option("--" .. name, description)
      if is_purchase and row.kind == "area_code" then
        option:count("*"):action("append")
        option:description(description .. " Several: tried in their order.")
      end
      options[#options + 1] = option:argname("<" .. (ARGUMENT_NAMES[row.kind] or "TEXT") .. ">")
    end
  end
  if is_purchase then
    options[#options + 1] = command:flag("--widen", "Within 25 miles, then 100, then 500.")
  end
  command:group("Which numbers (each --x-enabled has a --no-x-enabled)", unpack(options))
end

--- An option that was given several times, as a field of a filter and in words.
---@param list string[]
---@return string|string[] value
---@return string suffix of the field's name
---@return string words
local function several(list)
  if #list == 1 then
    return list[1], "", list[1]
  end
  return list, "s", table.concat(list, " or ")
end

--- The filter that the options say.
---@return table filter
---@return string words for people; empty where nothing was said
function parameters.filter(args)
  local filter, said = {}, {}
  for _, row in ipairs(filters()) do
    local value = args[row.name]
    value = row.kind == "phone" and value and phone.read(value, args.country) or value
    if type(value) == "table" and #value > 0 then
      local one, suffix, text = several(value)
      filter[row.name .. suffix] = one
      said[#said + 1] = words(row.name) .. " " .. text
    elseif value ~= nil and type(value) ~= "table" then
      filter[row.name] = row.kind == "integer" and tonumber(value) or value
      said[#said + 1] = row.kind == "boolean" and (value and "" or "not ") .. words(row.name)
        or words(row.name) .. " " .. value
    end
  end
  if args.widen then
    filter.widen = true
    said[#said + 1] = "within 25, 100 or 500 miles"
  end
  return filter, table.concat(said, ", ")
end

--- The names of a table of parameters, on lines of a help.
function parameters.names(operation)
  local lines, line = {}, ""
  for _, row in ipairs(core.parameters(operation)) do
    if operation == "purchase" and (row.name == "phone_number" or row.name == "area_code") then
      break -- the last two, which --set does not take
    elseif #line + #row.name > 74 then
      lines[#lines + 1], line = line, ""
    end
    line = line .. (line ~= "" and ", " or "") .. row.name
  end
  lines[#lines + 1] = line
  return table.concat(lines, ",\n  ")
end

--- Reads --limit.
---@return integer? limit
---@return string? problem
function parameters.limit(text)
  local limit = text:match("^%d+$") and tonumber(text)
  if not limit or limit < 1 then
    return nil, "--limit must be a whole number from 1 on"
  end
  return limit
end

--- What a text means for a parameter of that kind.
local function convert(row, text)
  if row and row.kind == "boolean" and (text == "true" or text == "false") then
    return text == "true"
  end
  return text
end

--- Reads "name=value", as many as there are. An unknown name is left for the API to refuse, which knows
--- the nearest.
---@param list string[]
---@param operation string the table of parameters
---@return table? params
---@return string? problem
function parameters.read(list, operation)
  local rows, params = {}, {}
  for _, row in ipairs(core.parameters(operation)) do
    rows[row.name] = row
  end
  for _, text in ipairs(list) do
    local name, value = text:match("^([^=]+)=(.*)$")
    if not name then
      return nil, ("give name=value, not '%s'"):format(text)
    elseif params[name] ~= nil then
      return nil, name .. " is given twice"
    end
    params[name] = convert(rows[name], value)
  end
  return params
end

return parameters
