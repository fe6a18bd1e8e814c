--- Results for programs: one JSON value on one line of stdout.
local streams = require("twilio.numbers.command.streams")

local json = {}

--- Patterns of UTF-8 characters of more than one byte (RFC 3629).
local CHARACTERS = {
  "^[\194-\223][\128-\191]",
  "^\224[\160-\191][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]",
  "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]",
  "^\244[\128-\143][\128-\191][\128-\191]",
}

local REPLACEMENT = "\239\191\189" -- U+FFFD

local function character_at(bytes, place)
  for _, pattern in ipairs(CHARACTERS) do
    local character = bytes:match(pattern, place)
    if character then
      return character
    end
  end
end

--- Replaces each byte above 127 that is not part of valid UTF-8.
local function to_utf8(bytes)
  local characters, place = {}, 1
  while place <= #bytes do
    local character = character_at(bytes, place)
    characters[#characters + 1] = character or REPLACEMENT
    place = place + (character and #character or 1)
  end
  return table.concat(characters)
end

--- A copy of a value that JSON can represent. The rest is replaced, so that a number that was bought is
--- printed whatever Twilio's response contains.
local function writable(value, null)
  local kind = type(value)
  if kind == "string" then
    return (value:gsub("[\128-\255]+", to_utf8))
  elseif kind == "number" then
    return value == value and math.abs(value) < math.huge and value or null
  elseif kind == "boolean" then
    return value
  elseif kind ~= "table" then
    return null
  end
  local copy = {}
  for name, field in next, value do
    local is_name = type(name) == "number" or type(name) == "string"
    copy[writable(is_name and name or tostring(name), null)] = writable(field, null)
  end
  return copy
end

local HOLES_MAX = 10 -- a longer list, of which less than half is there, is an object

--- The length of a list.
---@return integer? length nil: it is an object
local function length_of(value)
  local length, count = 0, 0
  for key in next, value do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      return nil
    end
    length, count = math.max(length, key), count + 1
  end
  local is_list = count > 0 and (length <= HOLES_MAX or length <= 2 * count)
  return is_list and length or nil
end

local WHOLE = math.type and "%d" or "%.0f" -- luacheck: ignore 143

local SHORT, EXACT = 14, 17 -- digits; the latter represent every number exactly

--- A number in its shortest digits. cjson would round it to 14.
local function number_of(value)
  if value % 1 == 0 and value >= -2 ^ 63 and value < 2 ^ 63 then
    return WHOLE:format(value)
  end
  for precision = SHORT, EXACT do
    local text = ("%%.%dg"):format(precision):format(value)
    if tonumber(text) == value or precision == EXACT then
      return (text:gsub(",", ".")) -- the locale decides the decimal point
    end
  end
end

--- Writes a value. The fields of an object are sorted by name, so that two runs can be compared.
local function write(value, cjson)
  if type(value) == "number" then
    return number_of(value)
  elseif type(value) ~= "table" then
    return cjson.encode(value)
  end
  local parts, length = {}, length_of(value)
  if length then
    for i = 1, length do
      parts[i] = value[i] == nil and "null" or write(value[i], cjson)
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for name, field in next, value do
    parts[#parts + 1] = cjson.encode(tostring(name)) .. ":" .. write(field, cjson)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Encodes with our own instance of cjson, which the settings of others do not change.
local function encode(value)
  local cjson = require("cjson").new()
  -- cjson escapes each slash, which JSON does not require
  return (
    write(writable(value, cjson.null), cjson)
      :gsub("\\/", "/")
      :gsub("\194([\128-\159])", function(byte)
        return ("\\u%04x"):format(byte:byte()) -- a terminal would take it for a control character
      end)
  )
end

--- Prints an object.
function json.object(fields)
  streams.print(encode(fields))
end

--- Writes a list: cjson would make an empty one an object.
local function array(list)
  return #list == 0 and "[]" or encode(list)
end

--- Prints an array.
function json.array(list)
  streams.print(array(list))
end

local function with_list(fields, name, list)
  return ("%s,%s:%s}"):format(encode(fields):sub(1, -2), encode(name), array(list))
end

--- Prints an object of plain fields, and one list.
function json.object_with_list(fields, name, list)
  streams.print(with_list(fields, name, list))
end

--- Prints an array of such objects.
---@param objects table[]
---@param name string of the list in each
function json.array_with_lists(objects, name)
  local texts = {}
  for i, object in ipairs(objects) do
    local fields = {}
    for field, value in pairs(object) do
      if field ~= name then
        fields[field] = value
      end
    end
    texts[i] = with_list(fields, name, object[name])
  end
  streams.print("[" .. table.concat(texts, ",") .. "]")
end

--- Prints an object of such objects, each with several lists.
---@param objects table<string, table>
---@param names string[] of the lists in each, in their order
function json.objects_with_lists(objects, names)
  local parts = {}
  for key, object in pairs(objects) do
    local fields = {}
    for field, value in pairs(object) do
      fields[field] = value
    end
    for _, name in ipairs(names) do
      fields[name] = nil
    end
    local text = encode(fields):sub(1, -2)
    for _, name in ipairs(names) do
      text = ("%s,%s:%s"):format(text, encode(name), array(object[name]))
    end
    parts[#parts + 1] = ("%s:%s}"):format(encode(key), text)
  end
  table.sort(parts)
  streams.print("{" .. table.concat(parts, ",") .. "}")
end

--- Prints an object of lists.
---@param lists table<string, table[]>
---@param names string[] in their order
function json.lists(lists, names)
  local parts = {}
  for i, name in ipairs(names) do
    parts[i] = ("%s:%s"):format(encode(name), array(lists[name]))
  end
  streams.print("{" .. table.concat(parts, ",") .. "}")
end

--- The fields of an error for JSON.
---@param err twilio.numbers.Error
function json.error(err)
  local fields = {}
  for name, value in pairs(err) do
    fields[name] = value
  end
  return fields
end

return json
