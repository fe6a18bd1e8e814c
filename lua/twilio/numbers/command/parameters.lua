--- Options and arguments made from the core's tables of parameters.
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local phone = require("twilio.numbers.command.phone")

local unpack = globals.unpack

local parameters = {}

--- The name of an option's value in the help, by the kind of its parameter.
local ARGUMENT_NAMES = {
  area_code = "415",
  phone = "+1...",
  lat_long = "LAT,LONG",
  integer = "N",
}

local function option_name(name)
  return (name:gsub("_", "-"))
end

--- The filters of a search in the order of the help, with their descriptions.
local FILTERS = {
  { "area_code", "Area code, three digits; US and Canada." },
  { "contains", "These digits or letters; * at an end is any digit." },
  { "in_region", "State or province, such as CA; US and Canada." },
  { "in_locality", "The whole name of a city." },
  { "in_postal_code", "Postal code; US and Canada." },
  { "near_number", "Close to this number; US and Canada." },
  { "near_lat_long", "Close to this place; US and Canada." },
  { "distance", "Within N miles of --near-number or --near-lat-long." },
  { "in_rate_center", "Telephone rate center, with --in-lata; US and Canada." },
  { "in_lata", "Local access and transport area (LATA), a number; US and Canada." },
  { "voice_enabled", "Can take calls." },
  { "sms_enabled", "Can take text messages." },
  { "mms_enabled", "Can take messages with pictures." },
  { "fax_enabled", "Can take faxes." },
  { "exclude_all_address_required", "Leave out numbers that require an address." },
  {
    "exclude_local_address_required",
    "Leave out numbers that require an address in their country.",
  },
  {
    "exclude_foreign_address_required",
    "Leave out numbers that require an address in another country.",
  },
  { "beta", "Include numbers that are new to Twilio." },
}

--- The rows of a search's filters, in that order.
local function filters()
  local rows, by_name = {}, {}
  for _, row in ipairs(core.parameters("search")) do
    by_name[row.name] = row
  end
  by_name.page_size = nil
  for _, filter in ipairs(FILTERS) do
    rows[#rows + 1] = by_name[filter[1]]
  end
  return rows
end

--- The words of a name: "area code".
local function words(name)
  return (name:gsub("_", " "))
end

--- The types of numbers, as people write them. A search has "_" for "-".
parameters.TYPES = {
  "local",
  "mobile",
  "toll-free",
  "national",
  "voip",
  "shared-cost",
  "machine-to-machine",
}

local TYPES = table.concat(parameters.TYPES, ", ")

--- Reads a type: with "-", or with "_" as the API has it.
---@return string? kind
---@return string? problem
function parameters.type(word)
  for _, name in ipairs(parameters.TYPES) do
    if word:gsub("_", "-") == name then
      return (name:gsub("-", "_"))
    end
  end
  return nil, ('the type must be one of %s, got "%s"'):format(TYPES, word)
end

--- Adds the argument of a type.
---@param command table argparse's
---@param is_optional boolean
---@param default string? what to say of it
function parameters.add_type(command, is_optional, default)
  command
    :argument("TYPE", TYPES .. (default and "; default " .. default or "") .. ".")
    :target("type")
    :args(is_optional and "?" or 1)
    :convert(parameters.type)
end

--- Adds the argument of a country.
---@param command table argparse's
---@param default string? what to say of it; nil: it must be given
function parameters.add_country(command, default)
  local description = "Two letters, such as GB"
  command
    :argument("COUNTRY", description .. (default and "; default " .. default or "") .. ".")
    :target("country")
    :args(default and "?" or 1)
end

--- Adds the arguments of a country and a type.
---@param command table argparse's
function parameters.add_place(command)
  parameters.add_country(command)
  parameters.add_type(command, false)
end

--- A pair of flags.
local function add_boolean(command, name, description)
  local has, lacks = command:flag("--" .. name), command:flag("--no-" .. name)
  has:action("store_true"):description(description)
  lacks:target((name:gsub("-", "_"))):action("store_false"):hidden(true)
  command:mutex(has, lacks)
  return has
end

--- Adds an option for each filter of a search, a pair of flags where it is true or false.
---@param command table argparse's
---@param is_purchase? boolean may have several searches
function parameters.add_filters(command, is_purchase)
  local options, descriptions = {}, {}
  for _, filter in ipairs(FILTERS) do
    descriptions[filter[1]] = filter[2]
  end
  for _, row in ipairs(filters()) do
    local name, description = option_name(row.name), descriptions[row.name]
    if row.kind == "boolean" then
      options[#options + 1] = add_boolean(command, name, description)
    else
      local option = command:option("--" .. name, description)
      if is_purchase and row.kind == "area_code" then
        option:count("*"):action("append")
        option:description(description .. " Several are tried in order.")
      end
      options[#options + 1] = option:argname("<" .. (ARGUMENT_NAMES[row.kind] or "TEXT") .. ">")
    end
    if is_purchase and row.name == "distance" then
      options[#options + 1] =
        command:flag("--widen", "Within 25 miles, then 100, then 500, until numbers fit.")
    end
  end
  command:group("Which numbers (flags such as --sms-enabled have a --no- form)", unpack(options))
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

--- The filter that the options describe.
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

--- The names of a table of parameters, as lines for the help.
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
    return nil, ('--limit must be a whole number of at least 1, got "%s"'):format(text)
  end
  return limit
end

--- Converts a text to a parameter's value.
---@return string|boolean|nil value nil: nothing
local function convert(row, text)
  if not row or row.kind ~= "boolean" then
    return text
  elseif text == "true" or text == "false" then
    return text == "true"
  end
end

--- Reads a list of "name=value". Leaves unknown names to the library, whose message suggests the nearest.
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
      return nil, ('give name=value, such as voice_url=https://..., got "%s"'):format(text)
    elseif params[name] ~= nil then
      return nil, name .. " is given twice: give it once"
    end
    params[name] = convert(rows[name], value)
    if params[name] == nil then
      return nil, ('%s must be true or false, got "%s"'):format(name, value)
    end
  end
  return params
end

return parameters
