-- client:release_many: gives back many owned numbers, with a journal too. See owned_many_spec.lua too.
local cjson = require("cjson")
local flights = require("spec.support.flights")
local form = require("spec.support.form")
local orders = require("spec.support.orders")
local owned_numbers = require("spec.support.owned_numbers")
local outcomes = require("spec.support.reports").outcomes
local scripted = require("spec.support.scripted")
local World = require("spec.support.world")

local GONE, BUSY = owned_numbers.GONE, owned_numbers.BUSY
local sid, sids, sid_of = owned_numbers.sid, owned_numbers.sids, owned_numbers.sid_of
local answers, shown, released = owned_numbers.answers, owned_numbers.shown, owned_numbers.released

describe("client:release_many", function()
  it("reports a missing number as not_owned, and a refused one as owned", function()
    local client =
      scripted.client { DELETE = answers({ [sid(1)] = GONE, [sid(2)] = BUSY }, released) }
    local report, message = client:release_many(sids(3))
    assert.same({ "not_owned", "owned", "released" }, outcomes(report))
    assert.same({ 1, 1, 1, 0, 0 }, {
      report.released,
      report.owned,
      report.not_owned,
      report.unknown,
      report.stopped,
    })
    assert.equal("1 of 3 released, 1 still owned, 0 unknown, 1 not owned, 0 not begun", message)
  end)

  it("treats a 404 after an unanswered attempt as a release", function()
    local client = scripted.client { DELETE = { { broken = "network" }, GONE } }
    assert.same({ "released" }, outcomes(assert(client:release_many(sids(1)))))
  end)

  it("first unregisters the emergency address, with unregister_emergency", function()
    local looks = {}
    local client, log = scripted.client {
      GET = {
        function(request)
          local asked = sid_of(request)
          looks[asked] = (looks[asked] or 0) + 1
          local status = looks[asked] > 1 and "unregistered" or "registered"
          local number = { sid = asked, emergency_address_status = status }
          return { status = 200, body = cjson.encode(number) }
        end,
      },
      POST = { shown },
      DELETE = { released },
    }
    assert(client:release_many(sids(2), { unregister_emergency = true }))
    assert.same({ 2, 2 }, { #log.posts, #log.deletes })
    assert.same({ EmergencyAddressSid = "" }, form.decode(log.posts[1].body))
  end)

  it("can be stopped while a number is only being looked up", function()
    local client = scripted.client({
      GET = {
        function(request)
          local number =
            { sid = sid_of(request), emergency_address_status = "pending-unregistration" }
          return { status = 200, body = cjson.encode(number) }
        end,
      },
    }, { loop = "block" })
    local pending = assert(client:release_many_async(sids(2), { unregister_emergency = true }))
    client:poll()
    assert.equal(0, pending.task:stop())
    flights.finish(client)
    assert.same({ "stopped", "stopped" }, outcomes(pending:result()))
  end)

  describe("with a journal", function()
    local world

    before_each(function()
      World.start_clocks()
      world = orders.world()
    end)
    after_each(World.stop_clocks)

    it("waits for each number separately until no purchase of it can be in flight", function()
      orders.left_unfinished(world, "k")
      local held = assert(orders.named(world, orders.X, "k"))
      local free = assert(orders.named(world, orders.Y, "quiet"))
      local client = world:client()
      local report, message = client:release_many { held.sid, free.sid }
      assert.same({ "owned", "released" }, outcomes(report))
      local err = report.results[1].err
      assert.same({ "in_progress", "k", orders.X }, { err.kind, err.order, err.phone_number })
      assert.is_nil(err.purchased)
      assert.matches("1 of 2 released, 1 still owned", message, 1, true)
      assert.truthy(world.owned[orders.X])
      world:pass(err.retry_after + 1)
      assert.same({ "released" }, outcomes(assert(client:release_many { held.sid })))
      assert.is_nil(world.owned[orders.X])
    end)

    it("keeps a number whose order is unfinished", function()
      orders.left_unfinished(world, "k")
      world:give(orders.X)
      world:pass(600)
      local report = world:client():release_many { world.owned[orders.X].sid }
      assert.same({ "owned" }, outcomes(report))
      assert.equal("in_progress", report.results[1].err.kind)
    end)
  end)
end)
