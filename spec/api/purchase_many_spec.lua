-- client:purchase_many: many numbers, in flight together, each with its own outcome. How it is stopped is in
-- purchase_many_stop_spec.lua, what all_or_nothing gives back in all_or_nothing_spec.lua and
-- all_or_nothing_pool_spec.lua.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local form = require("spec.support.form")
local pool = require("spec.support.pool")
local many_reports = require("spec.support.reports")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local created = scripted.created
local phone, phones, filter = pool.phone, pool.phones, pool.filter
local counts, outcomes = many_reports.counts, many_reports.outcomes

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

    it("a list of wrong entries, of which it describes only the first", function()
      local list = {}
      for i = 1, 1000 do -- candidates, as a search returns them
        list[i] = { phone_number = phone(i % 10 + 1), locality = "Novato", capabilities = {} }
      end
      local names, message = refused(list)
      assert.is_true(#names < 50 and #message < 5000, #message)
      assert.matches("wanted: 10 numbers are invalid, and those after number 10 were not", message)
      assert.matches("those after number 20 were not checked", message) -- for duplicates
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

    it("parameters that a metatable would add to an entry of a list", function()
      local defaults = { __index = { voice_url = "https://example.com/voice" } }
      local list = { phone(1), setmetatable({ phone_number = phone(2) }, defaults) }
      local names, message = refused(list)
      assert.same({ "2: params" }, names)
      assert.matches("number 2: params must be a plain table, got one with a metatable", message)
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

    local function check_books(report)
      many_reports.check_books(report, twilio:state())
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
      twilio:limits { latency = 0.1 }
      local report = client:purchase_many(filter(40))
      assert.equal(40, report.bought)
      local most = twilio:state().most_at_once
      assert.is_true(most > 1 and most <= 7, most)
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
  end)
end)
