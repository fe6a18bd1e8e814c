-- JSON for people and diffs: sorted keys, a line each, lists of numbers on one line.
local cjson = require("cjson")

local json = {}

local function is_list(value)
  return #value > 0 or next(value) == nil
end

local function is_flat(list)
  for _, value in ipairs(list) do
    if type(value) == "table" then
      return false
    end
  end
  return true
end

local function number(value)
  return (("%.6f"):format(value):gsub("0+$", ""):gsub("%.$", ""))
end

local function write(value, indent)
  if type(value) == "number" then
    return number(value)
  elseif type(value) ~= "table" then
    return (cjson.encode(value):gsub("\\/", "/"))
  end
  local inner, parts = indent .. "  ", {}
  if is_list(value) then
    for i, part in ipairs(value) do
      parts[i] = write(part, inner)
    end
    if is_flat(value) then
      return "[" .. table.concat(parts, ", ") .. "]"
    end
    return "[\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent .. "]"
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = write(name, inner) .. ": " .. write(value[name], inner)
  end
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent .. "}"
end

function json.encode(value)
  return write(value, "") .. "\n"
end

function json.read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return cjson.decode(text)
end

function json.write(path, value)
  local file = assert(io.open(path, "w"))
  assert(file:write(json.encode(value)))
  file:close()
end

return json
