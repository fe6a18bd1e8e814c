--- Results for programs: one JSON value on one line of stdout.
local streams = require("twilio.numbers.command.streams")

local json = {}

--- An instance of our own: nobody's settings change it.
local function encode(value)
  local cjson = require("cjson").new()
  cjson.encode_sparse_array(true)
  -- cjson writes each slash as \/, which is right and ugly
  return (
    cjson.encode(value):gsub("\\/", "/"):gsub("\194([\128-\159])", function(byte)
      return ("\\u%04x"):format(byte:byte()) -- a terminal would take it for a control character
    end)
  )
end

--- Prints an object.
function json.object(fields)
  streams.print(encode(fields))
end

--- A list, which cjson takes for an object when it is empty.
local function array(list)
  return #list == 0 and "[]" or encode(list)
end

--- Prints an array.
function json.array(list)
  streams.print(array(list))
end

--- Prints an object of plain fields, and one list.
function json.object_with_list(fields, name, list)
  streams.print(("%s,%s:%s}"):format(encode(fields):sub(1, -2), encode(name), array(list)))
end

--- An error as an object may hold it.
---@param err twilio.numbers.Error
function json.error(err)
  local fields = {}
  for name, value in pairs(err) do
    fields[name] = value
  end
  return fields
end

return json
