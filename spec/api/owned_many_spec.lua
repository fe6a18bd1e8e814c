-- What client:update_many and client:release_many have in common: many owned numbers, each with its own
-- outcome. The rest is in update_many_spec.lua and release_many_spec.lua.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local owned_numbers = require("spec.support.owned_numbers")
local responses = require("twilio.numbers.http.response")
local outcomes = require("spec.support.reports").outcomes
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local PARAMS, BUSY = owned_numbers.PARAMS, owned_numbers.BUSY
local DENIED = { status = 403, body = scripted.refusal(20003, "denied") }
local REFUSED = { status = 400, body = scripted.refusal(21404, "no") }
local sid, sids = owned_numbers.sid, owned_numbers.sids
local answers, shown, released = owned_numbers.answers, owned_numbers.shown, owned_numbers.released

--- The two methods, whose common behaviour is specified once.
local BOTH = {
  update_many = {
    done = "updated",
    failed = "refused",
    method = "POST",
    answer = shown,
    call = function(client, list, options)
      return client:update_many(list, PARAMS, options)
    end,
    call_async = function(client, list, options)
      return client:update_many_async(list, PARAMS, options)
    end,
  },
  release_many = {
    done = "released",
    failed = "owned",
    method = "DELETE",
    answer = released,
    call = function(client, list, options)
      return client:release_many(list, options)
    end,
    call_async = function(client, list, options)
      return client:release_many_async(list, options)
    end,
  },
}

