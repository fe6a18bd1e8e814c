-- Finds what spec files need from their text and that of their helpers. For tools/check.lua, which loads
-- this, and for tools/test, which runs it for a Lua with few modules: prints the spec files among its
-- arguments that can be loaded, and appends to the file named by the first one why the others are left out.

local specs = {}

-- External modules, and their packages in Debian.
local MODULES = {
  argparse = "lua-argparse",
  cjson = "lua-cjson",
  ["cjson.safe"] = "lua-cjson",
  copas = "lua-copas",
  cqueues = "lua-cqueues",
  luv = "lua-luv",
  mime = "lua-socket",
  ["openssl.x509.altname"] = "lua-luaossl",
  socket = "lua-socket",
  ["socket.http"] = "lua-socket",
  ssl = "lua-sec",
}

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text
end

-- The text of a file and of all helpers that it requires.
function specs.text_of(path, seen)
  if seen[path] then
    return ""
  end
  seen[path] = true
  local own = read(path)
  local texts = { own }
  for helper in own:gmatch('require%("(spec%.support%.[%w_.]+)"%)') do
    texts[#texts + 1] = specs.text_of(helper:gsub("%.", "/") .. ".lua", seen)
  end
  return table.concat(texts, "\n")
end

-- A module that a text needs and this Lua lacks.
---@param text string
---@param at_once boolean? only modules needed to load it: a require at the start of a line
---@return string? its package, and the Lua
function specs.missing_module(text, at_once)
  for module, package in pairs(MODULES) do
    local required = 'require%("' .. module:gsub("%.", "%%.")
    local is_needed = ("\n" .. text):find(at_once and "\n[^%s][^\n]*" .. required or required)
    if is_needed and not pcall(require, module) then
      return ("%s for %s"):format(package, arg[-1])
    end
  end
end

if arg and arg[0]:find("specs%.lua$") then
  local left_out = assert(io.open(arg[1], "a"))
  for index = 2, #arg do
    local reason = specs.missing_module(specs.text_of(arg[index], {}), true)
    if reason then
      left_out:write(("%s: %s\n"):format(reason, arg[index]))
    else
      print(arg[index])
    end
  end
  left_out:close()
end

return specs
