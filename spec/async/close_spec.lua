-- The end of a client with purchases in flight: closed, or collected as garbage.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local function threads()
  core.sleep(0.05) -- the system keeps those that have ended for a moment
  return process.entries("/proc/self/task")
end

local function collect()
  local jit = rawget(_G, "jit") -- whose compiled code keeps what it was compiled with
  if jit then
    jit.flush()
  end
  for _ = 1, 4 do
    collectgarbage()
  end
end

describe("closing a client", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function all_called_once(calls)
    for i, count in ipairs(calls) do
      assert.equal(1, count, "callback " .. i)
    end
  end

  it("calls each callback and ends each wait once", function()
    for _, moment in ipairs { 0, 0.002, 0.02, 0.1 } do
      twilio:reset()
      twilio:limits { latency = 0.05 }
      local client = clients.of(twilio, { max_in_flight = 8 })
      local pendings, calls = flights.begin(client, 20)
      core.sleep(moment)
      client:poll()
      client:close()
      all_called_once(calls)
      core.sleep(0.1)
      local counts, state = flights.count(pendings), twilio:state()
      local bought = (counts.number or 0) + (counts["closed yes"] or 0) -- a response that is cut short
      local unknown = counts["closed unknown"] or 0
      assert.equal(20, bought + unknown + (counts["closed no"] or 0))
      assert.is_true(bought <= state.purchases and state.purchases <= bought + unknown)
      assert.equal(0, client:poll())
    end
  end)

  it("with seconds lets calls in flight finish", function()
    twilio:limits { latency = 0.05 }
    local client = clients.of(twilio, { max_in_flight = 8 })
    local pendings, calls = flights.begin(client, 20)
    client:close(10)
    assert.same({ number = 20 }, flights.count(pendings))
    all_called_once(calls)
  end)

  it("with too few seconds cancels the remaining calls", function()
    local client = clients.of(twilio, { max_in_flight = 2 })
    flights.begin(client, 2)
    flights.finish(client)
    twilio:limits { latency = 1 }
    local pendings, calls = flights.begin(client, 6)
    local began = core.now()
    client:close(1.5)
    assert.is_true(core.now() - began < 1.9)
    all_called_once(calls)
    local counts = flights.count(pendings)
    assert.equal(2, counts.number)
    assert.equal(2, counts["closed unknown"])
    assert.equal(2, counts["closed no"])
  end)

  it("ends the wait for a next attempt", function()
    twilio:fault { fault = "rate_limit", retry_after = 30 }
    local is_answered = false
    local client = clients.of(twilio, {
      on_event = function()
        is_answered = true
      end,
    })
    local pendings, calls = flights.begin(client, 1)
    flights.until_(function()
      client:poll()
      return is_answered
    end, "an answer")
    client:close()
    assert.same({ ["closed no"] = 1 }, flights.count(pendings))
    all_called_once(calls)
  end)

  it("with seconds but nothing in flight ends at once", function()
    local client = clients.of(twilio)
    local began = core.now()
    client:close(20)
    assert.is_true(core.now() - began < 1)
    client = clients.of(twilio)
    flights.begin(client, 1)
    flights.finish(client)
    client:close(20)
    assert.is_true(core.now() - began < 2)
  end)

  it("twice, and using it afterwards, is harmless", function()
    local client = clients.of(twilio)
    local pendings = flights.begin(client, 3)
    client:close()
    client:close()
    client:close(1)
    assert.equal(0, client:poll())
    assert.is_nil(client:pollfd())
    assert.is_nil(client:timeout())
    for _, pending in ipairs(pendings) do
      pending:wait()
      pending:wait(1)
      assert.is_true(pending:done())
      assert.is_false(pending:cancel())
    end
    local pending, _, err = client:purchase_async { area_code = "415" }
    assert.is_nil(pending)
    assert.equal("closed", err.kind)
  end)

  it("in a callback ends the others", function()
    twilio:limits { latency = 0.05 }
    local client = clients.of(twilio, { max_in_flight = 2 })
    local pendings, calls
    pendings, calls = flights.begin(client, 6)
    pendings[7] = client:purchase_async({ area_code = "415" }, function()
      calls[7] = (calls[7] or 0) + 1
      client:close()
    end)
    pendings[8] = client:purchase_async({ area_code = "415" }, function()
      calls[8] = (calls[8] or 0) + 1
      client:close(1)
    end)
    flights.finish(client)
    all_called_once(calls)
    assert.equal(8, #calls)
    for _, pending in ipairs(pendings) do
      assert.is_true(pending:done())
    end
  end)

  it("in on_event is harmless", function()
    local client
    client = clients.of(twilio, {
      on_event = function()
        client:close()
      end,
    })
    local pendings, calls = flights.begin(client, 6)
    flights.finish(client)
    all_called_once(calls)
    assert.is_true(flights.count(pendings).number >= 1)
  end)

  it("still calls the other callbacks when one raises", function()
    twilio:limits { latency = 5 }
    local client, told = clients.of(twilio), 0
    for i = 1, 4 do
      client:purchase_async({ area_code = "415" }, function()
        told = told + 1
        error("callback " .. i)
      end)
    end
    assert.has_error(function()
      client:close()
    end)
    assert.equal(4, told)
    for _ = 2, 4 do -- one error at a time
      assert.has_error(function()
        client:poll()
      end)
    end
    assert.equal(0, client:poll())
  end)

  it("lets callbacks wait for each other", function()
    for _ = 1, 20 do
      local client, pendings, told = clients.of(twilio), {}, 0
      local function wait_for_all()
        for i = 1, 10 do
          pendings[i]:wait()
        end
        told = told + 1
      end
      for i = 1, 10 do
        local area = i <= 5 and "4" or "415"
        pendings[i] = client:purchase_async({ area_code = area }, wait_for_all)
      end
      client:close()
      assert.equal(10, told)
    end
  end)

  it("ends its thread and closes its descriptors", function()
    local files, before
    for round = 1, 30 do
      local client = clients.of(twilio)
      flights.begin(client, 3)
      if round % 2 == 0 then
        flights.finish(client)
      end
      client:close()
      client = nil -- luacheck: ignore 311
      collect()
      if round == 2 then
        files, before = process.entries("/proc/self/fd"), threads()
      end
    end
    -- fewer, if other specs' garbage was collected meanwhile
    flights.until_(function()
      collect()
      return threads() <= before and process.entries("/proc/self/fd") <= files
    end, "no more threads and descriptors than before")
  end)

  it("while servers reset its connections does not end the process", function() -- by SIGPIPE
    for _, url in ipairs { twilio.base_url, twilio.http_url } do
      local client = clients.of(twilio, { base_url = url })
      twilio:fault { fault = "reset_after_commit", times = 5 }
      flights.begin(client, 5)
      flights.finish(client)
      twilio:retire()
      core.sleep(0.02)
      client:close()
    end
  end)
end)

describe("the garbage collector", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local calls

  before_each(function()
    calls = 0
    twilio:limits { latency = 0.05 }
  end)

  local function begin(client)
    return client:purchase_async({ area_code = "415" }, function()
      calls = calls + 1
    end)
  end

  it("collects a pending purchase whose client is kept, and its callback is called", function()
    local client = clients.of(twilio)
    for _ = 1, 5 do
      begin(client)
    end
    collect()
    flights.until_(function()
      collect()
      return client:poll() == 0
    end, "nothing in flight")
    assert.equal(5, calls)
    client:close()
  end)

  it("does not collect a client whose pending purchase is kept", function()
    local pending = begin(clients.of(twilio))
    collect()
    assert(pending:wait())
    assert.equal(1, calls)
  end)

  it("collects both, and the thread ends", function()
    collect()
    local before = threads()
    for _ = 1, 5 do
      local client = clients.of(twilio)
      for _ = 1, 5 do
        begin(client)
      end
      client:poll()
    end
    flights.until_(function()
      collect()
      return threads() <= before -- fewer, if what other specs left went too
    end, "no thread")
    assert.equal(0, calls)
  end)
end)
