-- A frame loop: client:poll() in each frame, callbacks, and no waits.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local now = core.now

local TOO_LONG = 30 -- seconds
local FRAME = 0.002 -- seconds

--- The garbage of 1000 polls: the minimum of several rounds, since LuaJIT's compiler creates garbage too.
local function garbage_of_polls(client)
  local least = math.huge
  for _ = 1, 20 do
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    for _ = 1, 1000 do
      client:poll()
    end
    least = math.min(least, collectgarbage("count") - before)
    collectgarbage("restart")
  end
  return least
end

--- Polls once a frame until is_over().
local function play(client, is_over)
  local ends = core.now() + TOO_LONG
  while not is_over() do
    client:poll()
    core.sleep(FRAME)
    assert(core.now() < ends, "it does not end")
  end
end

describe("In a frame loop", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio, { loop = "auto" })
  end)

  after_each(function()
    core.now = now
    client:close()
  end)

  --- Starts purchases whose numbers are added to a list.
  local function begin(count, numbers)
    for i = 1, count do
      client:purchase_async({ area_code = "415" }, function(number)
        numbers[i] = number
      end)
    end
  end

  it("100 purchases are made over TLS, two callbacks a frame if they take long", function()
    local told, most, left, numbers = 0, 0, {}, {}
    local late = 0
    core.now = function()
      return now() + late
    end
    twilio:limits { latency = 0.05 }
    for i = 1, 100 do
      client:purchase_async({ area_code = "415" }, function(number)
        told = told + 1
        late = late + 0.001 -- what a poll may take, and more
        numbers[i] = assert(number).sid
      end)
    end
    assert.equal(0, told)
    repeat
      told = 0
      left[#left + 1] = client:poll()
      most = math.max(most, told)
      core.sleep(FRAME)
    until left[#left] == 0
    assert.equal(100, left[1])
    assert.is_true(most >= 1 and most <= 2, most .. " in a poll")
    for i = 2, #left do
      assert.is_true(left[i] <= left[i - 1] and left[i] >= left[i - 1] - 2)
    end
    local different = {}
    for _, sid in ipairs(numbers) do
      different[sid] = true
    end
    assert.equal(100, #numbers)
    for _, number in ipairs(twilio:state().owned) do
      assert.is_true(different[number.sid])
    end
    assert.equal(100, twilio:state().purchases)
    assert.equal(0, client:poll())
  end)

  it("retries that are due at once start two a frame if they take long", function()
    local late, told, most = 0, 0, 0
    core.now = function()
      return now() + late
    end
    for _ = 1, 20 do
      client:purchase_async({ area_code = "4" }, function() -- called by an alarm, as after a retry
        told = told + 1
        late = late + 0.001
      end)
    end
    local all = 0
    while all < 20 do
      told = 0
      client:poll()
      all, most = all + told, math.max(most, told)
    end
    assert.equal(2, most)
  end)

  it("the next attempt only needs poll()", function()
    local number
    twilio:fault { fault = "rate_limit" }
    client:purchase_async({ area_code = "415" }, function(...)
      number = ...
    end)
    play(client, function()
      return number
    end)
    assert.equal(2, twilio:state().posts)
    assert.equal(1, twilio:state().purchases)
  end)

  it("a poll() without events creates no garbage", function()
    assert.equal(0, garbage_of_polls(client))
    twilio:fault { fault = "hang", times = 10 }
    begin(10, {})
    while twilio:state().posts < 10 do
      client:poll()
    end
    assert.equal(10, client:poll())
    assert.equal(0, garbage_of_polls(client))
  end)

  it("a poll() while a purchase waits for its next attempt creates no garbage", function()
    twilio:fault { fault = "rate_limit", retry_after = 60 }
    begin(1, {})
    play(client, function()
      return client:timeout() and client:timeout() > 1
    end)
    assert.equal(0, garbage_of_polls(client))
  end)

  it("a callback is never called by purchase_async", function()
    local calls = 0
    local function count()
      calls = calls + 1
    end
    for _, params in ipairs { { area_code = "415" }, { area_code = "4" }, {} } do
      client:purchase_async(params, count)
      assert.equal(0, calls)
    end
    play(client, function()
      return calls == 3
    end)
    assert.equal(1, twilio:state().posts)
  end)

  it("a callback may start another purchase", function()
    local numbers = {}
    local function buy_next(number)
      numbers[#numbers + 1] = number
      if #numbers < 5 then
        client:purchase_async({ area_code = "415" }, buy_next)
      end
    end
    client:purchase_async({ area_code = "415" }, buy_next)
    play(client, function()
      return #numbers == 5
    end)
    assert.equal(5, twilio:state().purchases)
  end)

  it("a callback may buy while it waits", function()
    local first, second
    client:purchase_async({ area_code = "415" }, function(number)
      first, second = number, assert(client:purchase { area_code = "415" })
    end)
    play(client, function()
      return second
    end)
    assert.are_not.equal(first.sid, second.sid)
  end)

  it("a callback may poll and wait", function()
    local numbers = {}
    begin(20, numbers)
    local pending = client:purchase_async({ area_code = "415" }, function(number)
      numbers[21] = number
    end)
    client:purchase_async({ area_code = "415" }, function()
      client:poll()
      numbers[22] = pending:wait()
    end)
    play(client, function()
      return numbers[22]
    end)
    play(client, function()
      return client:poll() == 0
    end)
    assert.equal(22, #numbers)
    assert.equal(numbers[21], numbers[22])
  end)

  it("a callback may wait for a purchase that finished with its own", function()
    local told, pendings = 0, {}
    local function wait_for_all()
      for i = 1, 10 do
        pendings[i]:wait()
      end
      told = told + 1
    end
    for i = 1, 10 do
      pendings[i] = client:purchase_async({ area_code = "4" }, i % 2 == 0 and wait_for_all or nil)
    end
    play(client, function()
      return told == 5
    end)
    for i = 11, 20 do
      pendings[i - 10] =
        client:purchase_async({ area_code = "415" }, i % 2 == 0 and wait_for_all or nil)
    end
    client:close()
    assert.equal(10, told)
  end)

  it("a callback may cancel other purchases", function()
    local outcomes, pendings = {}, {}
    twilio:fault { fault = "hang", times = 5 }
    for i = 1, 5 do
      pendings[i] = client:purchase_async({ area_code = "415" }, function(_, _, err)
        outcomes[i] = err.kind .. " " .. err.purchased
      end)
    end
    while twilio:state().posts < 5 do
      client:poll()
    end
    client:purchase_async({ area_code = "510" }, function()
      for i = 1, 5 do
        pendings[i]:cancel()
      end
    end)
    play(client, function()
      return #outcomes == 5
    end)
    assert.same("cancelled unknown", outcomes[1])
    assert.same("cancelled unknown", outcomes[5])
  end)

  it("a callback may close the client, and all other callbacks are called", function()
    local told = 0
    for _ = 1, 20 do
      client:purchase_async({ area_code = "415" }, function(number, _, err)
        told = told + 1
        assert(number or err.kind == "closed")
        client:close()
      end)
    end
    play(client, function()
      return told == 20
    end)
    assert.equal(0, client:poll())
  end)

  it("errors in callbacks are raised by poll() after all callbacks were called", function()
    local told, raised = 0, {}
    for i = 1, 20 do
      client:purchase_async({ area_code = "4" }, function()
        told = told + 1
        if i % 4 == 0 then
          error("callback " .. i .. ".", 0)
        end
      end)
    end
    local called, why
    repeat
      called, why = pcall(client.poll, client)
    until not called
    assert.equal(20, told)
    repeat
      raised[why] = true
      called, why = pcall(client.poll, client)
    until called
    assert.same({
      ["callback 4."] = true,
      ["callback 8."] = true,
      ["callback 12."] = true,
      ["callback 16."] = true,
      ["callback 20."] = true,
    }, raised)
    assert.equal(0, why)
  end)

  it("an error in a callback is raised by close(), which closes nevertheless", function()
    client:purchase_async({ area_code = "415" }, function()
      error("a callback's own")
    end)
    assert.error_matches(function()
      client:close(TOO_LONG)
    end, "a callback's own")
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal("closed", err.kind)
    assert.equal(1, twilio:state().purchases)
  end)

  it("the callback may be left out", function()
    local pending = client:purchase_async { area_code = "415" }
    assert.same({ nil, "still in flight" }, { pending:result() })
    play(client, function()
      return pending:done()
    end)
    assert.matches("^%+1415", pending:result().phone_number)
  end)

  it("a client without references abandons its purchases and ends", function()
    twilio:fault { fault = "hang" }
    local lost = clients.of(twilio, { loop = "auto" })
    lost:purchase_async { area_code = "415" }
    lost = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.equal(0, twilio:state().purchases)
  end)

  it("a poll() ends in time even if a transport in Lua answers at once", function()
    local local_client = scripted.client { POST = { scripted.error(400, 21422) } }
    local count = 0
    local function again()
      count = count + 1
      if count < 2000 then
        local_client:purchase_async({ phone_number = scripted.PHONE }, again)
      end
    end
    again()
    assert.equal(1, local_client:poll())
    assert.is_true(count > 1 and count < 2000, count .. " in one poll")
    flights.finish(local_client)
    assert.equal(2000, count)
  end)
end)
