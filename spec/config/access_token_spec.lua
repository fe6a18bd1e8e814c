-- A function that returns an access token: when it is called, and what happens if it fails.
local scripted = require("spec.support.scripted")

local CREATED = { status = 201, body = scripted.body() }
local UNAUTHORIZED = { status = 401, body = scripted.refusal(20003, "Authenticate") }

describe("a function that returns an access token", function()
  local function client_with(access_token, script)
    return scripted.client(script, { access_token = access_token, without = { "auth_token" } })
  end

  --- A function that counts its calls and returns a new token each time.
  local function counter()
    local calls = { n = 0 }
    return function()
      calls.n = calls.n + 1
      return "tok" .. calls.n
    end, calls
  end

  it("is called once for many calls, and not before the first", function()
    local ask, calls = counter()
    local client, log = client_with(ask, { POST = { CREATED } })
    assert.equal(0, calls.n)
    for _ = 1, 3 do
      assert(client:purchase { area_code = "415" })
    end
    assert.equal(1, calls.n)
    assert.equal("Bearer tok1", log.posts[3].headers.Authorization)
  end)

  it("is called again after a 401, even without retries", function()
    local ask, calls = counter()
    local client, log = client_with(ask, { POST = { UNAUTHORIZED, CREATED } })
    assert(client:purchase({ area_code = "415" }, { retries = 0 }))
    assert.same({ 2, 2, 0 }, { calls.n, #log.posts, #log.sleeps })
    assert.equal("Bearer tok2", log.posts[2].headers.Authorization)
    assert(client:purchase { area_code = "415" })
    assert.equal(2, calls.n)
  end)

  it("is called again only once per call", function()
    local ask, calls = counter()
    local client, log = client_with(ask, { POST = { UNAUTHORIZED } })
    local _, _, err = client:purchase { phone_number = scripted.PHONE }
    assert.same({ 401, "no", 2, 2 }, { err.status, err.purchased, #log.posts, calls.n })
    client:purchase { phone_number = scripted.PHONE }
    assert.same({ 4, 3 }, { #log.posts, calls.n })
  end)

  it("is called again when a look-up is unauthorized", function()
    local ask, calls = counter()
    local client, log = client_with(ask, {
      POST = { { broken = "timeout" } },
      GET = { UNAUTHORIZED, { status = 200, body = scripted.page { scripted.PHONE } } },
    })
    assert(client:purchase { phone_number = scripted.PHONE })
    assert.same({ 1, 2, 2 }, { #log.posts, #log.gets, calls.n })
  end)

  it("may fail in any way, and nothing is sent", function()
    local unprintable = setmetatable({}, { __tostring = error })
    local failures = {
      function()
        error("the token server is down")
      end,
      function()
        error(unprintable)
      end,
      function()
        error()
      end,
      function() end,
      function()
        return nil, "no token today"
      end,
      function()
        return nil, unprintable
      end,
      function()
        return "tok\r\nX-Evil: s3cr3t"
      end,
      function()
        return ""
      end,
      function()
        return 12
      end,
      function()
        return {}
      end,
      function()
        return ("s3cr3t"):rep(2000000)
      end,
      coroutine.yield,
      setmetatable,
    }
    for i, access_token in ipairs(failures) do
      local client, log = client_with(access_token, { POST = { CREATED } })
      local number, message, err = client:purchase { area_code = "415" }
      assert.is_nil(number, i)
      assert.same({ "connect", "no", 0, 0 }, { err.kind, err.purchased, #log.posts, err.attempts })
      assert.truthy(message:find("access_token returned no token", 1, true), message)
      assert.is_nil(message:find("s3cr3t", 1, true))
    end
  end)

  describe("that calls its own client", function()
    local ways = {
      purchase = function(client)
        return client:purchase { area_code = "510" }
      end,
      purchase_async = function(client)
        return client:purchase_async { area_code = "510" }
      end,
      fetch = function(client)
        return client:fetch(scripted.NUMBER_SID)
      end,
      list = function(client)
        local _, message, err = assert(client:list()):next()
        return nil, message, err
      end,
    }
    for name, way in pairs(ways) do
      it("is refused, with nothing sent, while the outer call continues: " .. name, function()
        local inner, calls, client, log = nil, 0
        client, log = client_with(function()
          calls = calls + 1
          inner = { way(client) }
          return "tok"
        end, { POST = { CREATED } })
        assert(client:purchase { area_code = "415" })
        assert.is_nil(inner[1])
        assert.same(
          { "connect", "no", 0 },
          { inner[3].kind, inner[3].purchased, inner[3].attempts }
        )
        assert.matches("access_token must not call the client", inner[2], 1, true)
        assert.same({ 1, 1, 1 }, { calls, #log.posts, #log.requests })
        assert(client:purchase { area_code = "415" })
      end)
    end

    it("is refused after a 401, too, when the last token is forgotten", function()
      local inner, client, log
      client, log = client_with(function()
        inner = client and { client:purchase { area_code = "510" } }
        return "tok"
      end, { POST = { UNAUTHORIZED, CREATED } })
      assert(client:purchase { area_code = "415" })
      assert.equal("connect", inner[3].kind)
      assert.equal(2, #log.posts)
    end)
  end)

  it("may be called by others while it waits for its host", function()
    local client, log = client_with(function()
      coroutine.yield()
      return "tok"
    end, { POST = { CREATED } })
    local threads, bought = {}, {}
    for i = 1, 3 do
      threads[i] = coroutine.create(function()
        bought[i] = assert(client:purchase { area_code = "415" })
      end)
      assert(coroutine.resume(threads[i]))
    end
    for i = 1, 3 do
      assert(coroutine.resume(threads[i]))
    end
    assert.same({ 3, 3 }, { #bought, #log.posts })
  end)

  it("is of no use if the client was closed meanwhile", function()
    local client, log
    client, log = client_with(function()
      client:close()
      return "tok"
    end, { POST = { CREATED } })
    local _, _, err = client:purchase { area_code = "415" }
    assert.same({ "closed", "no", 0 }, { err.kind, err.purchased, #log.posts })
  end)

  it("that fails is called once per call, with libcurl's transport too", function()
    local calls = 0
    local client = scripted.client({}, {
      access_token = function()
        calls = calls + 1
      end,
      without = { "auth_token", "transport" },
    })
    local _, _, err = client:purchase { area_code = "415" }
    assert.same({ "connect", "no", 0, 1 }, { err.kind, err.purchased, err.attempts, calls })
    _, _, err = client:purchase {}
    assert.equal("invalid", err.kind)
    client:close()
  end)

  it("reports why it has no token, without showing the last one", function()
    local n = 0
    local client = client_with(function()
      n = n + 1
      if n == 1 then
        return "tok-1-s3cr3t"
      end
      return nil, "tok-1-s3cr3t cannot be renewed"
    end, { POST = { UNAUTHORIZED } })
    local _, message = client:purchase { area_code = "415" }
    assert.truthy(message:find("[redacted] cannot be renewed", 1, true), message)
  end)
end)
