--- The host's globals that the library uses, read once while it loads. A strict host raises an error for an
--- unknown name; a sandbox lacks names, or removes them later.
local globals = {}

--- Standard globals. A sandbox may lack one, make it raise an error, or replace it in its own environment.
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

--- Globals of some hosts.
globals.jit = rawget(_G, "jit")
globals.ngx = rawget(_G, "ngx")
globals.core = rawget(_G, "core") -- HAProxy's, or another host's
globals.unpack = rawget(table, "unpack") or rawget(_G, "unpack")

--- Whether a value of package.loaded is that of a module being loaded: a userdata in 5.1, a number in LuaJIT.
local function is_loading(value)
  return type(value) == "userdata" or type(value) == "number"
end

--- Requires a module, or raises an error. For a module that has failed to load, and for all that it required,
--- 5.1 and LuaJIT would only report "loop or previous error" the next time. After an error, which may be a
--- lack of memory, it allocates nothing.
---@param name string
function globals.load(name)
  local before = {}
  for other, value in next, globals.loaded do
    before[other] = is_loading(value)
  end
  local loaded, module = pcall(globals.require, name)
  if loaded then
    return module
  end
  for left, value in next, globals.loaded do
    if is_loading(value) and not before[left] then
      globals.loaded[left] = nil
    end
  end
  error(module, 0)
end

--- The value of an environment variable; nil if it is empty or the host has no access.
---@param name string
---@return string? value
function globals.variable(name)
  local getenv = globals.os and globals.os.getenv -- read late: specs replace it
  local value = getenv and getenv(name)
  return value ~= "" and value or nil
end

--- Collects garbage: 5.1 and LuaJIT do not do so by themselves when memory is short.
function globals.collect()
  pcall(globals.collectgarbage)
end

return globals
