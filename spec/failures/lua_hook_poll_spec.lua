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
  local callbacks = require("twilio.numbers.async.callbacks")
  local hosts = require("twilio.numbers.hosts")
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  local own = debug.getinfo(1, "S").source

  -- LuaJIT's hooks reach the coroutine of the callbacks too, where each is called after it is forgotten.
  local function is_callback()
    local info = debug.getinfo(3, "Sf")
    return info.source == own or info.func == callbacks.call
  end

  -- Calls poll(), interrupted at its nth instruction, call or return, but not in the callback. Returns
  -- whether it was interrupted, and what it raised.
  local function poll(nth)
    local was_interrupted = false
    local _, why = pcall(function()
      debug.sethook(function()
        nth = nth - 1
        if nth <= 0 and not is_callback() then
          debug.sethook()
          was_interrupted = true
          error("interrupted!", 0)
        end
      end, "cr", 1)
      client:poll()
      debug.sethook()
    end)
    return was_interrupted, why
  end

  local nth, was_interrupted, why = 0, false, nil
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
    was_interrupted, why = poll(nth)
    local left
    for _ = 1, 20 do
      left = select(2, pcall(client.poll, client))
      why = why or (left == "interrupted!" and left) -- after the rest of what had arrived
    end
    local state = ("%%s left, calls %%s, nested %%d, %%d"):format(
      left, table.concat(calls, " "), client.scheduler.busy, hosts.callbacks)
    if was_interrupted and why ~= "interrupted!" then
      state = "raised " .. tostring(why)
    end
    if state ~= "0 left, calls" .. (" 1"):rep(COUNT) .. ", nested 0, 0" then
      print("at instruction", nth, state)
      os.exit(1)
    end
  until not was_interrupted
  print("passed")
]]

-- Each purchase is carried out, and its response is lost.
local LOST = [[
  if jit then
    jit.off()
  end
  local twilio = require("spec.support.simulator").of(twilio)
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  local nth, was_interrupted = 0, false
  repeat
    nth = nth + 1
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local pending = client:purchase_async { phone_number = ("+1415555%04d"):format(1000 + nth) }
    flights.until_answered(client)
    local left = nth
    was_interrupted = not pcall(function()
      debug.sethook(function()
        left = left - 1
        if left <= 0 then
          debug.sethook()
          error("interrupted!", 0)
        end
      end, "", 1)
      client:poll()
      debug.sethook()
    end)
    flights.until_(function()
      local polled, unfinished = pcall(client.poll, client)
      return polled and unfinished == 0
    end, "nothing in flight")
    local number, message = pending:result()
    if not (number or message:find("aborted: interrupted!", 1, true)) then
      print("at instruction", nth, message)
      os.exit(1)
    end
  until not was_interrupted
  print("passed")
]]

-- Ctrl-C comes while a part of a purchase of several numbers tells the whole that it has ended.
local PARTS = [[
  if jit then
    jit.off()
  end
  local twilio = require("spec.support.simulator").of(twilio)
  local callbacks = require("twilio.numbers.async.callbacks")
  local client, call = nil, callbacks.call
  local nth, left, was_interrupted = 0, 0, false

  local function interrupt()
    left = left - 1
    if left <= 0 then
      debug.sethook()
      was_interrupted = true
      error("interrupted!", 0)
    end
  end

  function callbacks.call(pending, how)
    if not was_interrupted and pending.task and pending.task.call.parent then
      debug.sethook(interrupt, "", 1)
    end
    call(pending, how)
    debug.sethook()
  end

  local FILTER = { country = "US", type = "local", area_code = "415", count = 2 }
  local WAYS = {
    function()
      return client:purchase_many(FILTER)
    end,
    function()
      local pending = client:purchase_many_async(FILTER)
      flights.until_(function()
        local polled, unfinished = pcall(client.poll, client)
        return polled and unfinished == 0
      end, "nothing in flight")
      return pending:result()
    end,
  }

  for way, buy in ipairs(WAYS) do
    nth = 0
    repeat
      twilio:reset()
      nth = nth + 1
      client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
      left, was_interrupted = nth, false
      local called, report = pcall(buy)
      local purchases = twilio:state().purchases
      local is_good = called and purchases >= report.bought and purchases <= report.bought + report.unknown
      if not is_good or (way == 2 and report.bought ~= 2) then
        print("way", way, "instruction", nth, called and report.bought or report, "of", purchases)
        os.exit(1)
      end
      pcall(client.close, client) -- it raises what no poll() has raised
    until not was_interrupted
  end
  print("passed")
]]

describe("Ctrl-C at any instruction of poll()", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("loses no number, calls each callback once, and is raised", function()
    local program = flights.program(twilio, PROGRAM:format(COUNT))
    local output, status = interpreter.result(program, 300)
    assert.equal("passed\n", output)
    assert.equal(0, status)
  end)

  -- From the first response on, the purchase runs in a coroutine of the library.
  it("looks up a lost purchase all the same, or says what aborted it", function()
    local output, status = interpreter.result(flights.program(twilio, LOST), 300)
    assert.equal("passed\n", output)
    assert.equal(0, status)
  end)

  it("leaves no purchase of several numbers waiting for its parts", function()
    local output, status = interpreter.result(flights.program(twilio, PARTS), 300)
    assert.equal("passed\n", output)
    assert.equal(0, status)
  end)
end)
