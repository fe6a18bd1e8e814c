--- Every string that is reachable from a value.
local reachable = {}

-- luacheck: read globals debug.getuservalue debug.getfenv

--- Types of values that are, or may hold, strings.
local HOLDERS = { string = true, table = true, userdata = true, ["function"] = true, thread = true }

--- A function's upvalues, as a debugger finds them.
local function visit_upvalues(f, visit)
  local i = 1
  local name, value = debug.getupvalue(f, i)
  while name do
    visit(value)
    i = i + 1
    name, value = debug.getupvalue(f, i)
  end
end

--- A suspended coroutine's local variables, in all of its functions.
local function visit_locals(thread, visit)
  local level = 0
  local info = debug.getinfo(thread, level, "f")
  while info do
    visit(info.func)
    local i = 1
    local name, value = debug.getlocal(thread, level, i)
    while name do
      visit(value)
      i = i + 1
      name, value = debug.getlocal(thread, level, i)
    end
    level = level + 1
    info = debug.getinfo(thread, level, "f")
  end
end

local function visit_table(value, visit)
  for k, v in next, value do
    visit(k)
    visit(v)
  end
end

local function visit_userdata(value, visit)
  local get = debug.getuservalue or debug.getfenv
  visit((get(value)))
end

--- The strings among the keys and values of tables, and of their metatables, at any depth.
---@param root any
---@param as_debugger? boolean also in the upvalues of functions, and in coroutines
---@return string[]
function reachable.strings(root, as_debugger)
  local strings, seen, queue = {}, {}, { root }
  seen[strings], seen[seen], seen[queue] = true, true, true -- the walk may reach its own tables
  local function visit(value)
    if HOLDERS[type(value)] and not seen[value] then
      seen[value] = true
      queue[#queue + 1] = value
    end
  end
  local of_type = { table = visit_table, userdata = visit_userdata }
  if as_debugger then
    of_type["function"], of_type.thread = visit_upvalues, visit_locals
  end
  local first = 1
  while queue[first] ~= nil do
    local value = queue[first]
    first = first + 1
    if type(value) == "string" then
      strings[#strings + 1] = value
    else
      visit(debug.getmetatable(value))
    end
    if of_type[type(value)] then
      of_type[type(value)](value, visit)
    end
  end
  return strings
end

return reachable
