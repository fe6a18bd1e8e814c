-- Runs a chunk in a new process of the interpreter that runs the specs, with its search paths.

local child = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The interpreter: the first of arg's negative indices.
local function interpreter()
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  return arg[first]
end

---@param chunk string
---@return string what it printed, on either stream
function child.run(chunk)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(("package.path, package.cpath = %q, %q\n"):format(package.path, package.cpath), chunk)
  file:close()
  local pipe = assert(io.popen(quote(interpreter()) .. " " .. quote(name) .. " 2>&1"))
  local output = pipe:read("*a")
  pipe:close()
  os.remove(name)
  return output
end

return child
