--- The interpreter that runs the specs, to start another one of the same kind.
local interpreter = {}

-- luacheck: read globals jit
--- Its command.
interpreter.command = jit and "luajit" or "lua" .. _VERSION:match("%d%.%d")

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A shell command that runs a Lua program with the same paths.
---@param program string Lua source
function interpreter.run(program)
  return ("LUA_PATH=%s LUA_CPATH=%s exec %s -e %s"):format(
    quote(package.path),
    quote(package.cpath),
    interpreter.command,
    quote(program)
  )
end

--- Runs a Lua program in a process of its own.
---@param program string
---@return string output what it printed, on either stream
function interpreter.output(program)
  local pipe = assert(io.popen(interpreter.run(program) .. " 2>&1"))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

return interpreter
