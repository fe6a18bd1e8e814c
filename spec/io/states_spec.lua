-- Several Lua states in one process, one after another and at once, each in its own thread, which leak no
-- thread and no descriptor.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local core = require("twilio.numbers.core")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local function threads()
  core.sleep(0.05) -- the system keeps those that have ended for a moment
  return process.entries("/proc/self/task")
end

describe("several Lua states of one process", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function run(count, program)
    return process.states(count, flights.program(twilio, program))
  end

  local BUY = [[
    local client = clients.of(twilio, { base_url = ... % 2 == 0 and twilio.base_url or twilio.http_url })
    local pendings = flights.begin(client, 20)
    assert(client:purchase { area_code = "415" })
    flights.finish(client)
    return "bought " .. flights.count(pendings).number
  ]]

  local LEAVE = [[
    client = clients.of(twilio)
    flights.begin(client, 20)
    core.sleep(... * 0.001)
    client:poll()
    return "left"
  ]]

  it("buy at once", function()
    for _, result in ipairs(run(6, BUY)) do
      assert.equal("bought 20", result)
    end
    assert.equal(6 * 21, twilio:state().purchases)
  end)

  it("can be closed with purchases in flight, while others continue", function()
    twilio:limits { latency = 0.02 }
    for _ = 1, 5 do
      for _, result in ipairs(run(6, LEAVE)) do
        assert.equal("left", result)
      end
    end
  end)

  it("leak no thread and no descriptor", function()
    local before, files = nil, nil
    for round = 1, 4 do
      run(4, BUY)
      run(4, LEAVE)
      if round == 1 then -- libcurl and OpenSSL open what they keep
        before, files = threads(), process.entries("/proc/self/fd")
      end
    end
    assert.equal(before, threads())
    assert.equal(files, process.entries("/proc/self/fd"))
  end)

  it("that still buy are stopped by an exit of the process", function()
    local program = ([[
      clients.of(twilio) -- OpenSSL is ready: an exit while it becomes so is beyond us
      process.leave_running(4, %q)
      core.sleep(%%s)
      os.exit(0)
    ]]):format(flights.program(
      twilio,
      [[
      while true do
        local client = clients.of(twilio)
        for i = 1, 5 do
          client:purchase_async { area_code = "415" }
          client:poll()
        end
        core.sleep(... * 0.001)
        client:poll()
        client:close()
      end
    ]]
    ))
    for i = 1, 40 do
      local code = flights.program(twilio, program:format(0.01 + i % 8 * 0.004))
      local output, status = interpreter.result(code, 10)
      assert.equal(0, status, output)
    end
  end)

  it("do not harm an exit of the process", function()
    local program = ([[
      local program = %q
      twilio.inner = program
      process.states(1, program)
      client = clients.of(twilio)
      flights.begin(client, 10)
      process.states(3, program)
      os.exit(0)
    ]]):format(flights.program(twilio, LEAVE))
    for _ = 1, 5 do
      local output, status = interpreter.result(flights.program(twilio, program), 20)
      assert.equal(0, status, output)
    end
  end)
end)
