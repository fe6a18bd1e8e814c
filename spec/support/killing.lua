--- Kills a program at every call that writes to a disk or to the network, see killing.c.
---
---   killing.each(program, variables, function(n, moment, output)
---     ... what must hold after a crash there ...
---   end)
local interpreter = require("spec.support.interpreter")

local killing = {}

local SIGKILL = 9
local MOMENTS = { "before", "after" }

--- Runs a program that preloads spec_killing.
---@param program string Lua source
---@param variables table<string, string|number> of its environment: KILLING_AT, KILLING_WHEN and others
---@return integer status its exit status, 137 if it was killed
---@return string output what it printed, on either stream
function killing.run(program, variables)
  local words = {}
  for name, value in pairs(variables) do
    words[#words + 1] = ("export %s='%s'; "):format(name, value)
  end
  -- the shell says "Killed" on its own stderr
  local command = "(%s(%s) >&3 2>&3) 3>&1 2>/dev/null; status=$?; echo; echo $status"
  local run = interpreter.run(program, { library = "spec_killing" })
  local pipe = assert(io.popen(command:format(table.concat(words), run)))
  local output, status = pipe:read("*a"):match("^(.*)\n(%d+)\n$")
  pipe:close()
  return tonumber(status), output
end

--- Kills a program before and after its first call, its second, and so on, until there are no more calls.
--- (Their number varies: data may arrive in one piece or in two.)
---@param program string Lua source
---@param variables table<string, string|number> of its environment
---@param check fun(n: integer, moment: "before"|"after", output: string)
---@param first? integer the first call that is of interest
---@return integer count of calls at which it was killed
function killing.each(program, variables, check, first)
  local n = first or 1
  while true do
    for _, moment in ipairs(MOMENTS) do
      local all = { KILLING_AT = n, KILLING_WHEN = moment }
      for name, value in pairs(variables) do
        all[name] = value
      end
      local status, output = killing.run(program, all)
      if status == 0 then
        return n - (first or 1)
      end
      assert(status == 128 + SIGKILL, ("call %d ends with %d: %s"):format(n, status, output))
      check(n, moment, output)
    end
    n = n + 1
  end
end

return killing
