-- client:purchase_many: its progress, and what it reports when it is stopped, cancelled or closed.
local clients = require("spec.support.clients")
local cqueues = require("cqueues")
local flights = require("spec.support.flights")
local pool = require("spec.support.pool")
local many_reports = require("spec.support.reports")
local simulator = require("spec.support.simulator")

local phone, phones, filter = pool.phone, pool.phones, pool.filter
local counts = many_reports.counts

describe("client:purchase_many", function()
  describe("of a simulated account", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
    local client

    before_each(function()
      client = clients.of(twilio)
    end)

    after_each(function()
      client:close()
    end)

    local function check_books(report)
      many_reports.check_books(report, twilio:state())
    end

    it("reports progress after each number", function()
      local progress = {}
      local report = client:purchase_many(phones(10), nil, {
        on_progress = function(now)
          progress[#progress + 1] = now
        end,
      })
      assert.equal(10, report.bought)
      assert.equal(10, #progress)
      local seen = {}
      for i, now in ipairs(progress) do
        assert.same({ 10, i, 0 }, { now.wanted, now.bought, now.stopped })
        assert.equal("bought", now.result.outcome)
        assert.equal(phone(now.index), now.result.phone_number)
        assert.is_nil(seen[now.index])
        seen[now.index] = true
      end
    end)

    it("reports what it bought, whatever on_progress does to its argument", function()
      local report, message = client:purchase_many(phones(3), nil, {
        on_progress = function(now)
          now.result.outcome, now.result.number, now.bought = "mine", nil, nil
        end,
      })
      assert.same({ nil, 3, 3 }, { message, report.bought, #report.numbers })
      check_books(report)
    end)

    for name, wanted in pairs { list = phones(20), filter = filter(20) } do
      it("stops when on_progress returns false: " .. name, function()
        client:close()
        client = clients.of(twilio, { max_in_flight = 2 })
        local report, message = client:purchase_many(wanted, nil, {
          on_progress = function(now)
            return now.bought < 5
          end,
        })
        assert.is_true(report.bought >= 5 and report.bought <= 6)
        assert.equal(20 - report.bought, report.stopped)
        assert.matches("not begun", message)
        check_books(report)
      end)
    end

    it("does not keep reservations of numbers that it found but did not try", function()
      client:close()
      client = clients.of(twilio, { max_in_flight = 1 })
      client:purchase_many(filter(3, { area_code = "907" }), nil, {
        on_progress = function()
          return false
        end,
      })
      assert.equal(2, client:purchase_many(filter(2, { area_code = "907" })).bought)
    end)

    it("stops and reports the error when on_progress raises", function()
      client:close()
      client = clients.of(twilio, { max_in_flight = 1 })
      local report, message = client:purchase_many(phones(5), nil, {
        on_progress = function()
          error("no more money", 0)
        end,
      })
      assert.same({ 1, 0, 0, 0, 4 }, counts(report))
      assert.equal(phone(5), report.results[5].phone_number)
      assert.matches("on_progress raised an error: no more money", message)
      check_books(report)
    end)

    it("reports a result for each number when it is cancelled", function()
      client:close()
      client = clients.of(twilio, { max_in_flight = 2 })
      local calls, pending = 0, nil
      pending = assert(client:purchase_many_async(filter(20), nil, {
        on_progress = function(now)
          if now.bought == 4 then
            assert(pending:cancel())
          end
        end,
      }, function()
        calls = calls + 1
      end))
      flights.finish(client)
      local report, message = pending:result()
      assert.equal(1, calls)
      assert.is_string(message)
      assert.equal(20, report.bought + report.refused + report.unknown + report.stopped)
      assert.is_true(report.bought >= 4 and report.stopped >= 14)
      local owned = #twilio:state().owned
      assert.is_true(report.bought <= owned and owned <= report.bought + report.unknown)
    end)

    it("reports a result for each number when its client is closed meanwhile", function()
      twilio:limits { latency = 60 }
      local pending = assert(client:purchase_many_async(phones(5), nil))
      flights.until_(function()
        client:poll()
        return twilio:state().posts == 5
      end, "all sent")
      client:close()
      flights.finish(client)
      local report = pending:result()
      assert.same({ 0, 0, 5, 0, 0 }, counts(report))
      for _, result in ipairs(report.results) do
        assert.equal("closed", result.err.kind)
      end
    end)

    it("starts no more when it is stopped, and abandons look-ups", function()
      local path = "IncomingPhoneNumbers"
      twilio:fault { fault = "hang", method = "GET", path = path, times = 3, skip = 2 }
      local pending = assert(client:purchase_many_async(filter(5)))
      flights.until_(function()
        client:poll()
        return twilio:state().posts == 2
      end, "two were sent")
      pending.task:stop()
      flights.finish(client)
      local report = pending:result()
      assert.same({ 2, 0, 0, 0, 3 }, counts(report))
      check_books(report)
    end)

    it("may take longer than the deadline of one purchase", function()
      client:close()
      client = clients.of(twilio, { max_in_flight = 1, deadline = 2, loop = "auto" })
      twilio:limits { latency = 0.2 }
      local controller, report, message = cqueues.new(), nil, nil
      controller:wrap(function()
        assert(client:purchase_many_async(filter(10), nil, function(...)
          report, message = ...
        end))
      end)
      assert(controller:loop())
      assert.is_nil(message)
      assert.equal(10, report.bought)
    end)
  end)
end)
