--- The specs of spec/failures: each runs a scenario in a process of its own, with its calls failing.
---
--- `make test` lets each call of a group fail once, under Lua 5.4 and LuaJIT, and every fifth under the
--- others, whose C side is the same. `make failures` (FAILURES=all) lets each fail under every Lua, and then
--- each with all that follow it.
local interpreter = require("spec.support.interpreter")

local failing_specs = {}

local IS_ALL = os.getenv("FAILURES") == "all"

-- luacheck: read globals jit
local IS_WHOLE = IS_ALL or jit or _VERSION == "Lua 5.4"
local STEP, LONGEST = 5, 900 -- seconds

local function literal(job, twilio)
  local fields = {}
  for _, name in ipairs {
    "account_sid",
    "auth_token",
    "access_token",
    "base_url",
    "http_url",
    "ca_file",
  } do
    fields[#fields + 1] = ("%s = %q"):format(name, twilio[name])
  end
  return ("{ scenario = %q, group = %q, wire = %q, forever = %s, step = %d, twilio = { %s } }"):format(
    job.scenario,
    job.group,
    job.wire,
    tostring(job.forever),
    job.step,
    table.concat(fields, ", ")
  )
end

--- Runs a scenario; returns what it printed, as one line if nothing was wrong.
local function run(twilio, job)
  local program = 'require("spec.support.failing_runs").main ' .. literal(job, twilio)
  return (interpreter.result(program, LONGEST))
end

--- Lets the calls of a group fail one by one. All must be well, and so many of them must have been met.
---@param least integer
function failing_specs.check(assert, twilio, scenario, group, least, wire)
  local job = { scenario = scenario, group = group, wire = wire or "base_url", forever = false }
  job.step = IS_WHOLE and 1 or STEP
  local output = run(twilio, job)
  local points = tonumber(output:match("^(%d+) points, [^\n]* 0 problems; [^\n]*\n?$"))
  assert.is_true(points ~= nil and points + job.step > least, output)
  if IS_ALL then
    print(("%s, %s: %s"):format(scenario, group, output))
    job.forever = true
    output = run(twilio, job)
    assert.matches("^%d+ points, [^\n]* 0 problems; [^\n]*\n?$", output)
    print(("%s, %s and all after it: %s"):format(scenario, group, output))
  end
end

return failing_specs
