local unpack = table.unpack or unpack -- luacheck: ignore
local core = require("twilio.numbers.core")
local scripted = require("spec.support.scripted")

local PHONE, SID = scripted.PHONE, scripted.NUMBER_SID
local EMPTY_PAGE = { status = 200, body = scripted.page {} }
local OWNED = { status = 200, body = scripted.page { PHONE } }
local CREATED = { status = 201, body = scripted.body() }

local function code(status, number, headers)
  return { status = status, body = scripted.refusal(number, "Twilio said so"), headers = headers }
end

--- The outcome of each response, if it is repeated and the account owns nothing.
---   kind, purchased: of the error; nil: bought.
---   posts: how many purchases by phone number are sent with 0 and with 3 retries.
---   area_posts: the same by area code.
local ALWAYS, NEVER, SAFE = { 1, 4 }, { 1, 1 }, { 1, 4 }
local TABLE = {
  { "200 with a number", { status = 200, body = scripted.body() }, nil, nil, NEVER, NEVER },
  { "201", CREATED, nil, nil, NEVER, NEVER },
  { "201 with a cut body", { status = 201, body = '{"sid":' }, "response", "yes", NEVER, NEVER },
  { "201 without a body", { status = 201 }, "response", "yes", NEVER, NEVER },
  { "201 with an array", { status = 201, body = "[]" }, "response", "yes", NEVER, NEVER },
  {
    "201 with a body that is no string",
    { status = 201, body = 7 },
    "response",
    "yes",
    NEVER,
    NEVER,
  },
  { "200 with HTML", { status = 200, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "200 with another object", { status = 200, body = "{}" }, "response", "unknown", NEVER, NEVER },
  { "202", { status = 202, body = "{}" }, "response", "unknown", NEVER, NEVER },
  { "204", { status = 204 }, "response", "unknown", NEVER, NEVER },
  { "301", { status = 301, headers = { Location = "/" } }, "response", "unknown", NEVER, NEVER },
  { "302", { status = 302 }, "response", "unknown", NEVER, NEVER },
  { "304", { status = 304 }, "response", "unknown", NEVER, NEVER },
  { "400 21422", code(400, 21422), "api", "no", NEVER, NEVER },
  { "400 21452", code(400, 21452), "api", "no", NEVER, NEVER },
  { "400 21631", code(400, 21631), "api", "no", NEVER, NEVER },
  { "400 with HTML", { status = 400, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "401", code(401, 20003), "api", "no", NEVER, NEVER },
  { "401 with HTML", { status = 401, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "403", code(403, 20403), "api", "no", NEVER, NEVER },
  { "404", code(404, 20404), "api", "no", NEVER, NEVER },
  { "407", { status = 407 }, "response", "unknown", NEVER, NEVER },
  { "407 20407", code(407, 20407), "response", "unknown", NEVER, NEVER },
  { "408", code(408, 20408), "api", "unknown", ALWAYS, NEVER },
  { "408 with HTML", { status = 408, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "409", code(409, 20409), "api", "unknown", ALWAYS, NEVER },
  { "409 with HTML", { status = 409, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "422", code(422, 20422), "api", "no", NEVER, NEVER },
  { "429", code(429, 20429), "rate_limit", "no", SAFE, SAFE },
  {
    "429 without a code",
    { status = 429, body = '{"status":429}' },
    "rate_limit",
    "no",
    NEVER,
    NEVER,
  },
  { "429 with HTML", { status = 429, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "499", { status = 499 }, "response", "unknown", NEVER, NEVER },
  { "500", code(500, 20500), "api", "unknown", ALWAYS, NEVER },
  { "502 with HTML", { status = 502, body = "<html>" }, "api", "unknown", ALWAYS, NEVER },
  { "503", code(503, 20503), "api", "unknown", ALWAYS, NEVER },
  { "504", code(504, 20504), "api", "unknown", ALWAYS, NEVER },
  { "511", { status = 511, body = "log in here" }, "api", "unknown", ALWAYS, NEVER },
  { "600", { status = 600 }, "response", "unknown", NEVER, NEVER },
  { "100", { status = 100 }, "response", "unknown", NEVER, NEVER },
  { "a failing connect", { broken = "connect" }, "connect", "no", SAFE, SAFE },
  { "a failing handshake", { broken = "tls" }, "tls", "no", SAFE, SAFE },
  { "silence", { broken = "timeout" }, "timeout", "unknown", ALWAYS, NEVER },
  { "a broken connection", { broken = "network" }, "network", "unknown", ALWAYS, NEVER },
  { "a kind unheard of", { broken = "gremlins" }, "network", "unknown", ALWAYS, NEVER },
}

--- Transports that violate their contract, so that the outcome is unknown.
local RUBBISH = {
  ["nothing"] = function() end,
  ["false"] = function()
    return false
  end,
  ["an error"] = function()
    error("oops")
  end,
  ["an error that is a table"] = function()
    error {}
  end,
  ["an error that cannot be printed"] = function()
    error(setmetatable({}, {
      __tostring = function()
        error("no")
      end,
    }))
  end,
  ["a message that cannot be printed"] = function()
    return nil, setmetatable({}, { __tostring = error }), setmetatable({}, { __eq = error })
  end,
  ["an error without a value"] = function()
    error()
  end,
  ["true"] = function()
    return true
  end,
  ["a string"] = function()
    return "HTTP/1.1 201 Created"
  end,
  ["a number"] = function()
    return 201
  end,
  ["a function"] = function()
    return print
  end,
  ["an empty table"] = function()
    return {}
  end,
  ["a status that is a string"] = function()
    return { status = "201" }
  end,
  ["a status that is NaN"] = function()
    return { status = 0 / 0 }
  end,
  ["a status without end"] = function()
    return { status = math.huge }
  end,
  ["a status with a fraction"] = function()
    return { status = 201.5 }
  end,
  ["a status that is too small"] = function()
    return { status = 99 }
  end,
  ["a status that raises"] = function()
    return setmetatable({}, {
      __index = function()
        error("no")
      end,
    })
  end,
}

describe("a purchase", function()
  local function each_way(f)
    for _, way in ipairs { { phone_number = PHONE }, { area_code = "415" } } do
      for _, retries in ipairs { 0, 3 } do
        f(way, retries, way.phone_number ~= nil)
      end
    end
  end

  for _, row in ipairs(TABLE) do
    local name, answer, kind, purchased, posts, area_posts = unpack(row, 1, 6)
    it("ends correctly on " .. name, function()
      each_way(function(params, retries, by_phone)
        local client, log = scripted.client({ POST = { answer }, GET = { EMPTY_PAGE } }, {
          retries = retries,
        })
        local number, message, err = client:purchase(params)
        local index = retries == 0 and 1 or 2
        assert.equal((by_phone and posts or area_posts)[index], #log.posts)
        local doubtful = kind and purchased ~= "no" and by_phone
        assert.equal(doubtful and #log.posts or 0, #log.gets)
        if not kind then
          assert.equal(SID, number.sid)
          return
        end
        assert.is_nil(number)
        assert.equal(kind, err.kind)
        assert.equal(purchased, err.purchased)
        assert.equal(#log.posts + #log.gets, err.attempts)
        assert.equal(answer.status, err.status)
        assert.is_string(message)
        assert.equal(message, err.message)
        assert.equal(message, tostring(err))
        assert.equal(purchased ~= "no", message:find("bought", 1, true) ~= nil)
        assert.equal(#log.posts - 1, #log.sleeps)
        for i = 2, #log.posts do
          assert.equal(log.posts[1].body, log.posts[i].body)
        end
      end)
    end)
  end

  for name, f in pairs(RUBBISH) do
    it("stays unknown if the transport returns " .. name, function()
      each_way(function(params, retries, by_phone)
        local client, log = scripted.client({ POST = { f }, GET = { EMPTY_PAGE } }, {
          retries = retries,
        })
        local number, message, err = client:purchase(params)
        assert.is_nil(number)
        assert.equal("unknown", err.purchased)
        assert.is_true(err.kind == "network" or err.kind == "response", err.kind)
        assert.equal(message, tostring(err))
        assert.is_true(#log.posts == 1 or by_phone)
        assert.is_true(#log.gets >= (by_phone and 1 or 0))
      end)
    end)
  end

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

  it("obeys Retry-After in any case of the header's letters", function()
    for _, name in ipairs { "Retry-After", "retry-after", "RETRY-AFTER" } do
      local busy = code(429, 20429, { [name] = "7" })
      local client, log = scripted.client { POST = { busy, CREATED } }
      assert(client:purchase { area_code = "415" })
      assert.same({ 7 }, log.sleeps)
    end
    local client, log = scripted.client { POST = { code(429, 20429, { ["Retry-After"] = 7 }) } }
    local _, _, err = client:purchase({ area_code = "415" }, { retries = 0 })
    assert.same({ 7, 0 }, { err.retry_after, #log.sleeps })
  end)

  it("ignores an invalid Retry-After", function()
    for _, wait in ipairs { "soon", "-5", "", {}, true, "1e9" } do
      local busy = code(429, 20429, { ["Retry-After"] = wait })
      local client, log = scripted.client { POST = { busy, CREATED } }
      assert(client:purchase { area_code = "415" })
      assert.is_true(log.sleeps[1] < 1)
    end
  end)

  it("waits a random time below a bound that doubles", function()
    local real, fraction = core.jitter, 0.75
    finally(function()
      core.jitter = real
    end)
    core.jitter = function()
      return fraction
    end
    local client, log = scripted.client(
      { POST = { code(429, 20429) } },
      { retries = 8, deadline = 3600 }
    )
    client:purchase { area_code = "415" }
    assert.same({ 0.75, 1.5, 3, 6, 12, 15, 15, 15 }, log.sleeps)
    fraction = 0
    client, log = scripted.client({ POST = { code(429, 20429) } }, { retries = 3 })
    client:purchase { area_code = "415" }
    assert.same({ 0, 0, 0 }, log.sleeps)
  end)

  it("waits for the whole bound if the system has no random numbers", function()
    local real = core.jitter
    finally(function()
      core.jitter = real
    end)
    core.jitter = error
    local client, log = scripted.client({ POST = { code(429, 20429) } }, { retries = 3 })
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal("rate_limit", err.kind)
    assert.same({ 1, 2, 4 }, log.sleeps)
  end)

  it("does not start a wait that would end after the deadline", function()
    local busy = code(429, 20429, { ["Retry-After"] = "60" })
    local client, log = scripted.client({ POST = { busy } }, { deadline = 30 })
    local _, _, err = client:purchase { area_code = "415" }
    assert.same({ 1, 0, "rate_limit" }, { #log.posts, #log.sleeps, err.kind })
  end)

  it("may have a deadline of its own for each call", function()
    local busy = code(429, 20429, { ["Retry-After"] = "60" })
    local client, log = scripted.client({ POST = { busy } }, { deadline = 3600, retries = 1 })
    client:purchase({ area_code = "415" }, { deadline = 30 })
    assert.same({ 1, 0 }, { #log.posts, #log.sleeps })
    client:purchase { area_code = "415" }
    assert.same({ 3, 1 }, { #log.posts, #log.sleeps })
    local _, _, err = client:purchase({ area_code = "415" }, { deadline = 0 })
    assert.same({ "invalid", 3 }, { err.kind, #log.posts })
  end)

  it("sends nothing after the deadline", function()
    local real, now = core.now, 1000
    finally(function()
      core.now = real
    end)
    core.now = function()
      return now
    end
    local client, log = scripted.client({ POST = { code(503, 1) }, GET = { EMPTY_PAGE } }, {
      deadline = 60,
      loop = {
        sleep = function()
          now = now + 100
        end,
      },
    })
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.same({ 1, "timeout", "unknown" }, { #log.posts, err.kind, err.purchased })
  end)

  it("limits a request to the time left", function()
    local client, log = scripted.client({ POST = { CREATED } }, { deadline = 5 })
    assert(client:purchase { phone_number = PHONE })
    assert.is_true(log.posts[1].timeout <= 5 and log.posts[1].connect_timeout <= 5)
    assert(client:purchase({ phone_number = PHONE }, { timeout = 2 }))
    assert.equal(2, log.posts[2].timeout)
  end)

  describe("that is not answered in time", function()
    local real, now = core.now, nil

    before_each(function()
      now = 1000
      core.now = function()
        return now
      end
    end)

    after_each(function()
      core.now = real
    end)

    --- A client whose purchases all use their whole time.
    local function slow(options)
      options.loop = {
        sleep = function(seconds)
          now = now + seconds
        end,
      }
      return scripted.client({
        POST = {
          function(request)
            now = now + request.timeout
            return nil,
              "Operation timed out after 12540 milliseconds with 0 bytes received",
              "timeout"
          end,
        },
        GET = { EMPTY_PAGE },
      }, options)
    end

    it("leaves a quarter of the deadline for its look-up, and at most ten seconds", function()
      for deadline, first in pairs { [3] = 2.25, [8] = 6, [40] = 30, [100] = 90 } do
        local client, log = slow { deadline = deadline, timeout = deadline, retries = 0 }
        client:purchase { phone_number = PHONE }
        assert.same({ 1, 1, first }, { #log.posts, #log.gets, log.posts[1].timeout })
        assert.is_true(log.posts[1].connect_timeout <= first)
      end
    end)

    it("is looked up after the last of several attempts, too", function()
      local client, log = slow { deadline = 120, timeout = 35 }
      local _, _, err = client:purchase { phone_number = PHONE }
      assert.same({ 4, 4 }, { #log.posts, #log.gets })
      assert.is_nil(err.message:find("the lookup failed", 1, true))
    end)

    it("has the whole deadline if there is nothing to look up by", function()
      local client, log = slow { deadline = 20, timeout = 35, retries = 0 }
      client:purchase { area_code = "415" }
      assert.equal(20, log.posts[1].timeout)
    end)

    it("reports the total time waited, not only that of the last attempt", function()
      local client = slow { deadline = 300, timeout = 30, retries = 3 }
      local jitter = core.jitter
      finally(function()
        core.jitter = jitter
      end)
      core.jitter = function()
        return 1
      end
      local _, message = client:purchase { phone_number = PHONE }
      local words = "no response in time: Operation timed out with 0 bytes received, 127 s in all."
      assert.equal(words, message:match("^.- in all%."))
    end)
  end)

  it("ends with what is known if the host's sleep raises", function()
    local client, log = scripted.client({ POST = { code(503, 1) }, GET = { EMPTY_PAGE } }, {
      loop = {
        sleep = function()
          error("the worker is shutting down")
        end,
      },
    })
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.same({ 1, "api", "unknown" }, { #log.posts, err.kind, err.purchased })
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
