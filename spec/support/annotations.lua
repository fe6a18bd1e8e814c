--- The annotations for editors: the classes, fields, methods and aliases of lua/twilio/numbers/meta.
local annotations = {}

local FOLDER = "lua/twilio/numbers/meta/"

---@return string
function annotations.read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- The paths of Lua files below a folder.
---@return string[]
function annotations.files(folder)
  local paths, output = {}, assert(io.popen("find " .. folder .. " -name '*.lua' | sort"))
  for path in output:lines() do
    paths[#paths + 1] = path
  end
  output:close()
  return paths
end

--- The text of all files of meta/, an empty line between them.
---@return string
function annotations.text()
  local texts = {}
  for i, path in ipairs(annotations.files(FOLDER)) do
    texts[i] = annotations.read(path)
  end
  return table.concat(texts, "\n\n")
end

local function add_method(class, block, name, arguments)
  local method = { params = {}, types = {}, returns = {}, order = {} }
  for argument in arguments:gmatch("[%w_]+") do
    method.order[#method.order + 1] = argument
  end
  for param, kind in block:gmatch("%-%-%-@param ([%w_]+)%??%s+([^\n]*)") do
    method.params[#method.params + 1], method.types[param] = param, kind
  end
  for kind in block:gmatch("%-%-%-@return ([^\n]*)") do
    method.returns[#method.returns + 1] = kind
  end
  assert(not class.methods[name], name .. " is there twice")
  class.methods[name] = method
end

local function add_fields(class, block)
  for line, name in block:gmatch("(%-%-%-@field ([%w_]+)[^\n]*)") do
    assert(not class.lines[name], name .. " is there twice")
    class.lines[name] = line
  end
end

local loaded

--- The classes by their names without "twilio.numbers.": `parent`, `lines` (each field's), `methods`
--- (`params`: those annotated, `types` of these, `order`: those of the function, `returns`), and `text`.
---@return table<string, table> classes
---@return table<string, string> aliases name -> the lines that define it
function annotations.load()
  if loaded then
    return loaded.classes, loaded.aliases
  end
  local classes, aliases, current = {}, {}, nil
  for block in (annotations.text() .. "\n\n"):gmatch("(.-)\n\n+") do
    local name, rest = block:match("%-%-%-@class twilio%.numbers%.(%w+)([^\n]*)")
    if name then
      local parent = rest:match("^ : twilio%.numbers%.(%w+)")
      current = classes[name] or { parent = parent, lines = {}, methods = {}, text = "" }
      classes[name] = current
      add_fields(current, block)
    end
    local method, arguments = block:match("\nfunction %w+:([%w_]+)%(([^)]*)%) end")
    if method then
      add_method(current, block, method, arguments)
    end
    if name or method then
      current.text = current.text .. block .. "\n"
    end
    for alias in block:gmatch("%-%-%-@alias twilio%.numbers%.(%w+)") do
      assert(not aliases[alias], alias .. " is there twice")
      aliases[alias] = block
    end
  end
  loaded = { classes = classes, aliases = aliases }
  return classes, aliases
end

--- The fields of a class with those of its parents, in order, and their lines.
---@param class string
---@return string[] names
---@return table<string, string> lines
function annotations.fields(class)
  local names, lines, classes = {}, {}, annotations.load()
  local name = class
  while name do
    local entry = assert(classes[name], "no class " .. name)
    for field, line in pairs(entry.lines) do
      assert(not lines[field], field .. " is also a parent's")
      names[#names + 1], lines[field] = field, line
    end
    name = entry.parent
  end
  table.sort(names)
  return names, lines
end

return annotations
