--- The specs of spec/failures: each runs a scenario in a process of its own, with its calls failing.
---
--- `make test` fails some of the calls, by STEPS: the C side is the same under every Lua, so the most common
--- ones, 5.4 and LuaJIT, get the most. `make failures` (FAILURES=all) fails each call under every Lua, and
--- then each one with all that follow it.
local interpreter = require("spec.support.interpreter")
local libcurl = require("spec.support.libcurl")

local failing_specs = {}

local IS_ALL = os.getenv("FAILURES") == "all"

-- luacheck: read globals jit
local IS_MAIN = jit or _VERSION == "Lua 5.4"

--- One in so many calls fails.
local STEPS = IS_ALL and {}
  or IS_MAIN and { curl = 3, libcurl_memory = 5, libcurl_system = 3, sqlite_memory = 7 }
  or {
    memory = 3,
    system = 3,
    curl = 13,
    libcurl_memory = 17,
    libcurl_system = 7,
    http2_memory = 7,
    sqlite_memory = 23,
  }

--- Since 8.11.1 nghttp2 gets its memory from libcurl. After a lack of memory, libcurl may reuse the broken
--- HTTP/2 connection, or make later requests wait for it forever.
local KEEPS_BROKEN = libcurl.is_before("8.11.1") and {}
  or { libcurl_memory = true, http2_memory = true }

local LONGEST = 900 -- seconds

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
  local text = "{ scenario = %q, group = %q, wire = %q, forever = %s, keeps_broken = %s, step = %d, "
    .. "twilio = { %s } }"
  return text:format(
    job.scenario,
    job.group,
    job.wire,
    tostring(job.forever),
    tostring(KEEPS_BROKEN[job.group] or false),
    job.step,
    table.concat(fields, ", ")
  )
end

--- Runs a scenario; returns its output, which is one line if nothing was wrong.
local function run(twilio, job)
  local program = 'require("spec.support.failing_runs").main ' .. literal(job, twilio)
  return (interpreter.result(program, LONGEST))
end

--- Fails the calls of a group one by one. Everything must be right, and at least the given number of calls
--- must occur.
---@param least integer
---@param stride? integer one of so many of these calls fails, in the short form
function failing_specs.check(assert, twilio, scenario, group, least, wire, stride)
  local job = { scenario = scenario, group = group, wire = wire or "base_url", forever = false }
  job.step = (STEPS[group] or 1) * (IS_ALL and 1 or stride or 1)
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

--- A spec for each scenario and each group, with the minimum number of calls.
---@param it function busted's
---@param scenarios table[] { scenario, what it is, [group] = least, stride = integer? }
---@param groups string[]
function failing_specs.each(it, assert, twilio, scenarios, groups)
  for _, scenario in ipairs(scenarios) do
    for _, group in ipairs(groups) do
      if scenario[group] then
        it(("(%s) no purchase is lost of %s"):format(group, scenario[2]), function()
          local least, stride = scenario[group], scenario.stride
          failing_specs.check(assert, twilio, scenario[1], group, least, nil, stride)
        end)
      end
    end
  end
end

return failing_specs
