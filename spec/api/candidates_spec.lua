-- Which search results purchase_available and purchase_many try, and in which order.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local cqueues = require("cqueues")
local flights = require("spec.support.flights")
local in_order = require("spec.support.in_order")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local FILTER = { country = "US", area_code = "415" }
local ADDRESS, BUNDLE = "AD" .. ("a"):rep(32), "BU" .. ("b"):rep(32)

local NOT_OWNED = { status = 200, body = scripted.page {} }

local function phone(i)
  return ("+1415555%04d"):format(100 + i)
end

--- A response to a search: numbers, or candidates with all their fields.
local function found(list)
  local candidates = {}
  for i, one in ipairs(list) do
    candidates[i] = type(one) == "table" and one or { phone_number = one }
  end
  local encoded = #candidates == 0 and "[]" or cjson.encode(candidates)
  return { status = 200, body = ('{"available_phone_numbers":%s}'):format(encoded) }
end

local function candidate(i, fields)
  local all = { phone_number = phone(i), iso_country = "US", address_requirements = "none" }
  for name, value in pairs(fields or {}) do
    all[name] = value
  end
  return all
end

local created, posted = scripted.created, scripted.posted

local function refusal(code)
  return { status = 400, body = scripted.refusal(code, "Twilio's words") }
end

--- A client of an account whose searches return `searches`, one after the other.
local function client_of(searches, answers, options)
  return scripted.apart({
    GET = scripted.gets(searches, { NOT_OWNED }),
    POST = answers or { created },
  }, options)
end

