-- client:stats(), for monitoring.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

describe("the stats of a client", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("are zeros before anything was sent", function()
    local client = clients.of(twilio, { max_in_flight = 7 })
    assert.same({ in_flight = 0, queued = 0, max_in_flight = 7 }, client:stats())
    client:close()
    assert.same({ in_flight = 0, queued = 0, max_in_flight = 7 }, client:stats())
  end)

  it("count requests in flight and queued requests", function()
    twilio:fault { fault = "hang", times = 100 }
    local client = clients.of(twilio, { max_in_flight = 2, deadline = 60, retries = 0 })
    local pendings = flights.begin(client, 5)
    local stats = client:stats()
    assert.equal(5, stats.in_flight + stats.queued)
    flights.until_(function()
      return client:stats().in_flight == 2
    end, "two at Twilio")
    assert.same({ in_flight = 2, queued = 3, max_in_flight = 2 }, client:stats())
    for _, pending in ipairs(pendings) do
      pending:cancel()
    end
    flights.finish(client)
    assert.same({ in_flight = 0, queued = 0, max_in_flight = 2 }, client:stats())
    client:close()
  end)

  it("show the limit of requests in flight, which is lower after a 429", function()
    local client = clients.of(twilio, { max_in_flight = 40 })
    local jitter = core.jitter
    core.jitter = function()
      return 0
    end
    twilio:fault { fault = "rate_limit" }
    assert(client:purchase_async({ area_code = "415" }):wait())
    core.jitter = jitter
    assert.equal(20, client:stats().max_in_flight)
    client:close()
  end)

  it("are zeros in a child of fork()", function()
    twilio:fault { fault = "hang", times = 100 }
    local client = clients.of(twilio, { max_in_flight = 2, deadline = 60, retries = 0 })
    local pendings = flights.begin(client, 5)
    flights.until_(function()
      return client:stats().in_flight == 2
    end, "two at Twilio")
    local child = process.fork()
    if child == 0 then
      local stats = client:stats()
      process.leave(stats.in_flight + stats.queued == 0 and stats.max_in_flight == 2 and 0 or 1)
    end
    assert.equal(0, process.wait(child))
    for _, pending in ipairs(pendings) do
      pending:cancel()
    end
    flights.finish(client)
    client:close()
  end)

  it("show the journal's queue", function()
    local folder = journals.new_folder()
    local path = folder .. "/journal.db"
    local journal = assert(journals.open(path, { create = true }))
    local client = clients.of(twilio, { journal = journal })
    assert.same({ waiting = 0, oldest = 0 }, client:stats().journal)
    assert.same({}, assert(client:orders()):all())
    journals.hang(folder)
    local other = journals.start(
      folder,
      [[
        local journal = assert(journals.open(path))
        local writes = { { key = "theirs", version = 0, value = "{}" } }
        print((journal:apply(journals.call(60), writes)))
      ]]
    )
    journals.until_hung(folder)
    local pending = assert(client:orders_async {})
    local lag = client:stats().journal
    assert.equal(1, lag.waiting)
    flights.until_(function()
      return client:stats().journal.oldest > lag.oldest
    end, "older")
    journals.let_go(folder)
    assert.same({}, pending:wait())
    assert.same({ waiting = 0, oldest = 0 }, client:stats().journal)
    other:close()
    client:close()
    journal:close(5)
    journals.remove(folder)
  end)
end)