for name, one in pairs(BOTH) do
  describe("client:" .. name, function()
    local function client_of(by_sid, options)
      return scripted.client({ [one.method] = answers(by_sid, one.answer) }, options)
    end

    it("processes a whole list and returns a result for each number", function()
      local client, log = client_of {}
      local report, message, err = one.call(client, sids(3))
      assert.is_nil(message or err)
      assert.same(
        { 3, 3, 0, 0 },
        { report.wanted, report[one.done], report.unknown, report.stopped }
      )
      assert.equal(0, report[one.failed])
      assert.equal(3, #log.requests)
      for i, result in ipairs(report.results) do
        assert.same({ one.done, sid(i) }, { result.outcome, result.sid })
        assert.is_nil(result.err)
        assert.is_nil(result.info)
      end
    end)

    it(
      "reports all invalid items of the list with their positions, before anything is sent",
      function()
        local client, log = client_of {}
        local list = { sid(10), "PN1", 5, sid(10):upper(), sid(11) }
        local report, message, err = one.call(client, list)
        assert.is_nil(report)
        assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
        local names = {}
        for i, problem in ipairs(err.problems) do
          names[i] = problem.name
        end
        assert.same({ "2: sid", "3: sid", "4: sid" }, names)
        assert.matches("number 4: it is the same as number 1", message, 1, true)
        assert.equal(0, #log.requests)
      end
    )

    it("describes only the first invalid SIDs of a list", function()
      local list = {}
      for i = 1, 1000 do
        list[i] = "PN" .. i
      end
      local report, message, err = one.call(client_of {}, list)
      assert.is_nil(report)
      assert.equal(11, #err.problems)
      assert.matches("sids: 10 numbers are invalid, and those after number 10 were not", message)
    end)

    it("refuses anything but a list of 1 to 10000 SIDs", function()
      local client, log = client_of {}
      local with_hole = sids(3)
      with_hole[2] = nil
      local with_name = sids(2)
      with_name.voice_url = "x"
      for _, list in ipairs {
        {},
        "x",
        setmetatable({ sid(1) }, {}),
        with_hole,
        with_name,
        sids(10001),
      } do
        local report, _, err = one.call(client, list)
        assert.is_nil(report)
        assert.same({ "invalid", "sids" }, { err.kind, err.problems[1].name })
      end
      assert.equal("sids", select(3, one.call(client, nil)).problems[1].name)
      assert.equal(0, #log.requests)
    end)

    it("accepts its options and no others", function()
      local client = client_of {}
      for option, value in pairs { on_progress = 1, timeout = 0, all_or_nothing = true } do
        local _, _, err = one.call(client, sids(1), { [option] = value })
        assert.same({ "invalid", 1 }, { err.kind, #err.problems })
      end
    end)

    it("reports unanswered requests as in doubt", function()
      local client = client_of(
        { [sid(2)] = { broken = "timeout" }, [sid(3)] = BUSY },
        { retries = 0 }
      )
      local report, message = one.call(client, sids(3))
      assert.same({ one.done, "unknown", one.failed }, outcomes(report))
      assert.same({ 1, 1, 1 }, { report[one.done], report.unknown, report[one.failed] })
      assert.matches("^1 of 3 " .. one.done, message)
      assert.matches("1 unknown", message)
      assert.is_true(report.results[2].err.unheard)
      for i = 2, 3 do
        assert.equal(sid(i), report.results[i].err.sid)
        assert.equal(report.results[i].message, report.results[i].err.message)
      end
    end)

    it("does not treat a gateway's page as a refusal", function()
      local page = { status = 403, headers = { ["content-type"] = "text/html" }, body = "<html>" }
      local client = client_of({ [sid(1)] = page }, { retries = 0 })
      local report = one.call(client, sids(1))
      assert.same({ "unknown" }, outcomes(report))
    end)

    for what, answer in pairs { credentials = DENIED, account = REFUSED } do
      it("starts no more after a refusal that concerns all numbers: " .. what, function()
        local client, log = client_of({ [sid(2)] = answer }, { max_in_flight = 1 })
        local report, message = one.call(client, sids(5))
        assert.same({ one.done, one.failed, "stopped", "stopped", "stopped" }, outcomes(report))
        assert.equal(3, report.stopped)
        assert.equal(2, #log.requests)
        assert.matches("3 not begun: Twilio ", message, 1, true)
      end)
    end

    it("reports everything that was sent when an error aborts it", function()
      local client = client_of({}, { max_in_flight = 1 })
      local reader_of, read_release = responses.reader_of, responses.read_release
      local function fail()
        error("a defect")
      end
      responses.read_release = fail
      function responses.reader_of()
        return fail
      end
      local report = one.call(client, sids(2))
      responses.reader_of, responses.read_release = reader_of, read_release
      assert.same({ "unknown", "unknown" }, outcomes(report))
      assert.matches("a defect", report.results[1].message, 1, true)
    end)

    it("continues after a refusal that concerns one number", function()
      local client, log = client_of({ [sid(1)] = BUSY }, { max_in_flight = 1 })
      local report = one.call(client, sids(3))
      assert.same({ one.failed, one.done, one.done }, outcomes(report))
      assert.equal(3, #log.requests)
    end)

    it("reports progress, and stops when on_progress returns false", function()
      local seen = {}
      local client = client_of({}, { max_in_flight = 1 })
      local report, message = one.call(client, sids(5), {
        on_progress = function(now)
          seen[#seen + 1] = now
          return now[one.done] < 2
        end,
      })
      assert.same({ one.done, one.done, "stopped", "stopped", "stopped" }, outcomes(report))
      assert.same({ 2, 2, 5, 0 }, { #seen, seen[2].index, seen[2].wanted, seen[2].stopped })
      assert.same(report.results[2], seen[2].result)
      assert.matches("3 not begun$", message)
    end)

    it("stops and reports the error when on_progress raises", function()
      local client = client_of({}, { max_in_flight = 1 })
      local report, message = one.call(client, sids(3), {
        on_progress = function()
          error("enough", 0)
        end,
      })
      assert.same({ one.done, "stopped", "stopped" }, outcomes(report))
      assert.matches("2 not begun: on_progress raised an error: enough$", message)
    end)

    describe("of a simulated account", function()
      local twilio =
        simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
      local client

      after_each(function()
        client:close()
      end)

      --- Buys the given count of numbers, and returns their SIDs.
      local function own(count)
        local list, report = {}, assert(client:purchase_many { country = "US", count = count })
        for i, number in ipairs(report.numbers) do
          list[i] = number.sid
        end
        return list
      end

      it("sends no more than max_in_flight requests at once", function()
        client = clients.of(twilio, { max_in_flight = 3 })
        local list = own(12)
        twilio:limits { latency = 0.1 }
        assert.equal(12, one.call(client, list)[one.done])
        local most = twilio:state().most_at_once
        assert.is_true(most > 1 and most <= 3, most)
        assert.equal(name == "update_many" and 12 or 0, #twilio:state().owned)
      end)

      --- Starts all, and waits until two of them hang.
      local function begin(list)
        twilio:fault { fault = "hang", method = one.method, times = 2 }
        local pending = assert(one.call_async(client, list))
        flights.until_(function()
          client:poll()
          local hung = 0
          for _, request in ipairs(twilio:requests()) do
            hung = hung + (request.fault == "hang" and 1 or 0)
          end
          return hung == 2
        end, "two hang")
        return pending
      end

      it("reports a result for each number when it is cancelled", function()
        client = clients.of(twilio, { max_in_flight = 2 })
        local pending = begin(own(5))
        assert(pending:cancel())
        flights.finish(client)
        local report = pending:result()
        assert.same({ "unknown", "unknown", "stopped", "stopped", "stopped" }, outcomes(report))
        assert.equal("cancelled", report.results[1].err.kind)
      end)

      it("reports a result for each number when its client is closed meanwhile", function()
        client = clients.of(twilio, { max_in_flight = 2 })
        local pending = begin(own(4))
        client:close()
        flights.finish(client)
        local report = pending:result()
        assert.same({ "unknown", "unknown", "stopped", "stopped" }, outcomes(report))
        assert.equal("closed", report.results[1].err.kind)
      end)

      it("starts no more when it is stopped, and waits for requests in flight", function()
        client = clients.of(twilio, { max_in_flight = 2, timeout = 0.5, retries = 0 })
        local pending = begin(own(4))
        assert.equal(2, pending.task:stop())
        flights.finish(client)
        assert.same({ "unknown", "unknown", "stopped", "stopped" }, outcomes(pending:result()))
        assert.equal("timeout", pending:result().results[1].err.kind)
      end)

      it("reports requests in flight when the wait is aborted", function()
        client = clients.of(twilio, { max_in_flight = 2 })
        local list = own(4)
        twilio:fault { fault = "hang", method = one.method, times = 2 }
        client.scheduler.wait = function()
          error("interrupted!", 0)
        end
        local report, message = one.call(client, list)
        client.scheduler.wait = nil
        assert.same({ "unknown", "unknown", "stopped", "stopped" }, outcomes(report))
        assert.equal("aborted: interrupted!", message)
      end)

      it("may take longer than the deadline of one request", function()
        client = clients.of(twilio, { max_in_flight = 1, deadline = 2 })
        local list = own(10)
        twilio:limits { latency = 0.25 }
        local report, message = one.call(client, list)
        assert.is_nil(message)
        assert.equal(10, report[one.done])
      end)
    end)
  end)
end
