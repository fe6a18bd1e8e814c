-- A call: its attempts, the look-up after one that went unanswered, and its events. The outcome of each
-- response is in call_outcomes_spec.lua, and how long a call waits in call_times_spec.lua.
local scripted = require("spec.support.scripted")

local PHONE, SID = scripted.PHONE, scripted.NUMBER_SID
local EMPTY_PAGE = { status = 200, body = scripted.page {} }
local OWNED = { status = 200, body = scripted.page { PHONE } }
local CREATED = { status = 201, body = scripted.body() }
local code = scripted.error

describe("a purchase", function()
  it("returns the number that an unanswered attempt bought, even without retries", function()
    for _, answer in ipairs {
      { broken = "timeout" },
      code(500, 20500),
      { status = 201 },
      code(409, 20409),
      { status = 403, body = "<html>" },
      { status = 429, body = "<html>" },
    } do
      local client, log = scripted.client({ POST = { answer }, GET = { OWNED } }, { retries = 0 })
      local number = assert(client:purchase { phone_number = PHONE })
      assert.equal(SID, number.sid)
      assert.same({ 1, 1 }, { #log.posts, #log.gets })
      assert.equal(
        "https://api.example/2010-04-01/Accounts/"
          .. scripted.ACCOUNT
          .. "/IncomingPhoneNumbers.json?PhoneNumber=%2B15005550006&PageSize=50",
        log.gets[1].url
      )
    end
  end)

  it("accepts no number but the requested one", function()
    local near = {
      status = 200,
      body = scripted.page { "+150055500060", "15005550006", "+1500555000*", "+5005550006" },
    }
    local client = scripted.client(
      { POST = { { broken = "timeout" } }, GET = { near } },
      { retries = 0 }
    )
    local number, _, err = client:purchase { phone_number = PHONE }
    assert.is_nil(number)
    assert.equal("unknown", err.purchased)
  end)

  it("is looked for on every page", function()
    local next_uri = "/2010-04-01/Accounts/"
      .. scripted.ACCOUNT
      .. "/IncomingPhoneNumbers.json?Page=1"
    local first = { status = 200, body = scripted.page({ "+15005550007" }, next_uri) }
    local client, log =
      scripted.client { POST = { { broken = "timeout" } }, GET = { first, OWNED } }
    assert.equal(SID, assert(client:purchase { phone_number = PHONE }).sid)
    assert.equal("https://api.example" .. next_uri, log.gets[2].url)
  end)

  it("stops reading pages that never end", function()
    local uri = "/2010-04-01/Accounts/" .. scripted.ACCOUNT .. "/IncomingPhoneNumbers.json?Page=1"
    local page = { status = 200, body = scripted.page({}, uri) }
    local client, log = scripted.client(
      { POST = { { broken = "timeout" } }, GET = { page } },
      { retries = 0 }
    )
    assert.is_nil((client:purchase { phone_number = PHONE }))
    assert.equal(20, #log.gets)
  end)

  it("does not follow a page link to another host", function()
    for _, uri in ipairs {
      "https://evil.example/2010-04-01/Accounts/AC",
      "//evil.example/2010-04-01/Accounts/AC",
      "@evil.example/2010-04-01/Accounts/AC",
      ".evil.example/2010-04-01/Accounts/AC",
      "/2010-04-01/Accounts/AC\\r\\nX: y",
      "/elsewhere",
      "",
    } do
      local page = { status = 200, body = scripted.page({}, uri) }
      local client, log = scripted.client(
        { POST = { { broken = "timeout" } }, GET = { page } },
        { retries = 0 }
      )
      assert.is_nil((client:purchase { phone_number = PHONE }))
      assert.equal(1, #log.gets, uri)
    end
  end)

  it("reports that the look-up failed too", function()
    local client, log = scripted.client({
      POST = { { broken = "timeout" } },
      GET = { code(403, 20403) },
    }, { retries = 0 })
    local _, message, err = client:purchase { phone_number = PHONE }
    assert.equal("unknown", err.purchased)
    assert.equal("timeout", err.kind)
    assert.truthy(message:find("the lookup failed: ", 1, true), message)
    assert.same({ 1, 1, 2 }, { #log.posts, #log.gets, err.attempts })
  end)

  it("looks the number up after a refusal that follows an unanswered attempt", function()
    local client, log = scripted.client {
      POST = { { broken = "network" }, code(400, 21422) },
      GET = { EMPTY_PAGE, OWNED },
    }
    assert.equal(SID, assert(client:purchase { phone_number = PHONE }).sid)
    assert.same({ 2, 2 }, { #log.posts, #log.gets })
  end)

  it("stays unknown after a later refusal", function()
    for _, later in ipairs {
      code(400, 21422),
      code(403, 20403),
      { broken = "connect" },
      code(429, 20429),
    } do
      local client, log = scripted.client {
        POST = { { broken = "network" }, later },
        GET = { EMPTY_PAGE },
      }
      local _, message, err = client:purchase { phone_number = PHONE }
      assert.equal("unknown", err.purchased)
      assert.truthy(message:find("an earlier attempt went unanswered", 1, true), message)
      assert.equal(#log.posts, #log.gets)
    end
  end)

  it("is not looked up after a definite refusal", function()
    local client, log = scripted.client { POST = { { broken = "connect" }, code(400, 21422) } }
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.same({ "no", 21422, 2 }, { err.purchased, err.code, err.attempts })
    assert.is_nil(log.unexpected)
  end)

  it("by area code is never sent again once it is unknown", function()
    for _, first in ipairs { code(429, 20429), { broken = "connect" } } do
      local client, log = scripted.client { POST = { first, { broken = "timeout" }, CREATED } }
      local number, _, err = client:purchase { area_code = "415" }
      assert.is_nil(number)
      assert.same({ 2, 0, "unknown" }, { #log.posts, #log.gets, err.purchased })
    end
  end)

  it("succeeds at a later attempt", function()
    local client, log = scripted.client {
      POST = { code(429, 20429), code(503, 1), { broken = "timeout" }, CREATED },
      GET = { EMPTY_PAGE },
    }
    assert.equal(SID, assert(client:purchase { phone_number = PHONE }).sid)
    assert.same({ 4, 2, 3 }, { #log.posts, #log.gets, #log.sleeps })
  end)

  it("is for the given subaccount", function()
    local sub = "AC" .. ("5"):rep(32)
    local client, log = scripted.client { POST = { { broken = "timeout" } }, GET = { OWNED } }
    assert(client:purchase({ phone_number = PHONE }, { account_sid = sub }))
    for _, request in ipairs { log.posts[1], log.gets[1] } do
      assert.truthy(request.url:find("/Accounts/" .. sub .. "/", 1, true))
    end
  end)
end)

describe("on_event", function()
  it("gets each attempt and no secret", function()
    local client, log = scripted.client {
      POST = {
        { status = 503, headers = { ["Twilio-Request-Id"] = "RQ1" } },
        { broken = "timeout", message = "lost " .. scripted.TOKEN },
        CREATED,
      },
      GET = { EMPTY_PAGE },
    }
    assert(client:purchase { phone_number = PHONE })
    local heard = {}
    for i, event in ipairs(log.events) do
      heard[i] = ("%s %s %s %s"):format(
        event.method,
        event.attempt,
        event.status or "-",
        event.error or "-"
      )
      assert.is_number(event.seconds)
      for _, value in pairs(event) do
        assert.is_nil(tostring(value):find(scripted.TOKEN, 1, true))
        assert.is_nil(tostring(value):find("Basic", 1, true))
      end
    end
    assert.same({
      "POST 1 503 api",
      "GET 2 200 -",
      "POST 3 - timeout",
      "GET 4 200 -",
      "POST 5 201 -",
    }, heard)
    assert.equal("RQ1", log.events[1].request_id)
  end)

  it("cannot abort a purchase by an error", function()
    for _, on_event in ipairs {
      function()
        error("oops")
      end,
      error,
      function()
        error(setmetatable({}, { __tostring = error }))
      end,
    } do
      local client = scripted.client({ POST = { CREATED } }, { on_event = on_event })
      assert.equal(SID, assert(client:purchase { phone_number = PHONE }).sid)
    end
  end)
end)
