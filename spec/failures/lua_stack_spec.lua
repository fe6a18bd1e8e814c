-- A purchase with Lua's or C's stack nearly used up: nothing is sent that cannot be reported.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- at(depth, f) calls f at that depth; the deepest one that works is determined first.
local PROGRAM = [[
  if jit then
    jit.off()
  end
  local STEP = os.getenv("FAILURES") == "all" and 1 or 5
  local twilio = require("spec.support.simulator").of(twilio)
  %s
  local function do_nothing() end
  local function works(depth)
    return (pcall(at, depth, do_nothing))
  end
  local function deepest()
    local low, high = 1, 2
    while works(high) do
      low, high = high, high * 2
    end
    while high - low > 1 do
      local middle = math.floor((low + high) / 2)
      if works(middle) then
        low = middle
      else
        high = middle
      end
    end
    return low
  end
  deepest() -- the first time, 5.1 has less room
  local low = deepest()

  local function judge(called, number, message, err)
    local state = twilio:state()
    if not called then
      return state.posts > 0 and "raised " .. tostring(number)
    elseif number then
      return state.purchases ~= 1 and "a number, but bought: " .. state.purchases
    end
    return state.purchases > 0 and err.purchased == "no" and message
  end

  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  assert(client:purchase { area_code = "415" })
  assert(client:purchase_async({ area_code = "415" }):wait())
  local outcomes = {}
  for depth = math.max(0, low - %d), low, STEP do
    local outcome = { false, false, false, false }
    local function act()
      %s
    end
    twilio:clear()
    twilio:reset()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local called, why = pcall(at, depth, act)
    if not called then
      outcome[2] = outcome[2] or why
    end
    local pending = outcome[1] and outcome[2]
    if pending and pending.wait then
      flights.until_(function()
        local polled, left = pcall(client.poll, client)
        return polled and left == 0
      end, "in flight")
      outcome = { true, pending:result() }
    end
    local problem = judge(outcome[1], outcome[2], outcome[3], outcome[4])
    if problem then
      print("at depth", depth, "of", low, problem)
      return
    end
    local short = outcome[2] and outcome[1] and "number" or "none"
    outcomes[short] = (outcomes[short] or 0) + 1
  end
  twilio:clear()
  assert(client:purchase { area_code = "415" })
  print("passed", outcomes.number or 0, outcomes.none or 0)
]]

-- Large frames first, so that few are enough, except in 5.1, which counts frames.
local LUA_STACK = [[
  local function small(depth, f)
    if depth == 0 then
      return f()
    end
    local result = small(depth - 1, f)
    return result
  end
  local names = {}
  for i = 1, 190 do
    names[i] = "a" .. i
  end
  local large = (loadstring or load)(([=[
    local large
    function large(depth, f, ...)
      local %s
      if depth == 0 then
        return f(...)
      end
      local result = large(depth - 1, f, ...)
      return result
    end
    return large
  ]=]):format(table.concat(names, ", ")))()
  local count = 1
  while _VERSION ~= "Lua 5.1" and pcall(large, count + 200, small, 0, function() end) do
    count = count + 196
  end
  while _VERSION ~= "Lua 5.1" and pcall(large, count + 4, small, 0, function() end) do
    count = count + 1
  end
  local function at(depth, f)
    return large(count, small, depth, f)
  end
]]

local C_STACK = [[
  local function at(depth, f)
    if depth == 0 then
      return f()
    end
    local result
    ;("x"):gsub("x", function()
      result = at(depth - 1, f)
    end)
    return result
  end
]]

local BLOCKING = [[
  outcome[1], outcome[2], outcome[3], outcome[4] =
    pcall(client.purchase, client, { phone_number = "+14155550100" })
]]
local IN_FLIGHT = [[
  outcome[1], outcome[2], outcome[3], outcome[4] =
    pcall(client.purchase_async, client, { phone_number = "+14155550100" })
]]
local POLLED = IN_FLIGHT .. [[
  for _ = 1, 50 do
    client:poll()
    core.sleep(0.0001)
  end
]]

describe("near the end of", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function check(stack, places, act)
    local program = flights.program(twilio, PROGRAM:format(stack, places, act))
    local output, status = interpreter.result(program, 120)
    -- what was begun there and raised out of purchase_async is reported when the process ends
    output = output:gsub("twilio%-numbers: a purchase was sent[^\n]*\n", "")
    local numbers, others = output:match("^passed\t(%d+)%.?0?\t(%d+)%.?0?\n$")
    assert(numbers, output)
    assert.is_true(tonumber(numbers) > 0 and tonumber(others) > 0, output)
    assert.equal(0, status)
  end

  local stacks = { ["Lua's stack"] = { LUA_STACK, 280 } }
  if not rawget(_G, "jit") then -- LuaJIT does not count calls from C
    stacks["C's stack"] = { C_STACK, 30 }
  end
  for name, stack in pairs(stacks) do
    describe(name, function()
      it("a purchase returns what it bought, or sends nothing", function()
        check(stack[1], stack[2], BLOCKING)
      end)

      it("a purchase that is started there is reported later, or sends nothing", function()
        check(stack[1], stack[2], IN_FLIGHT)
      end)

      it("a purchase that resumes there is reported in the end", function()
        check(stack[1], stack[2], POLLED)
      end)
    end)
  end
end)
