-- JSON as the simulator writes it. On lua-cjson, with an instance of its own so that nobody's
-- global settings change it. Used by every part that answers.

local cjson = require("cjson.safe").new()

local json = {
  null = require("cjson").null,
  decode = cjson.decode,
  -- A list of nothing inside a resource, where lua-cjson would write an empty table as an object.
  empty_list = "\0[]",
}

local EMPTY_LIST = "\\u0000[]" -- how lua-cjson writes that text

---@param value any
---@return string
function json.encode(value)
  local text = cjson.encode(value)
  if text:find(EMPTY_LIST, 1, true) then
    text = text:gsub('"\\u0000%[%]"', "[]")
  end
  return text
end

---A list, which stays a list when it is empty.
---@param items any[]
---@return string
function json.list(items)
  return #items == 0 and "[]" or json.encode(items)
end

---An object of plain fields and of lists.
---@param fields table
---@param lists table<string, any[]>
---@return string
function json.object(fields, lists)
  local parts = {}
  if next(fields) ~= nil then
    parts[1] = json.encode(fields):sub(2, -2)
  end
  for name, items in pairs(lists) do
    parts[#parts + 1] = json.encode(name) .. ":" .. json.list(items)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

---An answer.
---@param status integer
---@param body string JSON
---@return twilio.simulator.Response
function json.response(status, body)
  return { status = status, headers = { ["content-type"] = "application/json" }, body = body }
end

return json
