-- purchase_many with all_or_nothing gives back only what it certainly bought: a release is final.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local A, B = "+14155550101", "+14155550102"
local OPTIONS = { all_or_nothing = true }
local NOT_OWNED = { status = 200, body = scripted.page {} }
local OWNED = { status = 200, body = scripted.page { A } }
local GONE = { status = 204, body = "" }

--- Responds to purchases: B is not for sale, and A gets these responses, in order. Refuses updates.
local function seller(answers)
  local count = 0
  return {
    function(request)
      local phone_number = form.decode(request.body).PhoneNumber
      if phone_number ~= A then -- B, or an update of A
        return { status = 400, body = scripted.refusal(21422, "gone") }
      end
      count = count + 1
      local answer = answers[math.min(count, #answers)]
      return answer == "created" and { status = 201, body = scripted.body(phone_number) } or answer
    end,
  }
end

--- Buys A and B; B is not available.
---@param looks table answers to the look-ups
---@param answers table to the purchases of A
---@param shown table|nil what a GET of A shows besides what was sent, and instead of A; nil: the GET fails
---@param release table|nil the answer to the DELETE
local function buy(looks, answers, shown, release)
  local client, log = scripted.apart({
    GET = scripted.gets({
      shown and function()
        local fields = '"friendly_name":"Pool",' .. (shown[1] or "")
        local body = scripted.body(shown[2] or A):gsub("{", "{" .. fields, 1)
        return { status = 200, body = body }
      end or { status = 500, body = "" },
    }, looks),
    POST = seller(answers),
    DELETE = { release or GONE },
  }, { max_in_flight = 1, retries = 1 })
  local params = { friendly_name = "Pool" }
  local report, message = client:purchase_many({ A, B }, params, OPTIONS)
  return report, message, log
end

describe("purchase_many with all_or_nothing", function()
  it("releases the number that its own purchase returned", function()
    local report, message, log = buy({ NOT_OWNED }, { "created" }, {})
    assert.same({ "released", 1, 0 }, { report.results[1].outcome, report.released, #report.kept })
    assert.equal(1, #log.deletes)
    assert.matches("1 released, 0 not begun", message)
  end)

  for name, case in pairs {
    ["what a look-up after a lost answer finds"] = {
      { NOT_OWNED, OWNED },
      { { broken = "network" } },
      {},
    },
    ["what a look-up after a 503 finds"] = {
      { NOT_OWNED, OWNED },
      { { status = 503, body = "" } },
      {},
    },
    ["what more than one purchase was sent for"] = {
      { NOT_OWNED },
      { { status = 429, body = scripted.refusal(20429, "slow") }, "created" },
      {},
    },
    ["what was answered with another number"] = {
      { NOT_OWNED },
      { { status = 201, body = scripted.body(B) } },
      {},
      is_unknown = true, -- an answer that is none leaves no number to keep
    },
    ["what shows other settings than were sent"] = {
      { NOT_OWNED },
      { "created" },
      { '"friendly_name":"Reception",' },
    },
    ["what shows a setting that was not sent"] = {
      { NOT_OWNED },
      { "created" },
      { '"voice_url":"https://example.com/other",' },
    },
    ["what was bought with other settings, which could not be changed"] = {
      { NOT_OWNED },
      { { status = 201, body = scripted.body(A):gsub("{", '{"friendly_name":"Reception",', 1) } },
      { '"friendly_name":"Reception",' },
    },
    ["what shows another number under its SID"] = { { NOT_OWNED }, { "created" }, { nil, B } },
    ["what cannot be looked at before it is released"] = { { NOT_OWNED }, { "created" } },
  } do
    it("keeps and reports " .. name, function()
      local report, message, log = buy(case[1], case[2], case[3])
      assert.equal(0, #log.deletes)
      local outcome = report.results[1].outcome
      if case.is_unknown then
        assert.equal("unknown", outcome)
      else
        assert.same({ "kept", 1, 0 }, { outcome, #report.kept, report.bought })
        assert.equal(report.results[1].number, report.kept[1])
        assert.same({}, report.numbers)
        assert.matches("0 released, 1 kept, 0 not begun", message)
        assert.matches("^kept: ", report.results[1].message)
      end
    end)
  end

  it("reports numbers that it could not release as kept", function()
    local report, _, log = buy(
      { NOT_OWNED },
      { "created" },
      {},
      { status = 403, body = scripted.refusal(20403, "no") }
    )
    assert.same({ "kept", 1, 1 }, { report.results[1].outcome, #report.kept, #log.deletes })
    assert.equal(403, report.results[1].err.status)
  end)

  it("reports a number as unknown if its release went unanswered", function()
    local report = buy({ NOT_OWNED }, { "created" }, {}, { broken = "network" })
    assert.same({ "unknown", 1, 0 }, { report.results[1].outcome, report.unknown, #report.kept })
  end)

  it("keeps numbers whose release could not begin, since the client was closed", function()
    local client, log = scripted.apart({
      GET = { NOT_OWNED },
      POST = seller { "created" },
    }, { max_in_flight = 1 })
    local report, message = client:purchase_many({ A, B }, nil, {
      all_or_nothing = true,
      on_progress = function(progress)
        if progress.index == 2 then
          client:close()
        end
      end,
    })
    local result = report.results[1]
    assert.same({ "kept", 0, 1 }, { result.outcome, report.unknown, #report.kept })
    assert.same({ "closed", 0, 0 }, { result.err.kind, result.err.attempts, #log.deletes })
    assert.equal(result.number, report.kept[1])
    assert.matches("1 kept", message)
  end)

  --- Buys A and B. The coroutine that releases A is broken off after it has sent a request with this method.
  local function interrupt_release(method)
    local function answer(status, body)
      return function(request)
        if request.method == method then
          coroutine.yield() -- the library's coroutine does not survive this
        end
        return { status = status, body = body }
      end
    end
    local client, log = scripted.apart({
      GET = scripted.gets({ answer(200, scripted.body(A)) }, { NOT_OWNED }),
      POST = seller { "created" },
      DELETE = { answer(204, "") },
    }, { max_in_flight = 1, retries = 0 })
    return client:purchase_many({ A, B }, nil, OPTIONS), log
  end

  it("keeps numbers whose release was interrupted before it was sent", function()
    local report, log = interrupt_release("GET")
    assert.same({ "kept", 1, 0 }, { report.results[1].outcome, #report.kept, #log.deletes })
  end)

  it("reports a number as unknown if its release was interrupted after it was sent", function()
    local report, log = interrupt_release("DELETE")
    assert.same({ "unknown", 0, 1 }, { report.results[1].outcome, #report.kept, #log.deletes })
  end)

  it("keeps numbers that the account owned before the call", function()
    local old = scripted.body(A):gsub("{", '{"date_created":"Tue, 27 Jul 2010 20:21:11 +0000",', 1)
    local looked =
      { status = 200, body = NOT_OWNED.body, headers = { Date = "Sat, 28 Nov 2026 12:00:00 GMT" } }
    local report, _, log = buy({ looked }, { { status = 201, body = old } }, {})
    assert.same({ "kept", 0 }, { report.results[1].outcome, #log.deletes })
  end)

  it("keeps numbers bought by area code whose earlier owner could not be looked up", function()
    local client, log = scripted.apart({
      GET = scripted.gets({ { status = 200, body = scripted.body(A) } }, { NOT_OWNED }),
      POST = {
        function(request)
          local by_area_code = form.decode(request.body).AreaCode
          return by_area_code and { status = 201, body = scripted.body(A) }
            or { status = 400, body = scripted.refusal(21422, "gone") }
        end,
      },
    }, { max_in_flight = 1 })
    local report = client:purchase_many({ { area_code = "415" }, B }, {}, OPTIONS)
    assert.same({ "kept", 0 }, { report.results[1].outcome, #log.deletes })
  end)

  describe("keeps a number that another call of the client has returned:", function()
    --- Buys A, and B, which is not available, while something happens at a request.
    ---@param method string of the request
    ---@param url string in the request
    ---@param params table of the other purchase
    local function check(method, url, params)
      local client, log, has_happened
      local function at(request)
        if request.method == method and request.url:find(url, 1, true) and not has_happened then
          has_happened = true
          assert.equal(A, assert(client:purchase(params)).phone_number)
        end
      end
      client, log = scripted.apart({
        GET = {
          function(request)
            at(request)
            local is_fetch = request.url:find("/PN", 1, true)
            local body = is_fetch and scripted.body(A):gsub("{", '{"friendly_name":"Pool",', 1)
            return { status = 200, body = body or NOT_OWNED.body }
          end,
        },
        POST = {
          function(request)
            at(request)
            if form.decode(request.body).AreaCode then
              return { status = 201, body = scripted.body(A) }
            end
            return seller({ "created" })[1](request)
          end,
        },
        DELETE = { GONE },
      }, { max_in_flight = 1 })
      local report = client:purchase_many({ A, B }, { friendly_name = "Pool" }, OPTIONS)
      assert.is_true(has_happened)
      assert.same({ "kept", 0 }, { report.results[1].outcome, #log.deletes })
    end

    it("by area code, before the response of all_or_nothing", function()
      check("POST", "IncomingPhoneNumbers", { area_code = "415", friendly_name = "Pool" })
    end)

    it("by area code, after it", function()
      check("GET", "PhoneNumber=%2B14155550102", { area_code = "415", friendly_name = "Pool" })
    end)

    it("by number, while the number is read before its release", function()
      check("GET", "/PN", { phone_number = A, friendly_name = "Pool" })
    end)
  end)

  it("buys nothing if the look-up before the purchase fails", function()
    local report, _, log = buy({ { status = 403, body = "" } }, { "created" }, {})
    assert.same({ 2, 0 }, { report.refused, #log.posts })
  end)

  it("buys nothing if the look-up before the purchase returns no list", function()
    local report, _, log = buy({ { status = 200, body = "{}" } }, { "created" }, {})
    assert.same({ 2, 0, 0 }, { report.refused, #log.posts, #log.deletes })
  end)

  describe("beside another purchase of the same number", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

    for name, is_first in pairs { ["begun before it"] = true, ["begun after it"] = false } do
      it("never releases that number: " .. name, function()
        local client = clients.of(twilio)
        twilio:limits { latency = 0.02 }
        local single, many
        local function begin_single()
          single = assert(client:purchase_async { phone_number = A })
        end
        if is_first then
          begin_single()
        end
        many = assert(client:purchase_many_async({ A, "+15005550000" }, nil, OPTIONS))
        if not is_first then
          begin_single()
        end
        flights.finish(client)
        assert.equal(A, assert(single:result()).phone_number)
        local report = many:result()
        assert.same({ 0, 0 }, { report.bought, report.released })
        assert.same({ 1, 0 }, { #twilio:state().owned, twilio:state().releases })
        client:close()
      end)
    end
  end)
end)
