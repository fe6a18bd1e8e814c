-- Cancelling one of many purchases.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")
local slowness = require("spec.support.slowness")

describe("a purchase that is cancelled", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  after_each(function()
    client:close()
  end)

  local function until_posts(count)
    flights.until_(function()
      return twilio:state().posts >= count
    end, count .. " POSTs")
  end

  it("before it was sent made no purchase", function()
    twilio:limits { latency = 0.2 }
    client = clients.of(twilio, { max_in_flight = 1 })
    local pendings, calls = flights.begin(client, 3)
    until_posts(1)
    assert.is_true(pendings[2]:cancel())
    flights.finish(client)
    assert.equal("number", flights.outcome(pendings[1]))
    assert.equal("cancelled no", flights.outcome(pendings[2]))
    assert.equal("number", flights.outcome(pendings[3]))
    assert.same({ 1, 1, 1 }, calls)
    assert.equal(2, twilio:state().posts)
  end)

  it("does not sleep before it ends", function()
    client = clients.of(twilio)
    local pendings = flights.begin(client, 1)
    local call = pendings[1].task.call
    pendings[1]:cancel()
    assert.is_false(call:sleep(1000))
    assert.is_nil(next(client.scheduler.alarms))
    flights.finish(client)
  end)

  it("among many that are cancelled leaves the others alone", function()
    twilio:limits { latency = 0.2 }
    client = clients.of(twilio, { max_in_flight = 2 })
    local pendings, calls = flights.begin(client, 5000)
    local function is_kept(i)
      return i <= 4 or i % 1000 == 0
    end
    until_posts(2)
    for i = 5000, 1, -1 do
      assert.is_true(is_kept(i) or pendings[i]:cancel())
    end
    flights.finish(client)
    local counts = flights.count(pendings)
    assert.is_true(counts["cancelled no"] > 4000)
    assert.equal(5000, counts["cancelled no"] + counts.number + (counts["cancelled unknown"] or 0))
    for i = 1, 5000 do
      assert.equal(1, calls[i])
      assert.is_true(not is_kept(i) or flights.outcome(pendings[i]) == "number")
    end
    assert.equal(5000 - counts["cancelled no"], twilio:state().posts)
  end)

  it("at once made no purchase", function()
    twilio:limits { latency = 1 }
    client = clients.of(twilio)
    local pendings = flights.begin(client, 1)
    assert.is_true(pendings[1]:cancel())
    flights.finish(client)
    assert.matches("^cancelled ", flights.outcome(pendings[1]))
    if twilio:state().posts > 0 then
      assert.equal("cancelled unknown", flights.outcome(pendings[1]))
    end
  end)

  for _, by in ipairs { "phone_number", "area_code" } do
    it("after it was sent may have bought a number, and sends nothing more: by " .. by, function()
      twilio:fault { fault = "hang", times = 9 }
      client = clients.of(twilio)
      local value = by == "area_code" and "415" or "+14155560001"
      local pendings, calls = flights.begin(client, 1, function()
        return { [by] = value }
      end)
      until_posts(1)
      assert.is_true(pendings[1]:cancel())
      assert.is_true(pendings[1]:cancel())
      flights.finish(client)
      assert.equal("cancelled unknown", flights.outcome(pendings[1]))
      assert.is_false(pendings[1]:cancel())
      core.sleep(0.1)
      client:poll()
      assert.equal(1, twilio:state().requests)
      assert.same({ 1 }, calls)
    end)
  end

  it("while it waits for its next attempt ends at once", function()
    twilio:fault { fault = "rate_limit", retry_after = 30, times = 9 }
    local is_answered = false
    client = clients.of(twilio, {
      on_event = function()
        is_answered = true
      end,
    })
    local pendings = flights.begin(client, 1)
    until_posts(1)
    flights.until_(function()
      client:poll()
      return is_answered
    end, "an answer")
    local began = core.now()
    assert.is_true(pendings[1]:cancel())
    flights.finish(client)
    assert.is_true(core.now() - began < 1)
    assert.equal("cancelled no", flights.outcome(pendings[1]))
    assert.equal(1, twilio:state().requests)
  end)

  it("after it is done keeps its result", function()
    client = clients.of(twilio)
    local pendings = flights.begin(client, 1)
    flights.finish(client)
    assert.is_false(pendings[1]:cancel())
    assert.equal("number", flights.outcome(pendings[1]))
  end)

  it("by its own on_event returns the number that was bought", function()
    local pendings
    client = clients.of(twilio, {
      on_event = function()
        pendings[1]:cancel()
      end,
    })
    pendings = flights.begin(client, 1)
    flights.finish(client)
    assert.equal("number", flights.outcome(pendings[1]))
  end)

  it("does not affect others on the same connection", function()
    client = clients.of(twilio)
    flights.begin(client, 1)
    flights.finish(client)
    twilio:limits { latency = slowness }
    local pendings, calls = flights.begin(client, 40)
    until_posts(41)
    for i = 1, 40, 2 do
      pendings[i]:cancel()
    end
    flights.finish(client)
    for i = 1, 40 do
      assert.equal(i % 2 == 1 and "cancelled unknown" or "number", flights.outcome(pendings[i]))
      assert.equal(1, calls[i])
    end
    local state = twilio:state()
    assert.equal(41, state.posts)
    assert.equal(1, state.connections)
  end)

  it("while it is queued counts no attempt", function()
    twilio:fault { fault = "hang" }
    client = clients.of(twilio, { max_in_flight = 1 })
    local pendings = flights.begin(client, 2)
    flights.until_(function()
      return twilio:state().posts == 1
    end, "sent")
    pendings[2]:cancel()
    local _, _, err = pendings[2]:wait()
    assert.same({ "cancelled", "no", 0 }, { err.kind, err.purchased, err.attempts })
  end)

  it("while it opens a connection that others wait for does not fail them", function()
    for round = 1, 20 do
      client = clients.of(twilio)
      local pendings = flights.begin(client, 12)
      core.sleep(round % 5 * 0.001)
      pendings[1]:cancel()
      flights.finish(client)
      local counts = flights.count(pendings)
      assert.is_true((counts.number or 0) >= 11, "round " .. round)
      client:close()
    end
  end)

  it("at random moments does not affect others, and the books balance", function()
    local seed = os.time()
    math.randomseed(seed)
    for _, url in ipairs { "base_url", "http_url" } do
      -- its own, since a cancelled purchase may still be carried out after a reset
      local twilio = simulator.start() -- luacheck: ignore 431
      twilio:limits { latency = 0.01 }
      client = clients.of(twilio, { base_url = twilio[url], max_in_flight = 20 })
      local pendings, cancelled = {}, {}
      for i = 1, 300 do
        pendings[i] = client:purchase_async { area_code = "415" }
        client:poll()
        local victim = math.random(i * 3)
        if victim <= i then
          cancelled[victim] = pendings[victim]:cancel() or cancelled[victim]
        end
        core.sleep(0.0005)
      end
      flights.finish(client)
      for i, pending in ipairs(pendings) do
        local outcome = flights.outcome(pending)
        assert.is_true(outcome == "number" or cancelled[i] == true, outcome .. ", seed " .. seed)
      end
      local counts, owned = flights.count(pendings), #twilio:state().owned
      -- "yes": the status line had arrived, the body had not
      local bought = (counts.number or 0) + (counts["cancelled yes"] or 0)
      local unknown = counts["cancelled unknown"] or 0
      local told = ("seed %d: %d owned, %d bought, %d unknown"):format(seed, owned, bought, unknown)
      client:close()
      twilio:stop()
      assert.is_true(bought <= owned and owned <= bought + unknown, told)
    end
  end)
end)
