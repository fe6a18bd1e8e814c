--- What the library takes from its host's globals, once, while it is loaded. A strict host raises an error
--- for a name that it does not know; a sandbox lacks names, or takes them away later.
local globals = {}

--- What every Lua has. A sandbox may lack it, make it raise, or have another in an environment of its own.
local STANDARD = {
  -- stylua: ignore start
  require = function() return require end,
  collectgarbage = function() return collectgarbage end,
  loaded = function() return package.loaded end,
  os = function() return os end,
  debug = function() return debug end,
  -- stylua: ignore end
}

for name, read in pairs(STANDARD) do
  local known, value = pcall(read)
  globals[name] = known and value or nil
end
globals.loaded = globals.loaded or {}

--- What only some have.
globals.jit = rawget(_G, "jit")
globals.ngx = rawget(_G, "ngx")
globals.core = rawget(_G, "core") -- HAProxy's, or another host's
globals.unpack = rawget(table, "unpack") or rawget(_G, "unpack")

--- The names of modules that are being loaded: 5.1 has a userdata in their place, LuaJIT what reads as a
--- number.
local function loading()
  local names = {}
  for name, value in next, globals.loaded do
    names[name] = type(value) == "userdata" or type(value) == "number" or nil
  end
  return names
end

--- Requires a module; raises if it cannot be had. 5.1 and LuaJIT would say of one that has failed to load,
--- and of all that it had required on the way, only "loop or previous error" the next time.
---@param name string
function globals.load(name)
  local before = loading()
  local loaded, module = pcall(globals.require, name)
  if loaded then
    return module
  end
  for left in next, loading() do
    globals.loaded[left] = before[left] and globals.loaded[left]
  end
  error(module, 0)
end

--- The value of an environment variable; nil if it is empty, or if the host lets none be read.
---@param name string
---@return string? value
function globals.variable(name)
  local getenv = globals.os and globals.os.getenv -- which specs of the host's replace
  local value = getenv and getenv(name)
  return value ~= "" and value or nil
end

--- Frees memory: before 5.2 and in LuaJIT nothing else does when memory is short.
function globals.collect()
  pcall(globals.collectgarbage)
end

return globals
