-- Ctrl-C, which the interpreter turns into a hook that raises, comes at any instruction of poll().
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local COUNT = 3 -- purchases whose responses are there when poll() is called

local PROGRAM = [[
  if jit then
    jit.off()
  end
  local COUNT = %d
  local twilio = require("spec.support.simulator").of(twilio)
  local hosts = require("twilio.numbers.hosts")
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  local own = debug.getinfo(1, "S").source

  -- Calls poll(), interrupted at its nth instruction, but not in the callback.
  local function poll(nth)
    debug.sethook(function()
      nth = nth - 1
      if nth <= 0 and debug.getinfo(2, "S").source ~= own then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "", 1)
    client:poll()
    debug.sethook()
  end

  local nth, is_over = 0, false
  repeat
    nth = nth + 1
    twilio:clear()
    twilio:reset()
    local calls = {}
    for i = 1, COUNT do
      calls[i] = 0
      client:purchase_async({ area_code = "415" }, function(number)
        calls[i] = calls[i] + (number and 1 or 100)
      end)
    end
    flights.until_answered(client)
    is_over = pcall(poll, nth)
    local left
    for _ = 1, 20 do
      left = select(2, pcall(client.poll, client))
    end
    local state = ("%%s left, calls %%s, nested %%d, %%d"):format(
      left, table.concat(calls, " "), client.scheduler.busy, hosts.callbacks)
    if state ~= "0 left, calls" .. (" 1"):rep(COUNT) .. ", nested 0, 0" then
      print("at instruction", nth, state)
      os.exit(1)
    end
  until is_over
  print("passed")
]]

describe("Ctrl-C at any instruction of poll()", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("loses no number, and calls each callback once", function()
    local program = flights.program(twilio, PROGRAM:format(COUNT))
    local output, status = interpreter.result(program, 300)
    assert.equal("passed\n", output)
    assert.equal(0, status)
  end)
end)
