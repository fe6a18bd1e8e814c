local condition = require("cqueues.condition")
local cqueues = require("cqueues")

local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local host = require("spec.support.host")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local TOO_LONG = 60 -- seconds

local function run(controller)
  local ended, why = controller:loop(TOO_LONG)
  assert(ended, why)
  assert(controller:empty(), "the loop does not end")
end

local function new()
  local controller = cqueues.new()
  return {
    sleep = cqueues.sleep,
    go = function(f)
      controller:wrap(f)
    end,
    run = function()
      run(controller)
    end,
  }
end

local block = { setup = setup, teardown = teardown, before_each = before_each }

for _, choice in ipairs { "auto", "cqueues" } do
  describe('In cqueues, with loop = "' .. choice .. '", a client', function()
    local twilio = simulator.shared(block)
    host.behaves({ it = it, assert = assert }, twilio, new, choice)
  end)
end

describe("In cqueues", function()
  local twilio = simulator.shared(block)
  local controller, client

  before_each(function()
    controller = cqueues.new()
    client = clients.of(twilio, { loop = "auto" })
  end)

  it("a purchase finishes even if the controller that started it no longer runs", function()
    local outcomes = {}
    local hasty = clients.of(twilio, { loop = "auto", deadline = 0.5 })
    controller:wrap(function()
      for i = 1, 2 do
        hasty:purchase_async({ area_code = "415" }, function(number, _, err)
          outcomes[i] = number and number.phone_number or err.kind .. " " .. err.purchased
        end)
      end
    end)
    twilio:fault { fault = "hang" }
    while twilio:state().posts < 2 do
      assert(controller:step(0.01))
    end
    controller = nil -- luacheck: ignore
    flights.finish(hasty)
    assert.same({ "cancelled unknown" }, { outcomes[1]:match("^%a+ %a+$") or outcomes[2] })
    assert.equal(2, #outcomes)
    hasty:close()
  end)

  it("a purchase finishes when its client is closed outside of the loop", function()
    local kind
    controller:wrap(function()
      client:purchase_async({ area_code = "415" }, function(_, _, err)
        kind = err and err.kind
      end)
    end)
    twilio:fault { fault = "hang" }
    while twilio:state().posts < 1 do
      assert(controller:step(0.01))
    end
    client:close()
    flights.finish(client)
    assert.equal("closed", kind)
  end)

  it("close() does not wait if the host has dropped the calls in flight", function()
    controller:wrap(function()
      client:purchase { area_code = "415" }
    end)
    while twilio:state().posts < 1 do
      assert(controller:step(0.01))
    end
    flights.until_(function()
      client:poll()
      return twilio:state().purchases == 1
    end, "bought")
    client:close(3600)
  end)

  it("a closed client closes its descriptors", function()
    local function buy()
      local each = clients.of(twilio, { loop = "auto" })
      controller:wrap(function()
        assert(each:purchase { area_code = "415" })
        each:close()
      end)
      run(controller)
    end
    buy()
    collectgarbage() -- of what other specs left
    local before = process.entries("/proc/self/fd")
    for _ = 1, 20 do
      buy()
    end
    local after = process.entries("/proc/self/fd")
    assert.is_true(after <= before, ("%d, then %d"):format(before, after))
  end)

  it("two controllers share a client, and each of them ends", function()
    local other, numbers = cqueues.new(), {}
    twilio:limits { latency = 0.05 }
    for i, each in ipairs { controller, other, controller, other } do
      each:wrap(function()
        numbers[i] = client:purchase { area_code = "415" }
      end)
    end
    local ends = cqueues.monotime() + TOO_LONG
    while not (controller:empty() and other:empty()) and cqueues.monotime() < ends do
      assert(controller:step(0.01))
      assert(other:step(0.01))
    end
    assert.is_true(controller:empty() and other:empty())
    assert.equal(4, #numbers)
    assert.equal(4, twilio:state().purchases)
  end)

  it("a controller in a coroutine of another one has its own purchases", function()
    local inner, numbers = cqueues.new(), {}
    inner:wrap(function()
      numbers[1] = client:purchase { area_code = "415" }
    end)
    controller:wrap(function()
      assert(inner:loop())
    end)
    controller:wrap(function()
      numbers[2] = client:purchase { area_code = "415" }
    end)
    run(controller)
    assert.equal(2, #numbers)
  end)

  it("an error in a callback is raised from the loop alone", function()
    local numbers = {}
    controller:wrap(function()
      client:purchase_async({ area_code = "415" }, function()
        error("a callback's own")
      end)
      for i = 1, 3 do
        client:purchase_async({ area_code = "415" }, function(number)
          numbers[i] = number
        end)
      end
      numbers[4] = client:purchase { area_code = "415" }
    end)
    local ended, why = controller:loop(TOO_LONG)
    assert.is_falsy(ended)
    assert.matches("a callback's own", tostring(why))
    run(controller)
    assert.equal(4, #numbers)
    assert.equal(5, twilio:state().purchases)
  end)

  it(
    "an error in the callback of a purchase started outside of the loop is raised from the loop",
    function()
      local numbers, failures = {}, {}
      for i = 1, 2 do
        client:purchase_async({ area_code = "415" }, function()
          error("callback " .. i)
        end)
      end
      controller:wrap(function()
        while #failures < 2 do
          numbers[#numbers + 1] = client:purchase { area_code = "415" }
        end
      end)
      repeat
        local ended, why = controller:loop(TOO_LONG)
        failures[#failures + 1] = not ended and tostring(why):match("callback %d") or nil
      until ended
      table.sort(failures)
      assert.same({ "callback 1", "callback 2" }, failures)
      assert.equal(#numbers + 2, twilio:state().purchases)
    end
  )

  it("cqueues.poll accepts a client", function()
    local heard, polls = {}, 0
    local plain = clients.of(twilio, { loop = "block" })
    for i = 1, 20 do
      plain:purchase_async({ area_code = "415" }, function(number)
        heard[i] = number
      end)
    end
    assert.is_number(plain:pollfd())
    assert.equal("r", plain:events())
    controller:wrap(function()
      while plain:poll() > 0 do
        polls = polls + 1
        cqueues.poll(plain)
      end
    end)
    run(controller)
    assert.equal(20, #heard)
    assert.is_true(polls > 0)
  end)

  it("cqueues.poll wakes up for the next attempt", function()
    local heard
    twilio:fault { fault = "rate_limit" }
    local plain = clients.of(twilio, { loop = "block" })
    plain:purchase_async({ area_code = "415" }, function(number)
      heard = number
    end)
    controller:wrap(function()
      while plain:poll() > 0 do
        cqueues.poll(plain)
      end
    end)
    run(controller)
    assert.is_table(heard)
  end)

  it("a purchase can be started in one coroutine and waited for in others", function()
    local begun, pending, numbers = condition.new(), nil, {}
    for i = 1, 3 do
      controller:wrap(function()
        begun:wait()
        numbers[i] = pending:wait()
      end)
    end
    controller:wrap(function()
      cqueues.sleep(0)
      pending = client:purchase_async { area_code = "415" }
      begun:signal()
    end)
    run(controller)
    assert.equal(3, #numbers)
    assert.equal(numbers[1], numbers[3])
    assert.equal(1, twilio:state().purchases)
  end)

  -- On PUC Lua 5.1 this cannot be detected; nothing is sent there before cqueues resumes the coroutine.
  it(
    "a plain coroutine within cqueues' buys in flight, and gets an error for blocking calls",
    function()
      local outcome, still, heard
      controller:wrap(function()
        coroutine.wrap(function()
          local pending = client:purchase_async({ area_code = "415" }, function(number)
            heard = number
          end)
          still = pending
          outcome = { client:purchase { area_code = "510" } }
          still = { pending:wait() }
        end)()
      end)
      run(controller)
      assert.is_table(heard)
      assert.equal(1, twilio:state().posts)
      if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
        assert.same({ "invalid", "no" }, { outcome[3].kind, outcome[3].purchased })
        assert.matches("in a nested coroutine", outcome[2], 1, true)
        assert.matches("^still in flight", still[2])
        assert.is_nil(still[3])
      end
    end
  )

  -- PUC Lua 5.1 cannot yield across pcall
  if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
    it("on_event may buy too, and wait for a purchase in flight", function()
      local events, others, loud = 0, {}, nil
      loud = clients.of(twilio, {
        loop = "auto",
        on_event = function()
          events = events + 1
          if events == 1 then
            others[1] = loud:purchase { area_code = "510" }
          elseif events == 3 then
            others[2] = loud:purchase_async({ area_code = "510" }):wait()
          end
        end,
      })
      local numbers = {}
      for i = 1, 3 do
        controller:wrap(function()
          numbers[i] = loud:purchase { area_code = "415" }
        end)
      end
      run(controller)
      loud:close()
      assert.same({ 3, 5 }, { #numbers, twilio:state().purchases })
      assert.is_true(others[1] ~= nil and others[2] ~= nil)
    end)
  end

  it("a controller that is dropped with a purchase leaves the client usable", function()
    twilio:fault { fault = "hang" }
    controller:wrap(function()
      client:purchase { area_code = "415" }
    end)
    while twilio:state().posts < 1 do
      assert(controller:step(0.01))
    end
    controller:close()
    controller = cqueues.new()
    collectgarbage()
    local number
    controller:wrap(function()
      number = client:purchase { area_code = "510" }
    end)
    run(controller)
    assert.is_table(number)
  end)
end)
