-- Waiting for a purchase in flight, and the signals that come meanwhile.
local cqueues = require("cqueues")

local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local SIGINT, SIGCHLD = 2, 17 -- on Linux

describe("waiting", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio)
  end)

  after_each(function()
    process.alarm(0)
    client:close()
  end)

  it("for a short time can be repeated without leaks", function()
    twilio:limits { latency = 1 }
    local pendings, calls = flights.begin(client, 1)
    for _ = 1, 30000 do
      pendings[1]:wait(0)
    end
    assert(pendings[1]:wait())
    assert.same({ 1 }, calls)
  end)

  it("for a timer is not ended by an earlier one that the host was the first to end", function()
    local scheduler = client.scheduler
    local first, second = scheduler:alarm(0.05), scheduler:alarm(0.1)
    scheduler:end_alarms(first.due) -- the I/O thread has yet to see its time
    local waits = 0
    while not second.done and waits < 6 do
      scheduler:get_io_thread():wait(2)
      client:poll()
      waits = waits + 1
    end
    assert.is_true(first.done)
    assert.is_true(second.done)
  end)

  it(
    "for a thousand timers that end at once takes a time that is linear in their number",
    function()
      local scheduler, reads, wakes = client.scheduler, 0, 0
      for _ = 1, 1000 do
        local fields = scheduler.new_future()
        local timer = setmetatable({}, {
          __index = function(_, name)
            reads = reads + (name == "before" and 1 or 0)
            return fields[name]
          end,
          __newindex = fields,
        })
        timer.due = 0
        scheduler.on_done(timer, function()
          wakes = wakes + 1
        end)
        scheduler:arm(timer)
      end
      while scheduler:timeout() do
        client:poll()
      end
      assert.equal(1000, wakes)
      assert.is_true(reads <= 5000, reads .. " looks at the next one")
    end
  )

  it("for a timer ends although an error interrupted the setting of an earlier one", function()
    local scheduler = client.scheduler
    local io_thread = scheduler:get_io_thread()
    scheduler.io_thread = setmetatable({
      wake_at = function()
        error("interrupted")
      end,
    }, {
      __index = function(_, name)
        return function(_, ...)
          return io_thread[name](io_thread, ...)
        end
      end,
    })
    assert.is_false((pcall(scheduler.alarm, scheduler, 0.05)))
    scheduler.io_thread = io_thread
    local later = scheduler:alarm(0.1)
    client:poll()
    local waits = 0
    while not later.done and waits < 3 do
      io_thread:wait(2)
      client:poll()
      waits = waits + 1
    end
    assert.is_true(later.done)
  end)

  it("for a result of a store ends although an error interrupted its delivery", function()
    local scheduler = client.scheduler
    local store = {}
    local future = { due = core.now() + 1000, store = store, done = false, wake = false }
    scheduler:expect_result(store, future)
    scheduler.expect_none = function()
      scheduler:disarm(future)
      error("interrupted")
    end
    assert.is_false((pcall(scheduler.arrived, scheduler, store, future)))
    scheduler.expect_none = nil
    scheduler.is_interrupted = true -- as an error within poll() sets it
    client:poll()
    assert.is_true(future.done)
    assert.is_false(scheduler:has_work())
    assert.is_nil(next(scheduler.stores))
  end)

  it("for an invalid time is refused", function()
    local pending = client:purchase_async { area_code = "415" }
    local unprintable = setmetatable({}, { __tostring = error })
    for wrong, got in pairs {
      ["one\n" .. ("x"):rep(1000)] = "a string$",
      [unprintable] = "a table$",
      [true] = "a boolean$",
    } do
      for self, wait in pairs { [pending] = pending.wait, [client] = client.close } do
        assert.error_matches(function()
          wait(self, wrong)
        end, "seconds must be a number, got " .. got)
      end
    end
    for _, wrong in ipairs { "1", 0 / 0, {} } do
      for _, wait in ipairs { pending.wait, client.close } do
        local self = wait == client.close and client or pending
        assert.error_matches(function()
          wait(self, wrong)
        end, "seconds must be a number")
      end
    end
    assert(pending:wait())
  end)

  it("for a short time ends in time, and reports the purchase as still in flight", function()
    twilio:fault { fault = "hang", method = "POST" }
    local pending = client:purchase_async { area_code = "415" }
    local began = core.now()
    local number, message, err = pending:wait(0.1)
    local seconds = core.now() - began
    assert.is_true(seconds >= 0.099, seconds .. " s")
    assert.is_nil(number)
    assert.equal("still in flight", message)
    assert.is_nil(err)
    assert.is_false(pending:done())
    pending:cancel()
  end)

  it("for the last one fires the callbacks of the others", function()
    local pendings, calls = flights.begin(client, 30)
    pendings[30]:wait()
    flights.finish(client)
    for i = 1, 30 do
      assert.equal(1, calls[i])
    end
  end)

  it("in a callback for another purchase works", function()
    local other, seen
    client:purchase_async({ area_code = "415" }, function()
      other = client:purchase_async { area_code = "510" }
      seen = other:wait()
    end)
    flights.finish(client)
    assert.equal(seen.sid, other:result().sid)
  end)

  it("in a callback for a purchase whose response came at the same time works", function()
    local pendings, seen = {}, 0
    for i = 1, 8 do
      pendings[i] = client:purchase_async({ area_code = "415" }, function()
        for _, pending in ipairs(pendings) do
          local number = pending:wait()
          seen = seen + (number and 1 or 0)
        end
      end)
    end
    flights.until_(function()
      return twilio:state().purchases == 8
    end, "8 purchases")
    core.sleep(0.05)
    flights.finish(client)
    assert.equal(64, seen)
  end)

  it("works for a purchase that a callback makes", function()
    local count = 0
    local function again()
      count = count + 1
      if count < 50 then
        assert(client:purchase_async({ area_code = "415" }, again))
      end
    end
    again()
    flights.finish(client)
    assert.equal(50, count)
    assert.equal(49, twilio:state().purchases)
  end)

  it("continues when a callback raises, which poll() re-raises", function()
    local calls, raised = 0, 0
    for _ = 1, 20 do
      client:purchase_async({ area_code = "415" }, function()
        calls = calls + 1
        error("on purpose")
      end)
    end
    flights.until_(function()
      local ok, left = pcall(client.poll, client)
      raised = raised + (ok and 0 or 1)
      return ok and left == 0
    end, "nothing in flight")
    assert.equal(20, calls)
    assert.is_true(raised >= 3)
  end)

  it("is not aborted by signals that the host handles", function()
    twilio:limits { latency = 0.3 }
    local pending = client:purchase_async { area_code = "415" }
    process.alarm(0.002)
    for _ = 1, 20 do
      process.kill(core.process(), SIGCHLD)
      pending:wait(0.002)
    end
    local began = core.now()
    assert(pending:wait())
    assert.is_true(core.now() - began < 1)
  end)

  it("costs no processor time", function()
    twilio:limits { latency = 1 }
    local pending = client:purchase_async { area_code = "415" }
    pending:wait(0.1) -- the handshake
    local before = os.clock()
    assert(pending:wait())
    assert.is_true(os.clock() - before < 0.1)
  end)

  --- How many threads of this process block all signals (except KILL and STOP, which cannot be blocked), and
  --- how many there are. (Starting a program blocks all for a moment too.)
  local function count_blocking()
    local command = ("sleep 0.1; grep -h SigBlk /proc/%d/task/*/status"):format(core.process())
    local pipe = assert(io.popen(command))
    local blocking, all = 0, 0
    for line in pipe:lines() do
      all = all + 1
      blocking = blocking + (line:match("[7f]ffbfeff$") and 1 or 0)
    end
    pipe:close()
    return blocking, all
  end

  it("leaves signals to the host's threads", function()
    collectgarbage() -- other clients' threads
    collectgarbage()
    core.sleep(0.05) -- the system keeps those that have ended for a moment
    local blocking, all = count_blocking()
    flights.begin(client, 1)
    local blocking_now, all_now = count_blocking()
    assert.is_true(blocking_now > blocking)
    assert.equal(all_now - all, blocking_now - blocking)
  end)

  for _, way in ipairs { "pending:wait()", "pending:wait(60)", "client:close(60)" } do
    it("is interrupted by Ctrl-C: " .. way, function()
      twilio:fault { fault = "hang" }
      local program = flights.program(
        twilio,
        ([[
        client = clients.of(twilio, { timeout = 60 })
        pending = client:purchase_async { area_code = "415" }
        print(pcall(function() %s end))
        os.exit(0, true)
      ]]):format(way)
      )
      local pipe = assert(io.popen("echo $$; " .. interpreter.run(program) .. " 2>&1"))
      local pid = assert(pipe:read("*l"):match("^%d+$"))
      flights.until_(function()
        return twilio:state().posts == 1
      end, "a POST")
      local began = core.now()
      process.kill(tonumber(pid), SIGINT)
      local output = pipe:read("*a")
      pipe:close()
      assert.matches("interrupted!", output, 1, true)
      assert.is_true(core.now() - began < 2, "after " .. (core.now() - began) .. " s")
    end)
  end

  --- Buys two numbers; on_progress waits for the call itself.
  local function wait_within(buyer)
    local pending, said
    pending = assert(buyer:purchase_many_async({ "+14155550100", "+14155550101" }, nil, {
      on_progress = function()
        local _, message = pending:wait(5)
        said = message
      end,
    }))
    assert.equal(2, pending:wait().bought)
    return said
  end

  local WITHIN = "still in flight: it cannot end before the function that waits for it returns"

  it("for a call from within it returns at once", function()
    assert.equal(WITHIN, wait_within(client))
  end)

  it("for a call from within it returns at once in an event loop", function()
    local hosted, said = clients.of(twilio, { loop = "auto" }), nil
    local controller = cqueues.new()
    controller:wrap(function()
      said = wait_within(hosted)
    end)
    assert(controller:loop())
    assert.equal(WITHIN, said)
    hosted:close()
  end)

  it("is refused if the host has no means to wait", function()
    local loops, called = require("twilio.numbers.hosts"), false
    local find = loops.find
    loops.find = function()
      return {
        spawn = function()
          return nil, "no timer is left"
        end,
      }
    end
    local pending, message, err = client:purchase_async({ area_code = "415" }, function()
      called = true
    end)
    loops.find = find
    assert.is_nil(pending)
    assert.matches("no timer is left", message)
    assert.same({ "connect", "no" }, { err.kind, err.purchased })
    assert.equal(0, client:poll())
    assert.is_false(called)
  end)

  it("is over if a finalizer polls as it begins", function()
    local scheduler = client.scheduler
    local new_future = scheduler.new_future
    function scheduler.doze()
      error("it waits")
    end
    for _, case in ipairs { { of = 1 }, { of = 1, seconds = 60 }, { of = 2, seconds = 60 } } do
      local pending = client:purchase_async { area_code = "415" }
      flights.until_answered(client)
      local count = 0
      function scheduler.new_future()
        count = count + 1
        if count == case.of then
          scheduler.new_future = nil
          client:poll()
        end
        return new_future()
      end
      assert.is_table(pending:wait(case.seconds))
    end
  end)
end)
