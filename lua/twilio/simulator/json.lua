-- The simulator's JSON writer. It sorts names, so that an answer has the same bytes under every Lua. Pure.
-- Used by all handlers.

local json_reader = require("twilio.simulator.json_reader")

local json = {
  null = json_reader.null,
  decode = json_reader.decode,
  -- An empty list inside a resource, where an empty table would become an object.
  empty_list = {},
}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return ESCAPES[character] or ("\\u%04x"):format(character:byte())
end

-- All bytes that must be escaped. (A pattern of 5.1 cannot contain a NUL byte.)
local SPECIAL = "[^\32-\33\35-\91\94-\126\128-\255%]]"

local function quote(text)
  return '"' .. (text:find(SPECIAL) and text:gsub(SPECIAL, escape) or text) .. '"'
end

local WHOLE_MAX = 2 ^ 53

local function write_number(value)
  if value % 1 == 0 and value < WHOLE_MAX and value > -WHOLE_MAX then
    return ("%d"):format(value)
  elseif value ~= value or value == math.huge or value == -math.huge then
    error("JSON has no such number: " .. tostring(value))
  end
  return (("%.14g"):format(value):gsub(",", ".")) -- some locales use a comma
end

local write

local function write_list(parts, items)
  parts[#parts + 1] = "["
  for index = 1, #items do
    if index > 1 then
      parts[#parts + 1] = ","
    end
    write(parts, items[index])
  end
  parts[#parts + 1] = "]"
end

-- A cache of sorted and quoted names of objects: sorting and quoting is most of the cost of an answer.
local SHAPES_MAX = 500
local shapes, shapes_count = {}, 0

local function new_shape(names)
  table.sort(names)
  local shape = { names = names, texts = {} }
  for index, name in ipairs(names) do
    shape.texts[index] = (index > 1 and "," or "") .. quote(name) .. ":"
  end
  return shape
end

local function shape_of(fields)
  local names = {}
  for name in pairs(fields) do
    names[#names + 1] = name
  end
  local key = table.concat(names, "\0")
  local shape = shapes[key]
  if not shape then
    if shapes_count == SHAPES_MAX then
      shapes, shapes_count = {}, 0
    end
    shape = new_shape(names)
    shapes[key], shapes_count = shape, shapes_count + 1
  end
  return shape.names, shape.texts
end

local function write_object(parts, fields)
  local names, texts = shape_of(fields)
  parts[#parts + 1] = "{"
  for index = 1, #names do
    parts[#parts + 1] = texts[index]
    write(parts, fields[names[index]])
  end
  parts[#parts + 1] = "}"
end

function write(parts, value)
  local kind = type(value)
  if kind == "string" then
    parts[#parts + 1] = quote(value)
  elseif kind == "number" then
    parts[#parts + 1] = write_number(value)
  elseif kind == "boolean" then
    parts[#parts + 1] = tostring(value)
  elseif value == json.null then
    parts[#parts + 1] = "null"
  elseif kind ~= "table" then
    error("JSON has no " .. kind)
  elseif value == json.empty_list or #value > 0 then
    write_list(parts, value)
  else
    write_object(parts, value)
  end
end

---@param value any
---@return string
function json.encode(value)
  local parts = {}
  write(parts, value)
  return table.concat(parts)
end

---Encodes a list, even if it is empty.
---@param items any[]
---@return string
function json.list(items)
  return #items == 0 and "[]" or json.encode(items)
end

---Encodes an object of plain fields and lists.
---@param fields table
---@param lists table<string, any[]>
---@return string
function json.object(fields, lists)
  local whole = {}
  for name, value in pairs(fields) do
    whole[name] = value
  end
  for name, items in pairs(lists) do
    whole[name] = #items == 0 and json.empty_list or items
  end
  return json.encode(whole)
end

---Creates an answer.
---@param status integer
---@param body string JSON
---@return twilio.simulator.Response
function json.response(status, body)
  return { status = status, headers = { ["content-type"] = "application/json" }, body = body }
end

return json
