-- JSON for people and diffs: sorted keys, a line each, lists of numbers on one line.
local cjson = require("cjson")
local files = require("spec.support.files")

local json = {}

local function number(value)
  return (("%.6f"):format(value):gsub("0+$", ""):gsub("%.$", ""))
end

local function sorted_names(value)
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function write(value, indent)
  if type(value) == "number" then
    return number(value)
  elseif type(value) ~= "table" then
    return (cjson.encode(value):gsub("\\/", "/"))
  end
  local inner, parts, is_list = indent .. "  ", {}, #value > 0 or next(value) == nil
  for i, part in ipairs(value) do
    parts[i] = write(part, inner)
  end
  if is_list and type(value[1]) ~= "table" then
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for i, name in ipairs(is_list and {} or sorted_names(value)) do
    parts[i] = write(name, inner) .. ": " .. write(value[name], inner)
  end
  local lines = "\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent
  return is_list and "[" .. lines .. "]" or "{" .. lines .. "}"
end

function json.encode(value)
  return write(value, "") .. "\n"
end

function json.read(path)
  return cjson.decode(files.read(path))
end

function json.write(path, value)
  local file = assert(io.open(path, "w"))
  assert(file:write(json.encode(value)))
  file:close()
end

return json
