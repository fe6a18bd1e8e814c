-- client:purchase_available: searches, then buys by phone number; if a number is gone, the next one. That it
-- buys once is in purchase_available_once_spec.lua.
local clients = require("spec.support.clients")
local filters = require("spec.support.filters")
local flights = require("spec.support.flights")
local form = require("spec.support.form")
local in_order = require("spec.support.in_order")
local offered = require("spec.support.offered")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local FILTER, PHONES, NOT_OWNED = offered.FILTER, offered.PHONES, offered.NOT_OWNED
local found, refusal = offered.found, offered.refusal
local created, posted = scripted.created, scripted.posted

describe("client:purchase_available", function()
  in_order { before_each = before_each, after_each = after_each }

  it("searches once and buys the first candidate by its phone number", function()
    local client, log = scripted.apart { GET = { found() }, POST = { created } }
    local number = assert(client:purchase_available(FILTER, { friendly_name = "Desk" }))
    assert.equal(PHONES[1], number.phone_number)
    assert.same({ 1, 1 }, { scripted.searches(log), #log.posts })
    assert.same({ AreaCode = "415", SmsEnabled = "true" }, filters.query(log.gets[1].url))
    assert.matches("/AvailablePhoneNumbers/US/Local.json", log.gets[1].url, 1, true)
    assert.same({ PhoneNumber = PHONES[1], FriendlyName = "Desk" }, form.decode(log.posts[1].body))
  end)

  it("refuses a count, which is for purchase_many", function()
    local client, log = scripted.apart {}
    local number, message, err = client:purchase_available { country = "US", count = 2 }
    assert.same({ nil, "invalid", "count" }, { number, err.kind, err.problems[1].name })
    assert.equal("nothing was sent: count is for purchase_many: leave it out.", message)
    assert.equal(0, #log.requests)
  end)

  it("searches for the filter's type", function()
    local client, log = scripted.apart { GET = { found() }, POST = { created } }
    assert(client:purchase_available { country = "GB", type = "mobile" })
    assert.matches("/AvailablePhoneNumbers/GB/Mobile.json$", log.gets[1].url)
  end)

  it("changes neither the filter nor the parameters", function()
    local client = scripted.apart { GET = { found() }, POST = { created } }
    local filter, params = { country = "US", limit = 2 }, { friendly_name = "x" }
    assert(client:purchase_available(filter, params))
    assert.same({ { country = "US", limit = 2 }, { friendly_name = "x" } }, { filter, params })
  end)

  for _, code in ipairs { 21421, 21422, 21613, 21615, 21631, 21649, 21650, 21651 } do
    it("tries the next number after a refusal with " .. code, function()
      local script = { GET = { found() }, POST = { refusal(code), refusal(code), created } }
      local client, log = scripted.apart(script)
      assert.equal(PHONES[3], assert(client:purchase_available(FILTER)).phone_number)
      assert.same({ PHONES[1], PHONES[2], PHONES[3] }, posted(log))
      assert.equal(1, scripted.searches(log))
    end)
  end

  for _, row in ipairs {
    { 400, 21404 },
    { 400, 21402 },
    { 400, 20001 },
    { 401, 20003 },
    { 403, 20005 },
    { 404, 20404 },
    { 422, 20422 },
  } do
    local status, code = row[1], row[2]
    it(("ends after a refusal with %d, which concerns every number"):format(code), function()
      local answer = { status = status, body = scripted.refusal(code, "no") }
      local client, log = scripted.apart { GET = { found() }, POST = { answer } }
      local number, _, err = client:purchase_available(FILTER)
      assert.is_nil(number)
      assert.same({ PHONES[1] }, posted(log))
      assert.same({ code, "no", PHONES[1] }, { err.code, err.purchased, err.phone_number })
    end)
  end

  it("tries no more candidates than max_candidates", function()
    local client, log = scripted.apart { GET = { found() }, POST = { refusal(21422) } }
    local number, message, err = client:purchase_available(FILTER, nil, { candidates = 2 })
    assert.is_nil(number)
    assert.same({ PHONES[1], PHONES[2] }, posted(log))
    assert.matches("none of 2 numbers could be bought", message)
    assert.same({ "api", "no", 21422, 5 }, { err.kind, err.purchased, err.code, err.attempts })
  end)

  it("tries ten candidates by default", function()
    local many = {}
    for i = 1, 30 do
      many[i] = ("+1415555%04d"):format(i)
    end
    local client, log = scripted.apart { GET = { found(many) }, POST = { refusal(21422) } }
    assert.is_nil(client:purchase_available(FILTER))
    assert.equal(10, #log.posts)
  end)

  it("reports that nothing matches", function()
    local client, log = scripted.apart { GET = { found {} } }
    local number, message, err = client:purchase_available(FILTER)
    assert.is_nil(number)
    assert.matches("no number matches the filter", message)
    assert.same({ "no", 1 }, { err.purchased, #log.requests })
  end)

  it("reads the next page for more candidates", function()
    local uri = "/2010-04-01/Accounts/" .. scripted.ACCOUNT .. "/x?Page=1"
    local first = { status = 200, body = scripted.found({ PHONES[1] }, uri) }
    local client, log = scripted.apart {
      GET = scripted.gets({ first, found { PHONES[2] } }, { NOT_OWNED }),
      POST = { refusal(21422), created },
    }
    assert.equal(PHONES[2], assert(client:purchase_available(FILTER)).phone_number)
    assert.same({ 2, 2 }, { scripted.searches(log), #log.posts })
  end)

  it("skips items that are not numbers", function()
    local body =
      scripted.found({ "x", "", "+", PHONES[2] }):gsub("%[{", '[{},{"phone_number":7},{', 1)
    local client, log =
      scripted.apart { GET = { { status = 200, body = body } }, POST = { created } }
    assert(client:purchase_available(FILTER))
    assert.same({ PHONES[2] }, posted(log))
  end)

  it("reports a search that failed, with nothing bought", function()
    local forbidden = { status = 403, body = scripted.refusal(20403, "forbidden") }
    local client, log = scripted.apart { GET = { forbidden } }
    local number, _, err = client:purchase_available(FILTER)
    assert.is_nil(number)
    assert.same({ "api", 403, "no", 0 }, { err.kind, err.status, err.purchased, #log.posts })
  end)

  describe("checks everything before it sends anything:", function()
    local function refused(filter, params, options)
      local client, log = scripted.apart {}
      local number, message, err = client:purchase_available(filter, params, options)
      assert.is_nil(number)
      assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
      assert.equal(0, #log.requests)
      local names = {}
      for i, problem in ipairs(err.problems) do
        names[i] = problem.name
      end
      return names, message
    end

    it("filter and parameters, all at once", function()
      local names = refused(
        { country = "usa", type = "Local", beta = 0, limit = 0 },
        { voice_url = "x", colour = 1 }
      )
      assert.same({ "beta", "colour", "country", "limit", "type", "voice_url" }, names)
    end)

    it("a missing country", function()
      assert.same({ "country" }, (refused {}))
    end)

    it("a filter that is not a plain table", function()
      for _, filter in ipairs { "US", 1, true, setmetatable({}, {}) } do
        assert.same({ "filter" }, (refused(filter)))
      end
      assert.same({ "filter" }, (refused(nil)))
    end)

    it("parameters that are not a plain table", function()
      for _, params in ipairs { "x", 1, true, setmetatable({}, {}) } do
        assert.same({ "params" }, (refused({ country = "US" }, params)))
      end
    end)

    it("phone_number and area_code among the parameters", function()
      assert.same({ "phone_number" }, (refused(FILTER, { phone_number = PHONES[1] })))
      assert.same({ "area_code" }, (refused(FILTER, { area_code = "415" })))
    end)

    it("an unknown field, with the nearest known name", function()
      local _, message = refused { country = "US", conutry = "US" }
      assert.matches("did you mean country?", message, 1, true)
      _, message = refused { country = "US", area_cod = "415" }
      assert.matches("did you mean area_code?", message, 1, true)
    end)

    it("options", function()
      for name, value in pairs {
        accept = true,
        candidates = 0,
        dry_run = "yes",
        unless_owned = 1,
        retries = -1,
      } do
        assert.same({ name }, (refused(FILTER, nil, { [name] = value })))
      end
      local _, message = refused(FILTER, nil, { candidate = 1 })
      assert.matches("did you mean candidates?", message, 1, true)
    end)
  end)

  describe("with accept", function()
    it("buys the accepted candidate, and passes it all of Twilio's fields", function()
      local seen = {}
      local client, log = scripted.apart { GET = { found() }, POST = { created } }
      assert(client:purchase_available(FILTER, nil, {
        accept = function(candidate)
          seen[#seen + 1] = candidate.phone_number
          assert.is_true(candidate.capabilities.sms)
          return #seen == 3
        end,
      }))
      assert.same({ PHONES[1], PHONES[2], PHONES[3] }, seen)
      assert.same({ PHONES[3] }, posted(log))
    end)

    it("buys nothing if accept returns false for every candidate", function()
      local client, log = scripted.apart { GET = { found() } }
      local number, message = client:purchase_available(FILTER, nil, {
        accept = function() end,
      })
      assert.is_nil(number)
      assert.matches("no number matches", message)
      assert.equal(0, #log.posts)
    end)

    it("does not count rejected candidates against max_candidates", function()
      local client = scripted.apart { GET = { found() }, POST = { created } }
      local number = assert(client:purchase_available(FILTER, nil, {
        candidates = 1,
        accept = function(candidate)
          return candidate.phone_number == PHONES[4]
        end,
      }))
      assert.equal(PHONES[4], number.phone_number)
    end)

    it("buys nothing if accept raises", function()
      local client, log = scripted.apart { GET = { found() } }
      local number, message, err = client:purchase_available(FILTER, nil, {
        accept = function()
          error("no taste", 0)
        end,
      })
      assert.is_nil(number)
      assert.matches("accept raised an error: no taste", message)
      assert.same({ "cancelled", "no", 0 }, { err.kind, err.purchased, #log.posts })
    end)
  end)

  describe("with dry_run", function()
    it("returns what would be sent, sends no POST, and shows no secret", function()
      local client, log = scripted.apart { GET = { found() } }
      local plan =
        assert(client:purchase_available(FILTER, { friendly_name = "Ü" }, { dry_run = true }))
      assert.equal(0, #log.posts)
      assert.equal(1, scripted.searches(log))
      assert.equal(PHONES[1], plan.candidate.phone_number)
      assert.equal("POST", plan.method)
      assert.equal(
        log.gets[1].url:match("^.-/Accounts/") .. scripted.ACCOUNT .. "/IncomingPhoneNumbers.json",
        plan.url
      )
      assert.same({ PhoneNumber = PHONES[1], FriendlyName = "Ü" }, form.decode(plan.body))
      local names = {}
      for name, value in pairs(plan) do
        names[#names + 1] = name
        assert.is_nil(tostring(value):find(scripted.TOKEN, 1, true))
      end
      table.sort(names)
      assert.same({ "body", "candidate", "method", "url" }, names)
    end)

    it("returns the same request that the purchase then sends", function()
      local client, log = scripted.apart { GET = { found() }, POST = { created } }
      local params = { voice_url = "https://example.com/v", voice_caller_id_lookup = false }
      local plan = assert(client:purchase_available(FILTER, params, { dry_run = true }))
      assert(client:purchase_available(FILTER, params))
      assert.same({ plan.url, plan.body }, { log.posts[1].url, log.posts[1].body })
    end)

    it("does not reserve the candidate", function()
      local client = scripted.apart { GET = { found { PHONES[1] } }, POST = { created } }
      for _ = 1, 2 do
        assert(client:purchase_available(FILTER, nil, { dry_run = true }))
      end
      assert.equal(PHONES[1], assert(client:purchase_available(FILTER)).phone_number)
    end)
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

    it("buys all available numbers, and then reports that there are no more", function()
      local seen = {}
      for i = 1, 3 do
        local number = assert(client:purchase_available { country = "US", area_code = "907" })
        assert.is_nil(seen[number.phone_number])
        seen[number.phone_number] = i
      end
      local number, message, err = client:purchase_available { country = "US", area_code = "907" }
      assert.is_nil(number)
      assert.matches("no number matches", message)
      assert.equal("no", err.purchased)
      assert.equal(3, #twilio:state().owned)
    end)

    it("takes an area code as a string or as a number, whole or with a fraction of zero", function()
      for _, area_code in ipairs { "415", 415, 4150 / 10 } do -- 415.0 in Lua 5.3 and later
        local filter = { country = "US", area_code = area_code, count = 1 }
        local report, message = client:purchase_many(filter)
        assert.same({ nil, 1 }, { message, report.bought })
        filter.count = nil
        local number = assert(client:purchase_available(filter))
        assert.matches("^%+1415", number.phone_number)
      end
    end)

    it("reports what a country requires, and buys once that is given", function()
      local filter = { country = "AU", type = "mobile" }
      local number, message, err = client:purchase_available(filter, nil, { candidates = 2 })
      assert.is_nil(number)
      assert.same({ 21649, "no" }, { err.code, err.purchased })
      assert.matches("requires a Bundle", message)
      assert(client:purchase_available(filter, { bundle_sid = "BU" .. ("0"):rep(31) .. "3" }))
      assert.equal(1, #twilio:state().owned)
    end)

    it("does not buy a number that another client bought meanwhile", function()
      local other = clients.of(twilio)
      local candidates =
        assert(client:search("US", "local", { area_code = "415", limit = 2 }):all())
      assert(other:purchase { phone_number = candidates[1].phone_number })
      assert(other:update(twilio:state().owned[1].sid, { account_sid = twilio.subaccount_sid }))
      local body = scripted.found { candidates[1].phone_number, candidates[2].phone_number }
      twilio:fault { fault = "status", status = 200, body = body, method = "GET" }
      local number = assert(client:purchase_available { country = "US", area_code = "415" })
      assert.equal(candidates[2].phone_number, number.phone_number)
      other:close()
    end)

    it("gives a hundred callers a number each", function()
      twilio:limits { search = 1000 }
      local seen, failed = {}, {}
      for _ = 1, 100 do
        assert(client:purchase_available_async(FILTER, nil, function(number, message)
          seen[number and number.phone_number or #failed + 1] = true
          failed[#failed + 1] = message
        end))
      end
      flights.finish(client)
      assert.same({}, failed)
      local state, count = twilio:state(), 0
      for _ in pairs(seen) do
        count = count + 1
      end
      assert.same({ 100, 100, 100, 0 }, { count, #state.owned, state.posts, state.updates })
    end)
  end)
end)
