-- client:purchase_available buys one number, whatever was bought before it, beside it, or by an attempt that
-- went unanswered.
local clients = require("spec.support.clients")
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

  describe("after a purchase that may have spent money", function()
    for _, case in ipairs {
      { "network", { broken = "network" } },
      { "timeout", { broken = "timeout" } },
      { "api", { status = 500, body = "" } },
      { "api", { status = 504, body = scripted.refusal(21422, "odd") } },
      { "api", { status = 409, body = scripted.refusal(20409, "conflict") } },
      { "response", { status = 200, body = "<html>" } },
      { "response", { status = 403, body = "<html>" } },
      { "response", { status = 302, body = "" } },
    } do
      local kind, answer = case[1], case[2]
      it(("stops and names the number: %s %s"):format(kind, answer.status or ""), function()
        local client, log = scripted.apart({
          GET = scripted.gets({ found() }, { NOT_OWNED }),
          POST = { answer },
        }, { retries = 1 })
        local number, message, err = client:purchase_available(FILTER)
        assert.is_nil(number)
        assert.same({ kind, "unknown", PHONES[1] }, { err.kind, err.purchased, err.phone_number })
        assert.matches("may have been bought", message)
        for _, phone in ipairs(posted(log)) do
          assert.equal(PHONES[1], phone)
        end
      end)
    end

    it("stops even after a later refusal", function()
      local client, log = scripted.apart({
        GET = scripted.gets({ found() }, { NOT_OWNED }),
        POST = { { broken = "network" }, refusal(21422) },
      }, { retries = 1 })
      local number, _, err = client:purchase_available(FILTER)
      assert.is_nil(number)
      assert.same({ "unknown", PHONES[1], 21422 }, { err.purchased, err.phone_number, err.code })
      assert.same({ PHONES[1], PHONES[1] }, posted(log))
    end)

    it("stops after a 201 that cannot be parsed and a look-up that finds nothing", function()
      local client, log = scripted.apart {
        GET = scripted.gets({ found() }, { NOT_OWNED }),
        POST = { { status = 201, body = "x" } },
      }
      local number, _, err = client:purchase_available(FILTER)
      assert.is_nil(number)
      assert.same({ "yes", PHONES[1] }, { err.purchased, err.phone_number })
      assert.equal(1, #log.posts)
    end)

    it("finds a number bought by an unanswered attempt", function()
      local client, log = scripted.apart {
        GET = scripted.gets(
          { found() },
          { NOT_OWNED, { status = 200, body = scripted.page { PHONES[1] } } }
        ),
        POST = { { broken = "network" } },
      }
      assert.equal(PHONES[1], assert(client:purchase_available(FILTER)).phone_number)
      assert.equal(1, #log.posts)
    end)

    it("continues after a refusal, and stops at a number with an unknown outcome", function()
      local client, log = scripted.apart({
        GET = scripted.gets({ found() }, { NOT_OWNED }),
        POST = { refusal(21422), { broken = "network" } },
      }, { retries = 0 })
      local number, _, err = client:purchase_available(FILTER)
      assert.is_nil(number)
      assert.same({ "unknown", PHONES[2] }, { err.purchased, err.phone_number })
      assert.same({ PHONES[1], PHONES[2] }, posted(log))
    end)

    it("skips that number in later calls", function()
      local client, log = scripted.apart({
        GET = scripted.gets({ found() }, { NOT_OWNED }),
        POST = { { broken = "network" }, created },
      }, { retries = 0 })
      assert.is_nil(client:purchase_available(FILTER))
      assert.equal(PHONES[2], assert(client:purchase_available(FILTER)).phone_number)
      assert.same({ PHONES[1], PHONES[2] }, posted(log))
    end)
  end)

  --- An account whose searches always return the same numbers, however many of them it owns.
  local function account(phones)
    local owned = {}
    local script = {
      GET = scripted.gets({ found(phones) }, {
        function(request)
          local wanted = "+" .. request.url:match("PhoneNumber=%%2B(%d+)")
          return { status = 200, body = scripted.page { owned[wanted] and wanted } }
        end,
      }),
      POST = {
        function(request)
          owned[form.decode(request.body).PhoneNumber] = true
          return created(request)
        end,
      },
      DELETE = { { status = 204, body = "" } },
    }
    return script, owned
  end

  describe("and numbers bought before", function()
    it("never buys a number twice, however stale the searches are", function()
      local client, log = scripted.apart((account(PHONES)))
      for i = 1, 4 do
        assert.equal(PHONES[i], assert(client:purchase_available(FILTER)).phone_number)
      end
      local number, message, err = client:purchase_available(FILTER)
      assert.is_nil(number)
      assert.matches("no number matches the filter: 4 owned already", message)
      assert.same({ "api", "no" }, { err.kind, err.purchased })
      assert.same(PHONES, posted(log))
    end)

    it("searches again, with growing delays, when a search lists numbers that are gone", function()
      local client, log = scripted.apart {
        GET = scripted.gets(
          { found { PHONES[1] }, found { PHONES[1] }, found { PHONES[2] } },
          { NOT_OWNED }
        ),
        POST = { refusal(21422), created },
      }
      assert.equal(PHONES[2], assert(client:purchase_available(FILTER)).phone_number)
      assert.same({ 3, 1 }, { scripted.searches(log), #log.sleeps })
      assert.is_true(log.sleeps[1] < 1)
    end)

    it("reads no more results of each search than the filter's limit", function()
      local client, log = scripted.apart((account(PHONES)))
      local filter = { country = "US", limit = 1 }
      assert(client:purchase_available(filter))
      assert.is_nil(client:purchase_available(filter))
      assert.same({ PHONES[1] }, posted(log))
    end)

    it("can buy a number that was bought and released elsewhere", function()
      local script, owned = account { PHONES[1] }
      local client = scripted.apart(script)
      assert(client:purchase_available(FILTER))
      owned[PHONES[1]] = nil
      assert.equal(PHONES[1], assert(client:purchase_available(FILTER)).phone_number)
    end)
  end)

  describe("and other calls of the client", function()
    for _, answer in ipairs {
      { status = 400, body = scripted.refusal(21649, "bundle") },
      { status = 403, body = scripted.refusal(20403, "forbidden") },
      { broken = "connect" },
    } do
      it("can buy a number that was refused to another call", function()
        local client = scripted.apart({
          GET = scripted.gets({ found { PHONES[1] } }, { NOT_OWNED }),
          POST = { answer, created },
        }, { retries = 0 })
        local number, _, err = client:purchase_available(FILTER)
        assert.is_nil(number)
        assert.equal("no", err.purchased)
        assert.equal(PHONES[1], assert(client:purchase_available(FILTER)).phone_number)
      end)
    end

    it("do not wait for a number that was not tried", function()
      local client, log = scripted.apart { GET = { found() }, POST = { refusal(21404), created } }
      assert.is_nil(client:purchase_available(FILTER))
      assert.equal(PHONES[1], assert(client:purchase_available(FILTER)).phone_number)
      assert.equal(2, #log.posts)
    end)
  end)

  describe("with unless_owned", function()
    local OWNED = { status = 200, body = scripted.page { PHONES[1] } }

    it("buys the next number if the account owns one, and leaves that unchanged", function()
      local client, log = scripted.apart {
        GET = { found(), OWNED, NOT_OWNED },
        POST = { created },
      }
      local number = assert(client:purchase_available(FILTER, nil, { unless_owned = true }))
      assert.equal(PHONES[2], number.phone_number)
      assert.same({ PHONES[2] }, posted(log))
    end)

    it("buys nothing if the look-up fails", function()
      local client, log = scripted.apart {
        GET = { found(), { status = 403, body = scripted.refusal(20403, "forbidden") } },
      }
      local number, _, err = client:purchase_available(FILTER, nil, { unless_owned = true })
      assert.is_nil(number)
      assert.same({ "api", "no", 0 }, { err.kind, err.purchased, #log.posts })
      assert.equal(PHONES[1], err.phone_number)
    end)

    it("buys nothing if the list of owned numbers links to another host", function()
      local odd = { status = 200, body = scripted.page({}, "https://elsewhere.example/") }
      local client, log = scripted.apart { GET = { found(), odd } }
      local number, _, err = client:purchase_available(FILTER, nil, { unless_owned = true })
      assert.is_nil(number)
      assert.same({ "response", "no", 0 }, { err.kind, err.purchased, #log.posts })
    end)
  end)
end)

describe("client:purchase_available that waits for another call's number", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("buys nothing once it is cancelled", function()
    local client = clients.of(twilio)
    local filter = { country = "US", area_code = "415", page_size = 1 }
    twilio:fault { fault = "hang", method = "POST" }
    local first = assert(client:purchase_available_async(filter))
    flights.until_(function()
      client:poll()
      return twilio:state().posts == 1
    end, "the purchase was sent")
    local before = twilio:state().requests
    local second = assert(client:purchase_available_async(filter))
    flights.until_(function()
      client:poll()
      return twilio:state().requests > before and client:stats().in_flight == 1
    end, "only the purchase in flight")
    second:cancel()
    local number, message, err = second:wait()
    assert.is_nil(number)
    assert.matches("^the request was cancelled: 1 being bought by other calls", message)
    assert.same({ "cancelled", "no", 1 }, { err.kind, err.purchased, twilio:state().posts })
    assert.equal(before + 1, twilio:state().requests)
    first:cancel()
    first:wait()
    client:close()
  end)
end)
