-- application/x-www-form-urlencoded, the encoding of forms and query strings. Pure.

local form = {}

local function decode_byte(hex)
  return string.char(tonumber(hex, 16))
end

local function decode(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", decode_byte))
end

---The fields of a body or a query string. The last one of duplicates counts.
---@param text string?
---@return table<string, string>
function form.decode(text)
  local fields = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    fields[decode(name)] = decode(value)
  end
  return fields
end

local function encode_byte(byte)
  return ("%%%02X"):format(byte:byte())
end

---@param text string
---@return string
function form.escape(text)
  return (tostring(text):gsub("[^%w%-._~]", encode_byte))
end

---A query string of the pairs, in the order given.
---@param pairs_in_order {[1]: string, [2]: any}[]
---@return string
function form.encode(pairs_in_order)
  local parts = {}
  for index, pair in ipairs(pairs_in_order) do
    parts[index] = form.escape(pair[1]) .. "=" .. form.escape(pair[2])
  end
  return table.concat(parts, "&")
end

return form