describe("A candidate", function()
  in_order { before_each = before_each, after_each = after_each }

  local CONTRADICTIONS = {
    sms_enabled = { { sms_enabled = true }, { capabilities = { SMS = false } } },
    voice_enabled = { { voice_enabled = false }, { capabilities = { voice = true } } },
    mms_enabled = { { mms_enabled = true }, { capabilities = { MMS = false, mms = false } } },
    area_code = { {}, { phone_number = "+16285550100" } },
    country = { {}, { iso_country = "CA" } },
    type = { {}, { type = "mobile" } },
    beta = { { beta = false }, { beta = true } },
    exclude_all_address_required = {
      { exclude_all_address_required = true },
      { address_requirements = "any" },
      { address_sid = ADDRESS },
    },
  }

  for name, case in pairs(CONTRADICTIONS) do
    local asked, said, params = case[1], case[2], case[3]
    local filter = { country = "US", area_code = "415" }
    for field, value in pairs(asked) do
      filter[field] = value
    end

    it("that contradicts the filter is skipped, and the next one bought: " .. name, function()
      local searches = { found { candidate(1, said), candidate(2) } }
      local client, log = client_of(searches)
      assert.equal(phone(2), assert(client:purchase_available(filter, params)).phone_number)
      assert.same({ phone(2) }, posted(log))
      filter.count = 1
      client, log = client_of(searches)
      assert.equal(1, client:purchase_many(filter, params).bought)
      filter.count = nil
      assert.same({ phone(2) }, posted(log))
    end)

    it("that contradicts the filter is not bought even if it is the only one: " .. name, function()
      local client, log = client_of { found { candidate(1, said) } }
      local number, message, err = client:purchase_available(filter, params)
      assert.is_nil(number)
      assert.same({ "api", "no", 0 }, { err.kind, err.purchased, #log.posts })
      local expected = "no number matches the filter: 1 contradicts the filter's " .. name
      assert.is_truthy(message:find(expected, 1, true), message)
      filter.count = 1
      local report
      report, message = client:purchase_many(filter, params)
      filter.count = nil
      assert.same({ 1, 0 }, { report.stopped, #log.posts })
      assert.is_truthy(message:find("contradicts the filter's " .. name, 1, true), message)
    end)
  end

  for name, params in pairs { address_sid = ADDRESS, bundle_sid = BUNDLE } do
    it("that needs an address is bought only with one: " .. name, function()
      local searches = { found { candidate(1, { address_requirements = "any" }) } }
      local client, log = client_of(searches)
      local number, message = client:purchase_available(FILTER)
      assert.is_nil(number)
      assert.matches("1 needs an address: give address_sid or bundle_sid", message, 1, true)
      assert.equal(0, #log.posts)
      assert(client:purchase_available(FILTER, { [name] = params }))
      assert.same({ phone(1) }, posted(log))
    end)
  end

  it("is passed to accept only if it fits the filter", function()
    local client = client_of {
      found {
        candidate(1, { iso_country = "CA" }),
        candidate(2, { address_requirements = "local" }),
        candidate(3),
      },
    }
    local seen = {}
    assert(client:purchase_available(FILTER, nil, {
      accept = function(one)
        seen[#seen + 1] = one.phone_number
        return true
      end,
    }))
    assert.same({ phone(3) }, seen)
  end)

  it("is reported and kept if the response has another number", function()
    local filter = { country = "US", area_code = "415", sms_enabled = true }
    local function without_sms(request)
      local answer = created(request)
      answer.body = answer.body:gsub("{", '{"capabilities":{"sms":false,"voice":true},', 1)
      return answer
    end
    local client, log = client_of({ found { candidate(1) } }, { without_sms })
    local number, message, info = client:purchase_available(filter)
    assert.equal(phone(1), number.phone_number)
    assert.equal("the number was bought, but it contradicts the filter's sms_enabled", message)
    assert.same(
      { { name = "sms_enabled", asked = true, got = false } },
      info.incomplete.differences
    )
    assert.same({ 1, 0 }, { #log.posts, #log.deletes })
    filter.count = 1
    client = client_of({ found { candidate(1) } }, { without_sms })
    local report = assert(client:purchase_many(filter))
    assert.equal(1, report.bought)
    assert.equal("sms_enabled", report.results[1].info.incomplete.differences[1].name)
    assert.is_nil(report.results[1].err)
  end)
end)

describe("The candidates of a page", function()
  local jitter = core.jitter

  after_each(function()
    core.jitter = jitter
  end)

  --- Which of four numbers is bought with these random fractions.
  local function bought_by(fractions)
    local drawn = 0
    function core.jitter()
      drawn = drawn + 1
      return fractions[drawn] or error("more random numbers than candidates")
    end
    local client = client_of { found { phone(1), phone(2), phone(3), phone(4) } }
    return assert(client:purchase_available(FILTER)).phone_number
  end

  it("are tried in random order, so that two buyers rarely meet", function()
    local seen = {}
    for i = 1, 4 do
      -- the last draw decides between the first two; those before it move another into their place
      local fractions = { i == 4 and 0 or 0.99, i == 3 and 0 or 0.99, i == 2 and 0 or 0.99 }
      seen[bought_by(fractions)] = true
    end
    for i = 1, 4 do
      assert.is_true(seen[phone(i)], phone(i))
    end
  end)

  it("are tried in the search's order if the system has no random numbers", function()
    function core.jitter()
      error("the system has no random numbers to give")
    end
    local client = client_of { found { phone(1), phone(2) } }
    assert.equal(phone(1), assert(client:purchase_available(FILTER)).phone_number)
  end)
end)

describe("purchase_many", function()
  in_order { before_each = before_each, after_each = after_each }

  for _, code in ipairs { 21615, 21631, 21649 } do
    it("never tries a number again that was refused with " .. code, function()
      local filter = { country = "US", count = 3 }
      local client, log = client_of({ found { phone(1), phone(2), phone(3) } }, { refusal(code) })
      local report, message = client:purchase_many(filter)
      assert.same({ 0, 3 }, { report.bought, report.refused })
      assert.matches("no more numbers match the filter", message)
      table.sort(log.posts, function(a, b)
        return a.body < b.body
      end)
      assert.same({ phone(1), phone(2), phone(3) }, posted(log))
    end)
  end

  it("ends when searches keep returning numbers that cannot be bought, and says why", function()
    local searches = {}
    for i = 1, 20 do
      searches[i] = found { phone(2 * i), phone(2 * i + 1) }
    end
    local client, log = client_of(searches, { refusal(21631) })
    local report, message = client:purchase_many { country = "US", count = 2 }
    assert.same({ 0, 2 }, { report.bought, report.refused })
    assert.matches("no number of 3 consecutive searches could be bought", message)
    assert.matches("Twilio's words", message)
    assert.equal(6, #log.posts)
  end)

  it("continues as long as searches return numbers that can be bought", function()
    local sold, shelf = 0, {}
    for i = 1, 400 do
      shelf[i] = phone(i)
    end
    local client, log = client_of({
      function() -- at most 30 a search, and no second page
        local shown = {}
        for i = sold + 1, sold + 30 do
          shown[#shown + 1] = shelf[i]
        end
        return found(shown)
      end,
    }, {
      function(request)
        sold = sold + 1
        return created(request)
      end,
    })
    local report, message = client:purchase_many { country = "US", area_code = "415", count = 320 }
    assert.is_nil(message)
    assert.equal(320, report.bought)
    assert.equal(11, scripted.searches(log))
  end)

  it("searches again later if a search still lists numbers that were bought", function()
    local client, log = client_of {
      found { phone(1), phone(2) },
      found { phone(1), phone(2) },
      found { phone(2) },
      found { phone(3), phone(4) },
    }
    local report, message = client:purchase_many { country = "US", count = 4 }
    assert.is_nil(message)
    assert.same({ 4, 4 }, { report.bought, scripted.searches(log) })
    assert.equal(2, #log.sleeps)
  end)

  for _, case in ipairs {
    { 400, 21404 },
    { 403, 20005 },
    { 401, 20003 },
    { 403, 20403 },
    { 401, 70051 },
    { 400, 22300 },
  } do
    local status, code = case[1], case[2]
    it("ends at once if every number would be refused with " .. code, function()
      local shelf = {}
      for i = 1, 100 do
        shelf[i] = phone(i)
      end
      local answer = { status = status, body = scripted.refusal(code, "Twilio's words") }
      local client, log = client_of({ found(shelf) }, { answer }, { max_in_flight = 2 })
      local report, message = client:purchase_many { country = "US", count = 100 }
      assert.equal(100, report.refused + report.stopped)
      assert.is_true(#log.posts <= 2, #log.posts .. " purchases were sent")
      assert.matches("not begun: .*Twilio's words .*error " .. code, message)
    end)
  end

  it("ends a list at once after such a refusal, unless it is about one type of number", function()
    local list = { phone(1), phone(2), phone(3), phone(4) }
    local client, log = client_of({}, { refusal(21404) }, { max_in_flight = 1 })
    local report = client:purchase_many(list)
    assert.same({ 1, 3, 1 }, { report.refused, report.stopped, #log.posts })
    client, log = client_of({}, { refusal(22300) }, { max_in_flight = 1 })
    report = client:purchase_many(list)
    assert.same({ 4, 0, 4 }, { report.refused, report.stopped, #log.posts })
  end)
end)

describe("A number that a call is buying", function()
  in_order { before_each = before_each, after_each = after_each }

  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  --- Runs n calls at once, whose searches return only as many numbers: each must buy its own.
  local function buy_at_once(buyers, count, page_size)
    local numbers, failed = {}, {}
    for i = 1, count do
      local client = buyers[i % #buyers + 1]
      local filter = { country = "US", area_code = "415", page_size = page_size }
      assert(client:purchase_available_async(filter, nil, function(number, message)
        numbers[#numbers + 1] = number and number.phone_number
        failed[#failed + 1] = message
      end))
    end
    flights.until_(function()
      for _, client in ipairs(buyers) do
        client:poll()
      end
      return #numbers + #failed == count
    end, "all ended")
    local state = twilio:state()
    assert.same({}, failed)
    assert.same({ count, count, 0 }, { #numbers, #state.owned, state.updates })
  end

  it(
    "is waited for by the client's other calls that find nothing else, which then search again",
    function()
      local client = clients.of(twilio)
      twilio:limits { latency = 0.02 }
      buy_at_once({ client }, 12, 5)
      client:close()
    end
  )

  it("is skipped by calls of another client of the same account", function()
    local buyers = { clients.of(twilio), clients.of(twilio) }
    twilio:limits { latency = 0.02 }
    buy_at_once(buyers, 6, 3)
    buyers[1]:close()
    buyers[2]:close()
  end)

  it("is waited for by a call in a host", function()
    local client, controller, seen = clients.of(twilio, { loop = "auto" }), cqueues.new(), {}
    twilio:limits { latency = 0.02 }
    local filter = { country = "US", area_code = "415", page_size = 1 }
    for _ = 1, 3 do
      controller:wrap(function()
        seen[assert(client:purchase_available(filter)).phone_number] = true
      end)
    end
    assert(controller:loop())
    local count = 0
    for _ in pairs(seen) do
      count = count + 1
    end
    assert.same({ 3, 3 }, { count, #twilio:state().owned })
    client:close()
  end)

  it("is waited for by a call that blocks", function()
    local client = clients.of(twilio)
    twilio:limits { latency = 0.05 }
    local filter = { country = "US", area_code = "415", page_size = 1 }
    local first = assert(client:purchase_available_async(filter))
    flights.until_(function()
      client:poll()
      return twilio:state().posts == 1
    end, "the purchase was sent")
    local second = assert(client:purchase_available(filter))
    assert.is_true(assert(first:wait()).phone_number ~= second.phone_number)
    client:close()
  end)

  it("is not waited for if its call can only continue once this one has returned", function()
    local filter = { country = "US", area_code = "415", page_size = 1 }
    local client, inner
    client = clients.of(twilio, {
      on_event = function(event)
        if event.url:find("Incoming", 1, true) and inner == nil then
          inner = false
          inner = { client:purchase_available(filter) }
        end
      end,
    })
    assert(client:purchase_available(filter))
    assert.is_nil(inner[1])
    assert.matches("1 being bought by other calls", inner[2])
    client:close()
  end)

  it("is skipped by requesting a larger page, unless the filter sets the page size", function()
    local answers = { { broken = "network" }, created }
    local client, log = client_of({
      found { phone(1) },
      found { phone(1) },
      found { phone(1), phone(2) },
    }, answers, { retries = 0 })
    assert.is_nil(client:purchase_available(FILTER))
    assert.equal(phone(2), assert(client:purchase_available(FILTER)).phone_number)
    assert.matches("PageSize=1000", log.gets[#log.gets - 1].url)
  end)
end)

describe("A reservation of a number", function()
  in_order { before_each = before_each, after_each = after_each }

  it("ends with its call, whatever its result", function()
    for name, answer in pairs {
      bought = created,
      refused = refusal(21404),
      unsent = { broken = "connect" },
    } do
      local client, log = client_of({ found { phone(1) } }, { answer, created }, { retries = 0 })
      client:purchase_available(FILTER)
      assert(client:purchase_available(FILTER), name)
      assert.same({ phone(1), phone(1) }, posted(log))
    end
  end)

  it("whose call ended as unknown keeps the number from being offered, without a wait", function()
    local answers = { { broken = "network" }, created }
    local client, log = client_of({ found { phone(1) } }, answers, { retries = 0 })
    local _, _, err = client:purchase_available(FILTER)
    assert.equal("unknown", err.purchased)
    local number, message = client:purchase_available(FILTER)
    assert.is_nil(number)
    assert.matches("1 being bought by other calls, or in doubt", message)
    assert.equal(1, #log.posts)
    assert(client:purchase { phone_number = phone(1) })
  end)

  it("applies to one account and not to others", function()
    local answers = { { broken = "network" }, created }
    local client, log = client_of({ found { phone(1) } }, answers, { retries = 0 })
    local other = "AC" .. ("c"):rep(32)
    assert.is_nil(client:purchase_available(FILTER))
    assert(client:purchase_available(FILTER, nil, { account_sid = other }))
    assert.same({ phone(1), phone(1) }, posted(log))
  end)
end)
