--- Specs that cannot run since the machine lacks a package. Records each for tools/test, which lists and
--- counts them at the end of its run.
local left_out = {}

local NPM = "tools/node_modules/.package-lock.json"

local function note(what, lacking)
  local file = io.open(os.getenv("TEST_LEFT_OUT") or "/dev/stderr", "a")
  file:write(("%s: %s\n"):format(lacking, what))
  file:close()
end

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

--- Whether the machine lacks what the caller looked for; if so, records that.
---@param has boolean
---@param what string what is left out then
---@param lacking string
function left_out.without(has, what, lacking)
  if not has then
    note(what, lacking)
  end
  return not has
end

--- Whether the packages of tools/package-lock.json are missing; if so, records that.
---@param what string what is left out then, such as a spec file's name
function left_out.without_npm(what)
  local lacks = not exists(NPM)
  if lacks then
    note(what, "npm packages")
  end
  return lacks
end

--- Whether a Lua cannot load a module; if so, records that.
---@param what string what is left out then
---@param package string the package that has the module
---@param interpreter string
---@param module string
function left_out.without_module(what, package, interpreter, module)
  local program = ([[%s -e 'require("%s")' >/dev/null 2>&1 && echo yes]]):format(
    interpreter,
    module
  )
  local pipe = assert(io.popen(program))
  local lacks = pipe:read("*l") ~= "yes"
  pipe:close()
  if lacks then
    note(what, ("%s for %s"):format(package, interpreter))
  end
  return lacks
end

--- Whether a program is missing; if so, records that.
---@param what string what is left out then
---@param package string the package that has it
---@param program string its name, or its path
function left_out.without_program(what, package, program)
  local pipe = assert(io.popen(("command -v %s >/dev/null && echo yes"):format(program)))
  local lacks = pipe:read("*l") ~= "yes"
  pipe:close()
  if lacks then
    note(what, package)
  end
  return lacks
end

--- Whether this is LuaJIT, which sometimes crashes by itself when an allocation fails: always, while it
--- creates or resumes a coroutine. If so, records that.
---@param what string what is left out then
function left_out.in_luajit(what)
  local is_luajit = rawget(_G, "jit") ~= nil
  if is_luajit then
    note(what, "a LuaJIT that survives its own lack of memory")
  end
  return is_luajit
end

return left_out
