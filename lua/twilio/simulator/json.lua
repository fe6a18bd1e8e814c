-- JSON as the simulator writes it. On lua-cjson, with an instance of its own so that nobody's
-- global settings change it. Used by every part that answers.

local cjson = require("cjson.safe").new()

local json = {
  null = require("cjson").null,
  encode = cjson.encode,
  decode = cjson.decode,
}

---A list, which stays a list when it is empty: lua-cjson writes an empty table as an object.
---@param items any[]
---@return string
function json.list(items)
  return #items == 0 and "[]" or cjson.encode(items)
end

---An object of plain fields and of lists.
---@param fields table
---@param lists table<string, any[]>
---@return string
function json.object(fields, lists)
  local parts = {}
  if next(fields) ~= nil then
    parts[1] = cjson.encode(fields):sub(2, -2)
  end
  for name, items in pairs(lists) do
    parts[#parts + 1] = cjson.encode(name) .. ":" .. json.list(items)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

return json
