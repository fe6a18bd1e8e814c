-- client:purchase_many with all_or_nothing, of an account in the simulator.
local clients = require("spec.support.clients")
local pool = require("spec.support.pool")
local many_reports = require("spec.support.reports")
local simulator = require("spec.support.simulator")

local phone, phones, filter = pool.phone, pool.phones, pool.filter
local counts, outcomes = many_reports.counts, many_reports.outcomes

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

    describe("with all_or_nothing", function()
      local options = { all_or_nothing = true }

      it("keeps all numbers if all were bought", function()
        local report, message = client:purchase_many(filter(5), nil, options)
        assert.is_nil(message)
        assert.same({ 5, 0, 0, 0, 0 }, counts(report))
        assert.equal(0, twilio:state().releases)
      end)

      it("releases what it bought if not all numbers are available: a list", function()
        local list = phones(6)
        list[4] = "+14255550199" -- not for sale
        local report, message = client:purchase_many(list, nil, options)
        assert.same({ 0, 1, 0, 5, 0 }, counts(report))
        assert.matches("0 of 6 bought, 1 refused, 0 unknown, 5 released", message)
        assert.same({}, report.numbers)
        assert.same({ 0, 5 }, { #twilio:state().owned, twilio:state().releases })
      end)

      it("releases what it bought if not all numbers are available: a filter", function()
        local report, message = client:purchase_many(filter(5, { area_code = "907" }), nil, options)
        assert.same({ 0, 0, 0, 3, 2 }, counts(report))
        assert.matches("no more numbers match", message)
        assert.equal(0, #twilio:state().owned)
      end)

      it("releases what it bought when it is stopped", function()
        client:close()
        client = clients.of(twilio, { max_in_flight = 1 })
        local report = client:purchase_many(phones(4), nil, {
          all_or_nothing = true,
          on_progress = function(now)
            return now.bought < 2
          end,
        })
        assert.same({ 0, 0, 0, 2, 2 }, counts(report))
        assert.equal(0, #twilio:state().owned)
      end)

      it("never releases numbers that the account owned before", function()
        local old = assert(client:purchase { phone_number = phone(2), friendly_name = "Old" })
        local list = phones(3)
        list[3] = "+14255550199"
        local report = client:purchase_many(list, { friendly_name = "New" }, options)
        assert.same({ "released", "refused", "refused" }, outcomes(report))
        local owned = twilio:state().owned
        assert.equal(1, #owned)
        assert.equal("Old", assert(client:fetch(old.sid)).friendly_name)
      end)

      it("lists numbers that could not be released as kept", function()
        twilio:fault { fault = "status", status = 403, method = "DELETE" }
        local list = phones(3)
        list[3] = "+14255550199"
        local report = client:purchase_many(list, nil, options)
        assert.same({ 0, 1, 0, 1, 0 }, counts(report))
        assert.same({ {}, 1 }, { report.numbers, #report.kept })
        assert.equal(report.kept[1].sid, twilio:state().owned[1].sid)
        for _, result in ipairs(report.results) do
          if result.outcome == "kept" then
            assert.equal(403, result.err.status)
          end
        end
      end)

      for what, fault in pairs {
        ["an account that does not have it"] = { code = 20404, status = 404 },
        ["a gateway's page"] = { status = 403, body = "<html>", content_type = "text/html" },
      } do
        it("counts a number as unknown if its release is answered by " .. what, function()
          fault.fault, fault.method = "status", "DELETE"
          twilio:fault(fault)
          local list = phones(3)
          list[3] = "+14255550199"
          assert.same({ 0, 1, 1, 1, 0 }, counts(client:purchase_many(list, nil, options)))
        end)
      end

      it("reports unknown numbers by phone number", function()
        client:close()
        client = clients.of(twilio, { retries = 0, max_in_flight = 1 }) -- one after the other
        local path = "IncomingPhoneNumbers"
        twilio:fault { fault = "status", status = 403, method = "GET", path = path, skip = 1 }
        twilio:fault { fault = "close_after_commit", method = "POST" }
        local report = client:purchase_many(phones(3), nil, options)
        assert.same({ 0, 0, 1, 2, 0 }, counts(report))
        local unknown
        for _, result in ipairs(report.results) do
          unknown = result.outcome == "unknown" and result or unknown
        end
        assert.equal(unknown.phone_number, unknown.err.phone_number)
        assert.equal(unknown.phone_number, twilio:state().owned[1].phone_number)
      end)
    end)
  end)
end)
