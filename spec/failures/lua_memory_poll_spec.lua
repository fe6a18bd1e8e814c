-- Lua runs out of memory at any place of the beginning of a call in flight, or of poll(), at any depth of the
-- stack, which decides whether calling a function takes memory. Each call that began ends, and calls its
-- callback once.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")
local simulator = require("spec.support.simulator")

local PROGRAM = [[
  if jit then
    jit.off()
  end
  local starving = require("spec_starving")
  local BEGINS, STRIDE, DEPTH, MANY = %s, %d, 24, 500
  local twilio = require("spec.support.simulator").of(twilio)
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  local calls, task

  local function count()
    calls = calls + 1
  end

  local function buy()
    return client:purchase_many_async({ "+14155550100", "+14155550101" }, nil, nil, count)
  end

  -- Calls f with so many functions around it.
  local function call_within(depth, f)
    if depth == 0 then
      return f()
    end
    local result = call_within(depth - 1, f)
    return result
  end

  local function starve(nth)
    starving.arm(nth, 1e9)
    if BEGINS then
      local begun, pending = pcall(buy)
      task = begun and pending
    end
    for _ = 1, 3 do
      pcall(client.poll, client)
    end
  end

  -- Returns how often memory was refused.
  local function run(depth, nth)
    twilio:reset()
    calls, task = 0, false
    if not BEGINS then
      task = assert(buy())
      flights.until_answered(client)
    end
    collectgarbage() -- which shrinks the stack
    pcall(call_within, depth, function()
      starve(nth)
    end)
    local _, refused = starving.disarm()
    local ends = core.now() + 20
    while client:poll() > 0 and core.now() < ends do
      core.sleep(0.0002)
    end
    if client:poll() > 0 or calls ~= (task and 1 or 0) then
      print(("depth %%d, at %%d: %%d left, calls %%d"):format(depth, nth, client:poll(), calls))
      os.exit(1)
    end
    return refused
  end

  for depth = 0, DEPTH do
    local nth = 1
    while run(depth, nth) > 0 do
      nth = nth + STRIDE
      assert(nth < MANY)
    end
  end
  print("passed")
]]

local REPAIR = [[
  local starving = require("spec_starving")
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  local scheduler, store = client.scheduler, {}
  flights.begin(client, 3)
  scheduler:expect_result(store, { due = core.now() + 10, store = store, done = false, wake = false })
  flights.until_answered(client)
  scheduler:resume_interrupted() -- so that the stack has its size
  starving.arm(1e9)
  scheduler:resume_interrupted()
  local asked = starving.disarm()
  print(("%d %d"):format(asked, scheduler.stores[store]))
  scheduler.stores[store] = nil
  flights.finish(client)
]]

describe("a call in flight for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function check(begins, stride)
    if left_out.in_luajit("memory that runs out in poll()") then
      return
    end
    stride = os.getenv("FAILURES") == "all" and 1 or stride
    local program = flights.program(twilio, PROGRAM:format(tostring(begins), stride))
    local output, status = interpreter.result(program, 300)
    assert.equal("passed\n", output)
    assert.equal(0, status)
  end

  it("as it begins ends, at any depth of the stack", function()
    check(true, 2)
  end)

  it("in poll() ends, at any depth of the stack", function()
    check(false, 1)
  end)

  it("is continued without any memory for that", function()
    if left_out.in_luajit("memory that the repair of a scheduler takes") then
      return
    end
    local output, status = interpreter.result(flights.program(twilio, REPAIR), 60)
    assert.equal("0 1\n", output)
    assert.equal(0, status)
  end)
end)
