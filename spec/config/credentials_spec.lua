local clients = require("spec.support.clients")
local compat = require("twilio.numbers.compat")
local condition = require("cqueues.condition")
local core = require("twilio.numbers.core")
local cqueues = require("cqueues")
local environment = require("spec.support.environment")
local flights = require("spec.support.flights")
local left_out = require("spec.support.left_out")
local numbers = require("twilio.numbers")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local KEY = "SK" .. ("ab"):rep(16)
local SECRET = "the-s3cret-of-the-key"
local CREATED = { status = 201, body = scripted.body() }
local UNAUTHORIZED = { status = 401, body = scripted.refusal(20003, "Authenticate") }

--- The Authorization header that a purchase is sent with.
local function header(options)
  options.without = options.without or { "auth_token" }
  local client, log = scripted.client({ POST = { CREATED } }, options)
  assert(client:purchase { area_code = "415" })
  return log.posts[1].headers.Authorization
end

--- The error of a client that cannot be created.
local function refused(options)
  local client, message, err = numbers.client(options)
  assert.is_nil(client)
  assert.equal("invalid", err.kind)
  return message
end

--- Everything reachable from a table, including metatables, as text.
local function dump(value, seen, out)
  seen, out = seen or {}, out or {}
  if type(value) == "table" then
    if not seen[value] then
      seen[value] = true
      for k, v in next, value do
        dump(k, seen, out)
        dump(v, seen, out)
      end
      dump(debug.getmetatable(value), seen, out)
    end
  else
    out[#out + 1] = tostring(value)
  end
  return table.concat(out, "\n")
end

describe("credentials", function()
  local function in_environment(variables, f)
    return function()
      return environment.with(variables, f)
    end
  end

  it(
    "are the account's SID and its auth token",
    in_environment({}, function()
      local expected = core.basic(scripted.ACCOUNT, "tok"):text()
      assert.equal(expected, header { auth_token = "tok", without = {} })
    end)
  )

  it(
    "are an API key, and the account stays in the path",
    in_environment({}, function()
      assert.equal(core.basic(KEY, SECRET):text(), header { api_key = KEY, api_secret = SECRET })
      local client, log = scripted.client({ POST = { CREATED } }, {
        api_key = KEY,
        api_secret = SECRET,
        without = { "auth_token" },
      })
      assert(client:purchase { area_code = "415" })
      assert.truthy(log.posts[1].url:find("/Accounts/" .. scripted.ACCOUNT .. "/", 1, true))
    end)
  )

  it(
    "are a bearer token",
    in_environment({}, function()
      assert.equal("Bearer tok", header { access_token = "tok" })
    end)
  )

  it(
    "come from the environment",
    in_environment({ TWILIO_AUTH_TOKEN = "env" }, function()
      assert.equal(core.basic(scripted.ACCOUNT, "env"):text(), header {})
    end)
  )

  it(
    "come from the environment as a set: an API key before the auth token",
    in_environment({
      TWILIO_AUTH_TOKEN = "env",
      TWILIO_API_KEY = KEY,
      TWILIO_API_SECRET = SECRET,
    }, function()
      assert.equal(core.basic(KEY, SECRET):text(), header {})
      assert.equal(core.basic(KEY, "own"):text(), header { api_key = KEY, api_secret = "own" })
      assert.equal(core.basic(KEY, SECRET):text(), header { api_key = KEY })
    end)
  )

  it(
    "override the environment",
    in_environment({ TWILIO_API_KEY = KEY, TWILIO_API_SECRET = SECRET }, function()
      assert.equal("Bearer tok", header { access_token = "tok" })
      assert.equal(
        core.basic(scripted.ACCOUNT, "tok"):text(),
        header { auth_token = "tok", without = {} }
      )
    end)
  )

  it(
    "in the environment are ignored if incomplete or empty",
    in_environment(
      { TWILIO_API_KEY = KEY, TWILIO_API_SECRET = "", TWILIO_AUTH_TOKEN = "env" },
      function()
        assert.equal(core.basic(scripted.ACCOUNT, "env"):text(), header {})
      end
    )
  )

  it(
    "must be given, of one kind, and complete",
    in_environment({}, function()
      local account = scripted.ACCOUNT
      local message = refused { account_sid = account }
      assert.truthy(message:find("no credentials", 1, true), message)
      message = refused { account_sid = account, auth_token = "x", access_token = "y" }
      assert.truthy(message:find("only one of access_token and auth_token", 1, true), message)
      message = refused { account_sid = account, api_key = KEY }
      assert.truthy(message:find("api_secret is missing", 1, true), message)
      message = refused { account_sid = account, api_secret = SECRET }
      assert.truthy(message:find("api_key is missing", 1, true), message)
    end)
  )

  it("that are malformed are refused and never repeated", function()
    local account, bad = scripted.ACCOUNT, "s3cr3t\r\nX-Evil: 1"
    environment.with({}, function()
      for _, options in ipairs {
        { auth_token = bad },
        { access_token = bad },
        { api_key = bad, api_secret = SECRET },
        { api_key = KEY, api_secret = bad },
        { auth_token = "s3cr3t\0" },
        { auth_token = "s3cr3t " },
        { auth_token = "s3cr3t\195\188" },
        { auth_token = ("s3cr3t"):rep(2000) },
        { auth_token = "" },
        { auth_token = 12 },
        { auth_token = {} },
      } do
        options.account_sid = account
        local message = refused(options)
        assert.is_nil(message:find("s3cr3t", 1, true), message)
        assert.is_nil(message:find(SECRET, 1, true), message)
      end
    end)
    for _, variables in ipairs {
      { TWILIO_AUTH_TOKEN = bad },
      { TWILIO_API_KEY = "s3cr3t", TWILIO_API_SECRET = SECRET },
      { TWILIO_API_KEY = KEY, TWILIO_API_SECRET = bad },
    } do
      environment.with(variables, function()
        local message = refused { account_sid = account }
        assert.matches("TWILIO_A%u+_%u+ ", message)
        assert.is_nil(message:find("s3cr3t", 1, true), message)
      end)
    end
  end)

  it("are reported as invalid by variable and by invisible characters", function()
    local function environment_of(variables)
      return environment.with(variables, function()
        return refused {}
      end)
    end
    for value, why in pairs {
      ["s3cr3t\r"] = "ends in a line break",
      ["s3cr3t\n"] = "ends in a line break",
      ["s3cr3t "] = "ends in a space",
      [" s3cr3t"] = "begins with a space",
      ['"s3cr3t"'] = "is in quotes: remove them",
      ["s3cr3t s3cr3t"] = "contains a space or a line break",
      ["s3cr3t\195\188"] = "contains a character that is not printable ASCII",
    } do
      local is_quoted = value:find('"', 1, true) ~= nil
      if not is_quoted then -- a token may hold any printable character
        local message =
          environment_of { TWILIO_ACCOUNT_SID = scripted.ACCOUNT, TWILIO_AUTH_TOKEN = value }
        assert.matches("TWILIO_AUTH_TOKEN " .. why, message, 1, true)
        assert.is_nil(message:find("s3cr3t", 1, true))
      end
      local message = environment_of { TWILIO_ACCOUNT_SID = value, TWILIO_AUTH_TOKEN = "x" }
      assert.matches(
        "TWILIO_ACCOUNT_SID must be AC and 32 hex digits; it " .. why,
        message,
        1,
        true
      )
      assert.is_nil(message:find("s3cr3t", 1, true))
    end
  end)

  it("are nowhere to be found in a client, its text or its errors", function()
    for _, options in ipairs {
      { auth_token = SECRET },
      { api_key = KEY, api_secret = SECRET },
      { access_token = SECRET },
    } do
      options.without = not options.auth_token and { "auth_token" } or nil
      options.transport = function(request)
        error("failed with " .. request.headers.Authorization .. " and " .. SECRET)
      end
      local client = scripted.client({}, options)
      local _, message, err = client:purchase({ area_code = "415" }, { retries = 0 })
      local coded = core.basic(scripted.ACCOUNT, SECRET):text():sub(7)
      assert.truthy(message:find("[redacted]", 1, true), message)
      for _, text in ipairs { tostring(client), dump(client), message, dump(err) } do
        assert.is_nil(text:find(SECRET, 1, true), text)
        assert.is_nil(text:find(coded, 1, true), text)
        assert.is_nil(text:find(core.basic(KEY, SECRET):text():sub(7), 1, true), text)
      end
    end
  end)

  it("are nowhere to be found in a client with an engine either", function()
    local client = assert(numbers.client {
      account_sid = scripted.ACCOUNT,
      auth_token = SECRET,
      base_url = "http://127.0.0.1:1",
      retries = 0,
    })
    client:purchase_async({ area_code = "415" }):wait()
    client:purchase { area_code = "415" }
    local text, coded = dump(client), core.basic(scripted.ACCOUNT, SECRET):text():sub(7)
    assert.is_nil(text:find(SECRET, 1, true), text)
    assert.is_nil(text:find(coded, 1, true), text)
    client:close()
  end)

  it("are redacted from a transport's messages", function()
    local client = scripted.client({}, { retries = 0 })
    client.transport.send = function(request, call)
      local reason = "broke while sending " .. scripted.TOKEN
      request.response:fill("network", true, nil, nil, nil, reason)
      call:arrived(request)
    end
    local _, message = client:purchase { area_code = "415" }
    assert.truthy(message:find("broke while sending [redacted]", 1, true), message)
  end)

  it("are redacted from a response however JSON spells them", function()
    local secret = 'a/b"c\\d'
    for _, spelled in ipairs { [[a/b\"c\\d]], [[a\/b\"c\\d]], [[\u0061/b\u0022c\u005Cd]] } do
      local body = ('{"code":20001,"message":"no %s","more_info":"%s","details":{"%s":["%s"]}}'):gsub(
        "%%s",
        function()
          return spelled
        end
      )
      local client = scripted.client(
        { POST = { { status = 400, body = body } } },
        { auth_token = secret }
      )
      local _, message, err = client:purchase { area_code = "415" }
      assert.truthy(message:find("no [redacted]", 1, true), message)
      assert.same({ ["[redacted]"] = { "[redacted]" } }, err.details)
      assert.is_nil(dump(err):find(secret, 1, true))
    end
  end)

  it("do not make redaction run for ever", function()
    for _, token in ipairs { "a", "[redacted]", "redacted" } do
      local client = scripted.client(
        { POST = { { broken = "network", message = ("a[redacted]"):rep(9) } } },
        {
          auth_token = token,
          retries = 0,
        }
      )
      local _, _, err = client:purchase { area_code = "415" }
      assert.equal("network", err.kind)
    end
  end)

  it("are wiped when a client is closed", function()
    local client, log = scripted.client { POST = { CREATED } }
    client:close()
    client:close()
    local _, _, err = client:purchase { area_code = "415" }
    assert.same({ "closed", "no", 0 }, { err.kind, err.purchased, #log.posts })
  end)

  it("are neither used nor shown after a close in the middle of a call", function()
    local client, log
    client, log = scripted.client {
      POST = {
        function()
          client:close()
          return nil, "gone with " .. scripted.TOKEN, "timeout"
        end,
      },
    }
    local _, message, err = client:purchase({ phone_number = scripted.PHONE }, { retries = 0 })
    assert.same({ "unknown", 1, 0 }, { err.purchased, #log.posts, #log.gets })
    assert.truthy(message:find("no response in time: the lookup failed: closed", 1, true), message)
    assert.is_nil(message:find(scripted.TOKEN, 1, true), message)
  end)
end)

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

--- The options that may be functions: their companions, and the header for a secret.
local FUNCTIONS = {
  access_token = {
    noun = "token",
    header = function(secret)
      return "Bearer " .. secret
    end,
  },
  auth_token = {
    noun = "token",
    header = function(secret)
      return core.basic(scripted.ACCOUNT, secret):text()
    end,
  },
  api_secret = {
    noun = "secret",
    more = { api_key = KEY },
    header = function(secret)
      return core.basic(KEY, secret):text()
    end,
  },
}

for option, kind in pairs(FUNCTIONS) do
  describe("a function as " .. option, function()
    local asked

    before_each(function()
      asked = 0
    end)

    --- Returns a new secret each time.
    local function ask()
      asked = asked + 1
      return "the-s3cret-" .. asked
    end

    local function client_of(f, script, more)
      local options = { [option] = f }
      for _, part in ipairs { kind.more or {}, more or {} } do
        for name, value in pairs(part) do
          options[name] = value
        end
      end
      options.without = { option ~= "auth_token" and "auth_token" or "none" }
      return scripted.client(script, options)
    end

    it("is called once for many calls, and not before the first", function()
      local client, log = client_of(ask, { POST = { CREATED } })
      assert.equal(0, asked)
      for _ = 1, 3 do
        assert(client:purchase { area_code = "415" })
      end
      assert.equal(1, asked)
      assert.equal(kind.header("the-s3cret-1"), log.posts[3].headers.Authorization)
    end)

    it("is called once more after Twilio's own 401, and no more in that call", function()
      local client, log = client_of(ask, { POST = { UNAUTHORIZED, CREATED, UNAUTHORIZED } })
      assert(client:purchase({ area_code = "415" }, { retries = 0 }))
      assert.same({ 2, 2 }, { asked, #log.posts })
      assert.equal(kind.header("the-s3cret-2"), log.posts[2].headers.Authorization)
      local _, _, err = client:purchase { area_code = "415" }
      assert.same({ 401, 3, 4 }, { err.status, asked, #log.posts })
    end)

    it("is not called again after a gateway's 401", function()
      local html = { status = 401, headers = { ["content-type"] = "text/html" }, body = "<html>" }
      local json = { status = 401, body = '{"message":"who are you?"}' }
      for _, answer in ipairs { html, json } do
        asked = 0
        local client, log = client_of(ask, { POST = { answer }, GET = { answer } }, { retries = 0 })
        local _, _, err = client:purchase { area_code = "415" }
        assert.same({ 401, "unknown" }, { err.status, err.purchased })
        _, _, err = client:fetch(scripted.NUMBER_SID)
        assert.equal(401, err.status)
        assert.same({ 1, 1, 1 }, { asked, #log.posts, #log.gets })
      end
    end)

    it("overrides the environment", function()
      environment.with(
        { TWILIO_AUTH_TOKEN = "env", TWILIO_API_KEY = KEY, TWILIO_API_SECRET = "env" },
        function()
          local client, log = client_of(ask, { POST = { CREATED } })
          assert(client:purchase { area_code = "415" })
          assert.equal(kind.header("the-s3cret-1"), log.posts[1].headers.Authorization)
        end
      )
    end)

    it("may fail in any way: nothing is sent, and no secret is shown", function()
      for words, f in pairs {
        ["the vault is down"] = function()
          error("the vault is down")
        end,
        ["no secret today"] = function()
          return nil, "no secret today"
        end,
        ["what it returned ends in a line break"] = function()
          return "the-s3cret\n"
        end,
        [""] = function()
          return { "the-s3cret" }
        end,
      } do
        local client, log = client_of(f, { POST = { CREATED } })
        local number, message, err = client:purchase { area_code = "415" }
        assert.is_nil(number)
        assert.same({ "connect", "no", 0 }, { err.kind, err.purchased, #log.posts })
        assert.matches(option .. " returned no " .. kind.noun, message, 1, true)
        assert.matches(words, message, 1, true)
        assert.is_nil(message:find("the-s3cret", 1, true))
        assert.is_nil(dump(err):find("the-s3cret", 1, true))
      end
    end)

    it("may not call its own client", function()
      local inner, client
      client = client_of(function()
        inner = { client:purchase { area_code = "510" } }
        return "tok"
      end, { POST = { CREATED } })
      assert(client:purchase { area_code = "415" })
      assert.matches("the function " .. option .. " must not call the client", inner[2], 1, true)
    end)

    it("may wait for its host while others call it", function()
      local client, log = client_of(function()
        coroutine.yield()
        return ask()
      end, { POST = { CREATED } })
      local threads = {}
      for i = 1, 2 do
        threads[i] = coroutine.create(function()
          assert(client:purchase { area_code = "415" })
        end)
        assert(coroutine.resume(threads[i]))
      end
      assert(coroutine.resume(threads[2]))
      assert.same({ 1, 1 }, { #log.posts, asked })
      assert(coroutine.resume(threads[1]))
      assert.same({ 2, 2 }, { #log.posts, asked })
    end)

    it("leaves no secret in any table", function()
      local client = client_of(ask, { POST = { CREATED } })
      assert(client:purchase { area_code = "415" })
      local text = dump(client)
      assert.is_nil(text:find("the-s3cret", 1, true))
      assert.is_nil(text:find(kind.header("the-s3cret-1"):sub(8), 1, true))
    end)
  end)
end

describe("A secret that was changed at Twilio", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("is requested once by all refused calls in flight", function()
    local asked, denied = 0, 0
    local client = clients.of(twilio, {
      auth_token = function()
        asked = asked + 1
        return asked == 1 and "the-old-one" or twilio.auth_token
      end,
      on_event = function(event)
        denied = denied + (event.status == 401 and 1 or 0)
      end,
    })
    local pendings = flights.begin(client, 5)
    flights.finish(client)
    assert.same({ number = 5 }, flights.count(pendings))
    assert.same({ 2, 5 }, { asked, denied })
    client:close()
  end)

  it("may be waited for in a host, where another client buys meanwhile", function()
    if
      left_out.without(compat.yields_across_pcall, "a function that waits", "yields across pcall")
    then
      return
    end
    local controller, vault, order = cqueues.new(), condition.new(), {}
    local function buy(name, auth_token)
      controller:wrap(function()
        local client = clients.of(twilio, { loop = "auto", auth_token = auth_token })
        assert(client:purchase { area_code = "415" })
        order[#order + 1] = name
        vault:signal()
        client:close()
      end)
    end
    buy("waits", function()
      vault:wait() -- until the other has bought
      return twilio.auth_token
    end)
    buy("has one", twilio.auth_token)
    assert(controller:loop())
    assert.same({ "has one", "waits" }, order)
  end)
end)
