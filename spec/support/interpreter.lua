--- The interpreter that runs the specs, to start another one of the same kind.
local interpreter = {}

-- luacheck: read globals jit
--- Its command.
interpreter.command = jit and "luajit" or "lua" .. _VERSION:match("%d%.%d")

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The path of a C module for this Lua.
function interpreter.path_of(name)
  for template in package.cpath:gmatch("[^;]+") do
    local path = template:gsub("%?", name)
    local file = io.open(path)
    if file then
      file:close()
      return path
    end
  end
  error("no " .. name)
end

--- A shell command that runs a Lua program with the same paths.
---@param program string Lua source
---@param options? table
--- older: how libcurl differs there, in the words of spec/support/older.c;
--- library: another one of the specs' own that is preloaded, too
function interpreter.run(program, options)
  local older, library = (options or {}).older, (options or {}).library
  local preload = os.getenv("TEST_PRELOAD") or ""
  for _, name in ipairs { older and "spec_older" or false, library or false } do
    preload = name and preload .. " " .. interpreter.path_of(name) or preload
  end
  return ("LUA_PATH=%s LUA_CPATH=%s exec env OLDER=%s LD_PRELOAD=%s %s -e %s"):format(
    quote(package.path),
    quote(package.cpath),
    quote(older or ""),
    quote(preload),
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

--- Runs a Lua program in a process of its own, that is killed if it takes too long.
---@param program string
---@param seconds? number default 30
---@param options? table those of run(), and
--- variables: table<string, string>, of its environment;
--- before: shell commands that its shell runs before it, such as "ulimit -s 128;"
---@return string output what it printed, on either stream
---@return integer status its exit status: 128 + a signal that ended it, or 124 when it took too long
function interpreter.result(program, seconds, options)
  options = options or {}
  local limit = " timeout " .. (seconds or 30) .. " "
  local command = interpreter.run(program, options):gsub(" exec ", limit, 1)
  for name, value in pairs(options.variables or {}) do
    command = name .. "=" .. quote(value) .. " " .. command
  end
  local shell = "(%s %s) 2>&1; status=$?; echo; echo $status"
  local pipe = assert(io.popen(shell:format(options.before or "", command)))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*)\n(%d+)\n$")
  return text, tonumber(status)
end

return interpreter
