-- client:purchase_many: many numbers, in flight together, each with its own outcome.
local clients = require("spec.support.clients")
local cqueues = require("cqueues")
local flights = require("spec.support.flights")
local form = require("spec.support.form")
local outcomes = require("spec.support.reports").outcomes
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")
local purchase_many = require("twilio.numbers.api.purchase_many")

local FILTER = { country = "US", area_code = "415" }

local function phone(i)
  return ("+1415555%04d"):format(100 + i)
end

local function phones(count)
  local list = {}
  for i = 1, count do
    list[i] = phone(i)
  end
  return list
end

local function filter(count, more)
  local copy = { count = count }
  for _, part in ipairs { FILTER, more or {} } do
    for name, value in pairs(part) do
      copy[name] = value
    end
  end
  return copy
end

--- The counts of a report: bought, refused, unknown, released, stopped.
local function counts(report)
  return { report.bought, report.refused, report.unknown, report.released, report.stopped }
end

local created = scripted.created

describe("client:purchase_many", function()
  describe("checks everything before it sends anything:", function()
    local function refused(wanted, params, options)
      local client, log = scripted.client {}
      local report, message, err = client:purchase_many(wanted, params, options)
      assert.is_nil(report)
      assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
      assert.equal(0, #log.requests)
      local names = {}
      for i, problem in ipairs(err.problems) do
        names[i] = problem.name
      end
      return names, message
    end

    it("each number of a list, with its position", function()
      local list = { phone(1), "415", { phone_number = phone(2), voice_url = "x" }, {}, 5, true }
      local names, message = refused(list, { colour = 1 })
      assert.same({
        "1: colour",
        "2: colour",
        "2: phone_number",
        "3: colour",
        "3: voice_url",
        "4: colour",
        "4: phone_number",
        "5: colour",
        "5: phone_number",
        "6: colour",
        "6: phone_number",
      }, names)
      assert.matches("number 2: phone_number must be in E.164 form", message)
    end)

    it("a duplicate number", function()
      local names, message = refused { phone(1), phone(2), { phone_number = phone(1) } }
      assert.same({ "3: phone_number" }, names)
      assert.matches("number 3: it is the same as number 1", message, 1, true)
    end)

    it("a list with a non-integer key or a hole", function()
      assert.same({ "wanted" }, (refused { phone(1), country = "US" }))
      local with_hole = { phone(1), phone(2), phone(3) }
      with_hole[2] = nil
      assert.same({ "wanted" }, (refused(with_hole)))
    end)

    it("a filter and the parameters", function()
      local names = refused(filter(2, { country = "us", page_size = 0 }), { voice_url = "x" })
      assert.same({ "country", "page_size", "voice_url" }, names)
      local _, message = refused(filter(2, { area_cod = "415" }))
      assert.matches("did you mean area_code?", message, 1, true)
      assert.same({ "limit" }, (refused(filter(2, { limit = 0 }))))
      assert.same({ "phone_number" }, (refused(filter(2), { phone_number = phone(1) })))
    end)

    it("the count", function()
      for _, count in ipairs { 0, -1, 1.5, 10001, "2", true } do
        assert.same({ "count" }, (refused(filter(count))))
      end
      assert.same({ "count" }, (refused {}))
      local names, message = refused { country = "US" }
      assert.same({ "count" }, names)
      assert.matches("count is missing: give it, or a list", message, 1, true)
    end)

    it("arguments that are not tables", function()
      for _, wanted in ipairs { "415", 1, true, setmetatable({}, {}) } do
        assert.same({ "wanted" }, (refused(wanted)))
      end
      assert.same({ "wanted" }, (refused(nil)))
      assert.same({ "params" }, (refused({ phone(1) }, "x")))
    end)

    it("a count above max_numbers", function()
      local names, message = refused(filter(3), nil, { max_numbers = 2 })
      assert.same({ "max_numbers" }, names)
      assert.matches("3 numbers are more than max_numbers, 2", message)
      assert.same({ "max_numbers" }, (refused(phones(3), nil, { max_numbers = 2 })))
    end)

    it("options", function()
      for name, value in pairs {
        accept = 1,
        max_numbers = 0,
        on_progress = "x",
        all_or_nothing = 1,
        unless_owned = 1,
        timeout = 0,
      } do
        assert.same({ name }, (refused(phones(1), nil, { [name] = value })))
      end
      local _, message = refused(phones(1), nil, { all_or_nothin = true })
      assert.matches("did you mean all_or_nothing?", message, 1, true)
    end)
  end)

  it("works with a transport in Lua", function()
    local client, log = scripted.client { POST = { created } }
    local report, message = client:purchase_many({ phone(1), { phone_number = phone(2) } }, {
      friendly_name = "Pool",
    })
    assert.is_nil(message)
    assert.same({ 2, 0, 0, 0, 0 }, counts(report))
    assert.equal(2, #log.posts)
    assert.equal("Pool", form.decode(log.posts[2].body).FriendlyName)
  end)

  it("buys by area code if a list says so", function()
    local client, log = scripted.client { POST = { { status = 201, body = scripted.body() } } }
    local report =
      assert(client:purchase_many({ { area_code = "415" } }, nil, { all_or_nothing = true }))
    assert.equal(1, report.bought)
    assert.same({ AreaCode = "415" }, form.decode(log.posts[1].body))
  end)

  it("has an outcome for each number: bought, refused, unknown", function()
    local client = scripted.client({
      POST = {
        function(request)
          local number = form.decode(request.body).PhoneNumber
          if number == phone(2) then
            return { status = 400, body = scripted.refusal(21422, "gone") }
          elseif number == phone(3) then
            return nil, "cut", "network"
          end
          return created(request)
        end,
      },
      GET = { { status = 200, body = scripted.page {} } },
    }, { retries = 0 })
    local report, message, err = client:purchase_many(phones(4))
    assert.is_nil(err)
    assert.same({ "bought", "refused", "unknown", "bought" }, outcomes(report))
    assert.same({ 2, 1, 1, 0, 0 }, counts(report))
    assert.equal(4, report.wanted)
    assert.matches("2 of 4 bought, 1 refused, 1 unknown", message)
    for i, result in ipairs(report.results) do
      assert.equal(phone(i), result.phone_number)
      assert.equal(result.outcome == "bought", result.number ~= nil)
      assert.equal(result.outcome ~= "bought", result.err ~= nil)
      assert.equal(result.err and result.err.message, result.message)
    end
    assert.equal(21422, report.results[2].err.code)
    assert.same(
      { "unknown", phone(3) },
      { report.results[3].err.purchased, report.results[3].err.phone_number }
    )
    assert.same(
      { phone(1), phone(4) },
      { report.numbers[1].phone_number, report.numbers[2].phone_number }
    )
  end)

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

    --- Checks that the numbers of a report are exactly the owned ones.
    local function check_books(report)
      local state, owned = twilio:state(), {}
      for _, number in ipairs(state.owned) do
        owned[number.phone_number] = number.sid
      end
      assert.equal(#report.numbers, #state.owned)
      for _, number in ipairs(report.numbers) do
        assert.equal(owned[number.phone_number], number.sid)
        owned[number.phone_number] = nil
      end
    end

    it("buys a list", function()
      local report, message = client:purchase_many(phones(30), { friendly_name = "Pool" })
      assert.is_nil(message)
      assert.same({ 30, 0, 0, 0, 0 }, counts(report))
      check_books(report)
      assert.equal("Pool", report.numbers[30].friendly_name)
    end)

    it("buys the filter's count with one search and a look-up for each", function()
      local report, message = client:purchase_many(filter(30))
      assert.is_nil(message)
      assert.same({ 30, 0, 0, 0, 0 }, counts(report))
      check_books(report)
      assert.equal(1 + 30 + 30, twilio:state().requests)
    end)

    it("replaces numbers that are gone by others", function()
      twilio:fault { fault = "status", status = 400, code = 21422, method = "POST", times = 5 }
      local report, message = client:purchase_many(filter(10))
      assert.is_nil(message)
      assert.same({ 10, 0, 0, 0, 0 }, counts(report))
      check_books(report)
      assert.equal(15, twilio:state().posts)
    end)

    it("reports when there are no more numbers", function()
      local report, message = client:purchase_many(filter(5, { area_code = "907" }))
      assert.same({ 3, 0, 0, 0, 2 }, counts(report))
      assert.matches("no more numbers match the filter", message)
      check_books(report)
    end)

    it("ends if every number is refused for the same reason", function()
      local report, message = client:purchase_many { country = "AU", type = "mobile", count = 2 }
      assert.same({ 0, 2, 0, 0, 0 }, counts(report))
      assert.equal(21649, report.results[1].err.code)
      assert.is_string(message)
      local posts = twilio:state().posts
      assert.is_true(posts >= 2 and posts <= 40, posts)
    end)

    it("sends no more than max_in_flight requests at once", function()
      client:close()
      client = clients.of(twilio, { max_in_flight = 7 })
      twilio:limits { latency = 0.02 }
      local report = client:purchase_many(filter(40))
      assert.equal(40, report.bought)
      local most = twilio:state().most_at_once
      assert.is_true(most > 1 and most <= 7, most)
    end)

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

    it("buys the numbers that accept returns true for", function()
      local report = client:purchase_many(filter(5), nil, {
        accept = function(candidate)
          return candidate.phone_number:match("[02468]$") ~= nil
        end,
      })
      assert.equal(5, report.bought)
      for _, number in ipairs(report.numbers) do
        assert.matches("[02468]$", number.phone_number)
      end
    end)

    it(
      "refuses numbers that are already owned with unless_owned, and leaves them unchanged",
      function()
        assert(client:purchase { phone_number = phone(2), friendly_name = "Old" })
        local options = { unless_owned = true }
        local report, message = client:purchase_many(phones(3), { friendly_name = "New" }, options)
        assert.same({ "bought", "refused", "bought" }, outcomes(report))
        assert.matches("2 of 3 bought", message)
        assert.matches("the account already owns %+1", report.results[2].message)
        assert.equal(0, twilio:state().updates)
      end
    )

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

    it("returns an error if a search finds nothing and no purchase was started", function()
      twilio:fault { fault = "status", status = 403, method = "GET" }
      local report, message, err = client:purchase_many(filter(3))
      assert.is_nil(report)
      assert.same({ "api", 403, "no" }, { err.kind, err.status, err.purchased })
      assert.equal(message, err.message)
    end)

    it("buys other numbers than a concurrent purchase_many", function()
      twilio:limits { search = 1000 }
      local reports = {}
      for i = 1, 3 do
        assert(client:purchase_many_async(filter(20), nil, function(report)
          reports[i] = report
        end))
      end
      flights.finish(client)
      for i = 1, 3 do
        assert.same({ 20, 0, 0, 0, 0 }, counts(reports[i]))
      end
      assert.same({ 60, 0 }, { #twilio:state().owned, twilio:state().updates })
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
      purchase_many.stop(pending.call)
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
