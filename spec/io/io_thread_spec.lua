-- Requests in flight: how many at once, in which order, on how many connections.
local clients = require("spec.support.clients")
local connections = require("spec.support.connections")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local KEPT = 16 -- transfers in quiet times: IDLE_MAX of csrc/io/multi_idle.c

local jitter = core.jitter

local function phone(i)
  return { phone_number = ("+1415556%04d"):format(i) }
end

describe("purchases in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    core.jitter = function()
      return 0
    end
    client = clients.of(twilio)
  end)

  after_each(function()
    core.jitter = jitter
    client:close()
  end)

  --- The phone numbers of the purchases as they arrived.
  local function arrived()
    local list = {}
    for _, request in ipairs(twilio:requests()) do
      list[#list + 1] = request.body:match("PhoneNumber=%%2B(%d+)")
    end
    return list
  end

  it("share one connection over HTTP/2", function()
    local pendings, calls = flights.begin(client, 100)
    flights.finish(client)
    assert.same({ number = 100 }, flights.count(pendings))
    local state, requests = twilio:state(), twilio:requests()
    assert.equal(100, state.purchases)
    assert.equal(1, state.connections)
    assert.equal("2", requests[1].http_version)
    for i = 1, 100 do
      assert.equal(1, calls[i])
    end
  end)

  it("reuse connections, over HTTP/1.1 too", function()
    local plain = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
    for _ = 1, 5 do
      flights.begin(plain, 4)
      flights.finish(plain)
    end
    local state = twilio:state()
    plain:close()
    assert.equal(20, state.purchases)
    assert.is_true(state.connections <= 4, state.connections .. " connections")
  end)

  it("are limited to max_in_flight at once", function()
    twilio:limits { latency = 0.05 }
    local narrow = clients.of(twilio, { max_in_flight = 7 })
    local pendings = flights.begin(narrow, 40)
    flights.finish(narrow)
    narrow:close()
    assert.same({ number = 40 }, flights.count(pendings))
    assert.equal(7, twilio:state().most_at_once)
  end)

  it("are sent in the order of their calls", function()
    local narrow = clients.of(twilio, { max_in_flight = 1 })
    flights.begin(narrow, 30, phone)
    flights.finish(narrow)
    narrow:close()
    local list = arrived()
    assert.equal(30, #list)
    for i = 1, 30 do
      assert.equal(("1415556%04d"):format(i), list[i])
    end
  end)

  it("are limited more after a 429, and less again later", function()
    local wide = clients.of(twilio, { max_in_flight = 40 })
    for _ = 1, 3 do -- 40, 20, 10, 5
      twilio:fault { fault = "rate_limit" }
      assert(wide:purchase_async({ area_code = "415" }):wait())
    end
    twilio:limits { hold = true }
    flights.begin(wide, 5 + 6 + 7 + 8 + 9) -- one more after as many answers as are allowed at once
    flights.until_(function()
      return twilio:state().unfinished == 5
    end, "five held")
    assert.same({ in_flight = 5, queued = 30, max_in_flight = 5 }, wide:stats())
    twilio:limits { hold = false }
    flights.finish(wide)
    assert.same({ in_flight = 0, queued = 0, max_in_flight = 10 }, wide:stats())
    flights.begin(wide, 800)
    flights.finish(wide)
    assert.same({ in_flight = 0, queued = 0, max_in_flight = 40 }, wide:stats())
    wide:close()
  end)

  it("are refused less often as the limit adapts to 429s", function()
    twilio:limits { latency = 0.02, max_concurrent = 10 }
    local wide = clients.of(twilio, { max_in_flight = 40, retries = 10 })
    local pendings = flights.begin(wide, 200)
    flights.finish(wide)
    wide:close()
    assert.same({ number = 200 }, flights.count(pendings))
    local state = twilio:state()
    assert.equal(200, state.purchases)
    assert.is_true(state.posts < 600, state.posts .. " POSTs") -- 40 at once would be refused 3 in 4
  end)

  it("time out if they are still queued at their deadline, and buy nothing", function()
    twilio:fault { fault = "hang", times = 100 }
    local narrow = clients.of(twilio, { max_in_flight = 2, retries = 0 })
    local sent = flights.begin(narrow, 2)
    flights.until_(function()
      return narrow:poll() == 2 and twilio:state().posts == 2
    end, "two sent")
    local waiting = flights.begin(narrow, 10, nil, { deadline = 0.3 })
    flights.until_(function()
      return narrow:poll() == 2
    end, "two in flight")
    assert.same({ ["timeout no"] = 10 }, flights.count(waiting))
    for _, pending in ipairs(waiting) do
      local _, message = pending:result()
      assert.matches("still queued", message, 1, true)
    end
    assert.equal(2, twilio:state().posts)
    for _, pending in ipairs(sent) do
      pending:cancel()
    end
    flights.finish(narrow)
    narrow:close()
  end)

  it("are neither delayed nor lost when one burst follows another", function()
    for _ = 1, 10 do
      flights.begin(client, 20)
      flights.finish(client)
    end
    assert.equal(200, twilio:state().purchases)
    assert.equal(1, twilio:state().connections)
  end)

  it("release their memory after a burst", function()
    --- Bytes of C memory, without Lua's, except for LuaJIT, which has its own allocator.
    local function allocated()
      collectgarbage()
      collectgarbage()
      local of_lua = rawget(_G, "jit") and 0 or collectgarbage("count") * 1024
      return process.allocated() - of_lua
    end
    -- So many purchases that are in flight at the same time.
    local function burst(count)
      twilio:limits { hold = true }
      flights.begin(client, count)
      flights.until_(function()
        return twilio:state().unfinished == count
      end, count .. " held")
      local most = allocated()
      twilio:limits { hold = false }
      flights.finish(client)
      return most
    end
    burst(KEPT)
    local before = allocated()
    assert.is_true(burst(100) > before + 2e6)
    flights.until_(function() -- a second later: the next burst may come at once
      return allocated() <= before + 1e6
    end, "memory as before")
  end)

  it("survive the end of idle connections", function()
    flights.begin(client, 5)
    flights.finish(client)
    twilio:retire()
    connections.until_closed(tonumber(twilio.base_url:match("%d+$")))
    local pendings = flights.begin(client, 5)
    flights.finish(client)
    assert.same({ number = 5 }, flights.count(pendings))
    assert.equal(10, twilio:state().posts)
  end)
end)
