local environment = require("spec.support.environment")
local numbers = require("twilio.numbers")
local options = require("twilio.numbers.config.options")
local scripted = require("spec.support.scripted")
local table_store = require("spec.support.table_store")

local World = require("spec.support.world")

local HEX = ("0123456789abcdef"):rep(2)
local CREATED = { status = 201, body = scripted.body() }
local NAN = 0 / 0

local function f() end

--- Valid and invalid values of each option; `with`: other options that it needs.
local VALUES = {
  account_sid = {
    right = { "AC" .. HEX },
    wrong = { "", "AC", "SK" .. HEX, "ac" .. HEX, "AC" .. HEX .. "/..", 12, {}, true },
  },
  auth_token = {
    right = { "x", ("x"):rep(8192), f },
    wrong = { "", "a b", "a\n", ("x"):rep(8193), 1 },
  },
  api_key = {
    with = { api_secret = "x" },
    right = { "SK" .. HEX },
    wrong = { "", "AC" .. HEX, 1, {} },
  },
  api_secret = {
    with = { api_key = "SK" .. HEX },
    right = { "x", f },
    wrong = { "", "a\0", "a\r\n", {} },
  },
  access_token = { right = { "x", f }, wrong = { "", "a b", "\255", 1, {}, true } },
  region = {
    right = { "us1", "ie1", "au1" },
    wrong = { "", "-a", "a.b", "a/b", "a@b", ("a"):rep(64), 1 },
  },
  edge = {
    right = { "dublin" },
    wrong = { "", "a.evil.com#", "a?", "a:80", "a\0", "a\n", "ü", {} },
  },
  opaque_sids = { right = { true, false }, wrong = { "", "true", 1, {}, f } },
  base_url = {
    right = {
      "https://api.twilio.com",
      "https://api.twilio.com/",
      "HTTPS://example.com:8443/prefix",
      "http://localhost:8080",
      "http://LOCALHOST",
      "http://127.0.0.1:1",
      "http://127.1.2.3",
      "http://[::1]:8080",
    },
    wrong = {
      "",
      "api.twilio.com",
      "ftp://example.com",
      "http://api.twilio.com",
      "http://127.0.0.1.evil.com",
      "http://localhost.evil.com",
      "http://evil.com#localhost",
      "http://127.0.0.256",
      "http://127.0.0",
      "http://1270.0.1",
      "http://127.0.0.1@evil.com",
      "http://[::2]",
      "http://0.0.0.0",
      "https://user@example.com",
      "https://user:pass@example.com",
      "https://example.com?x=y",
      "https://example.com#x",
      "https://exam ple.com",
      "https://example.com\r\n",
      12,
      {},
    },
  },
  timeout = { right = { 0.001, 1, 35, 86400 }, wrong = { 0, -1, 86401, NAN, 1 / 0, "35", {} } },
  connect_timeout = { right = { 0.5, 10 }, wrong = { 0, -0.1, NAN, 1e300, true } },
  retries = { right = { 0, 1, 20 }, wrong = { -1, 21, 0.5, NAN, 1 / 0, "3" } },
  deadline = { right = { 1, 120.5 }, wrong = { 0, -5, NAN, 1 / 0, {} } },
  max_in_flight = { right = { 1, 100, 10000 }, wrong = { 0, 10001, 1.5, NAN, "1" } },
  ca_file = {
    right = { "stylua.toml" },
    wrong = { "", "/no/such/file", "stylua.toml\0x", "/etc", 1, {} },
  },
  proxy = {
    right = { "", "http://proxy:8080", "https://u:p@proxy", "socks5h://proxy:1080" },
    wrong = { "proxy:8080", "ftp://proxy", "http://", "http://a b", "http://a\r\n", 1, {} },
  },
  user_agent = {
    right = { "game/1.0 (x)" },
    wrong = { "", "a\r\nX: y", "a\0", "ü", ("x"):rep(257), 1 },
  },
  loop = {
    right = { "auto", "block", { sleep = f } },
    wrong = { "", "nginx", {}, { sleep = 1 }, f, 1 },
  },
  transport = { right = { f, print }, wrong = { "curl", {}, 1, true } },
  on_event = { right = { f, print }, wrong = { "x", {}, 1 } },
  journal = {
    right = {
      { read = f, apply = f, scan = f, close = f },
      assert(numbers.journal(table_store.new())),
    },
    wrong = { "", 1, true, f },
  },
  limit = {
    right = { { numbers = 0 }, { numbers = 50, per = "day" } },
    wrong = {
      1,
      "50",
      {},
      { numbers = -1 },
      { numbers = 1.5 },
      { numbers = 1 / 0 },
      { numbers = "1" },
      { numbers = 1, per = "hour" },
      { numbers = 1, per_day = true },
    },
  },
  allow = { -- allow_option_spec.lua has more
    right = { { countries = { "US" } }, { types = {} }, { prefixes = { "+1415" } } },
    wrong = { 1, "US", true, {}, f },
  },
  realm = {
    right = { "twilio", "https://api.example:8443", ("x"):rep(200) },
    wrong = { "", "a b", "a\n", "ü", ("x"):rep(201), 1, {} },
  },
  settle = { right = { 1, 90, 86400 }, wrong = { 0, -1, 86401, NAN, "90", {} } },
}

--- Options of purchases, for clients with a journal.
local KEYED_VALUES = {
  idempotency_key = {
    right = { "x", "order-1042", ("x"):rep(255), "Größe 1/2" },
    wrong = { "", ("x"):rep(256), "a\n", "a\0", "\194\128", "\255", 1, {}, true },
  },
  finish = { right = { true, false }, wrong = { 1, "true", {} } },
}

local CALL_VALUES = {
  account_sid = VALUES.account_sid,
  timeout = VALUES.timeout,
  deadline = VALUES.deadline,
  retries = VALUES.retries,
}

describe("the options of a client", function()
  local function make(given)
    return environment.with({}, function()
      return numbers.client(given)
    end)
  end

  --- The required options of a client, and these.
  local function with(name, value, more)
    local given = { account_sid = scripted.ACCOUNT, transport = f }
    if name ~= "access_token" and name:sub(1, 4) ~= "api_" then
      given.auth_token = "x"
    end
    if name == "limit" then
      given.journal = table_store.new()
    end
    for k, v in pairs(more or {}) do
      given[k] = v
    end
    given[name] = value
    return given
  end

  local function names(err)
    local list = {}
    for i, problem in ipairs(err.problems) do
      list[i] = problem.name
    end
    return list
  end

  --- The error for refused options.
  local function refused(given)
    local client, message, err = make(given)
    assert.is_nil(client)
    assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
    assert.equal(message, tostring(err))
    return err, message
  end

  it("have a limit of which the wrong field is named", function()
    for words, value in pairs {
      ['must be a table such as { numbers = 50, per = "day" }, got a number'] = 50,
      ['must have a whole number, as in { numbers = 50, per = "day" }, got a string'] = {
        numbers = "50",
      },
      ['must have per = "day", got "hour"'] = { numbers = 50, per = "hour" },
    } do
      local _, message = refused(with("limit", value))
      assert.matches("limit " .. words, message, 1, true)
    end
  end)

  for _, row in ipairs(options.CLIENT) do
    local values = VALUES[row.name] or { right = {}, wrong = {} }

    it("include a " .. row.name .. " if it is valid", function()
      assert.is_true(#values.right > 0)
      for _, value in ipairs(values.right) do
        assert(make(with(row.name, value, values.with)))
      end
    end)

    it("include no " .. row.name .. " if it is invalid", function()
      assert.is_true(#values.wrong > 0)
      for _, value in ipairs(values.wrong) do
        local err, message = refused(with(row.name, value, values.with))
        assert.same({ row.name }, names(err))
        assert.truthy(message:find(row.name .. " must", 1, true), message)
      end
    end)
  end

  it("include no other, and suggest the nearest name", function()
    local meant = {
      AccountSid = "account_sid",
      time_out = "timeout",
      retrys = "retries",
      authtoken = "auth_token",
      baseurl = "base_url",
    }
    for name, known in pairs(meant) do
      local err = refused(with(name, "x"))
      local expected = ('there is no option "%s"; did you mean %s?'):format(name, known)
      assert.equal(expected, err.problems[1].message)
    end
    assert.equal('there is no option "colour"', refused(with("colour", 1)).problems[1].message)
    assert.equal(
      "there is no option 1",
      refused({ "x", account_sid = scripted.ACCOUNT, auth_token = "x" }).problems[1].message
    )
  end)

  it("are reported all at once, in the order of their names", function()
    local given = { timeout = 0, retries = -1, region = "a.b", colour = 1, Base = 1, loop = "x" }
    assert.same({
      '"Base"',
      '"colour"',
      "account_sid",
      "credentials",
      "loop",
      "region",
      "retries",
      "timeout",
    }, names(refused(given)))
  end)

  it("are shown where a number is expected, except text, which may be a secret", function()
    local _, message = refused(with("timeout", -1, { retries = "a1b2", loop = "qt" }))
    assert.matches('loop must be "auto", .*, got "qt"; ', message)
    assert.matches("retries must be an integer from 0 to 20, got a string; ", message, 1, true)
    assert.matches("timeout must be a number of seconds, .*, got %-1%.$", message)
  end)

  it("are a plain table", function()
    for _, given in ipairs { "x", 1, true, f, coroutine.create(f), io.stdout } do
      local err, message = refused(given)
      assert.same({ "options" }, names(err))
      assert.truthy(message:find("plain table, got a " .. type(given), 1, true), message)
    end
    local given = setmetatable({}, { __index = with("timeout", 1) })
    assert.truthy(select(2, refused(given)):find("one with a metatable", 1, true))
    given = setmetatable({}, { __index = with("timeout", 1), __metatable = "locked" })
    assert.truthy(select(2, refused(given)):find("one with a metatable", 1, true))
    assert(make(setmetatable(with("timeout", 1), { __name = "my options" })))
  end)

  it("that contradict each other are refused", function()
    local plain = { base_url = "http://localhost:1", proxy = "http://proxy:1" }
    assert.same({ "proxy" }, names(refused(with("timeout", 1, plain))))
    local both = { base_url = "https://example.com", region = "ie1" }
    assert.same({ "base_url" }, names(refused(with("timeout", 1, both))))
  end)

  it("never show a password in a message", function()
    for _, given in ipairs {
      with("base_url", "https://user:s3cr3t@example.com"),
      with("base_url", "https://user:s3cr3t@exam ple.com"),
      with("proxy", "ftp://user:s3cr3t@proxy"),
      with("ca_file", "https://user:s3/cr3t@proxy"),
      with("https://user:s3cr3t@host", 1),
      with("account_sid", "s3cr3t"),
      with("auth_token", "s3cr3t s3cr3t"),
      with("user_agent", "s3cr3t\n"),
      with("journal", "mysql://user:s3cr3t@host/db"),
      with("journal", "user=shop password=s3cr3t"),
      with("journal", "postgresql://user:s3cr3t@host/db\0"),
    } do
      local _, message = refused(given)
      assert.is_nil(message:find("cr3t", 1, true), message)
    end
  end)

  it("come from the environment if they are not given", function()
    local variables = { TWILIO_ACCOUNT_SID = scripted.ACCOUNT, TWILIO_AUTH_TOKEN = "x" }
    local urls = {}
    local function buy(given)
      given.transport = function(request)
        urls[#urls + 1] = request.url
        return CREATED
      end
      assert(assert(numbers.client(given)):purchase { area_code = "415" })
      return urls[#urls]:match("^https://([^/]+)/2010%-04%-01/Accounts/(AC%x+)/")
    end
    environment.with(variables, function()
      assert.same({ "api.twilio.com", scripted.ACCOUNT }, { buy {} })
      assert.same({ "api.twilio.com", "AC" .. HEX }, { buy { account_sid = "AC" .. HEX } })
      variables.TWILIO_REGION = "ie1"
      assert.equal("api.ie1.twilio.com", (buy {}))
      assert.equal("api.au1.twilio.com", (buy { region = "au1" }))
      variables.TWILIO_EDGE = "dublin"
      assert.equal("api.dublin.ie1.twilio.com", (buy {}))
      assert.equal("example.com", (buy { base_url = "https://example.com/" }))
      variables.TWILIO_REGION = ""
      assert.equal("api.dublin.us1.twilio.com", (buy {}))
      variables.TWILIO_BASE_URL = "https://127.0.0.1:4444/"
      assert.equal("127.0.0.1:4444", (buy {}))
      assert.equal("example.com", (buy { base_url = "https://example.com" }))
      variables.TWILIO_BASE_URL = ""
      assert.equal("api.dublin.us1.twilio.com", (buy {}))
    end)
  end)

  it("are refused if they name a region or an edge along with TWILIO_BASE_URL", function()
    local variables = { TWILIO_BASE_URL = "https://127.0.0.1:4444", TWILIO_REGION = "ie1" }
    environment.with(variables, function()
      for _, name in ipairs { "region", "edge" } do
        local client, message, err = numbers.client(with(name, "ie1"))
        assert.is_nil(client)
        assert.same({ "base_url" }, names(err))
        assert.matches("TWILIO_BASE_URL says where to send: unset it, or leave", message)
      end
      assert(numbers.client(with("timeout", 1)))
    end)
  end)

  it("that are invalid in the environment are named by their variables", function()
    local variables = {
      TWILIO_ACCOUNT_SID = "s3cr3t",
      TWILIO_AUTH_TOKEN = "x",
      TWILIO_REGION = "evil.com/",
      TWILIO_EDGE = "a@b",
      TWILIO_BASE_URL = "http://s3cr3t.example",
      TWILIO_CA_FILE = "/no/such/file",
    }
    environment.with(variables, function()
      local client, message = numbers.client {}
      assert.is_nil(client)
      for name in pairs(variables) do
        local wrong = name ~= "TWILIO_AUTH_TOKEN"
        assert.equal(wrong, message:find(name .. " must", 1, true) ~= nil, message)
      end
      assert.is_nil(message:find("s3cr3t", 1, true))
    end)
  end)

  it("that only libcurl uses are not taken from the environment for another transport", function()
    environment.with({ TWILIO_CA_FILE = "/no/such/file" }, function()
      assert(numbers.client(with("timeout", 1)))
      local _, message = numbers.client { account_sid = scripted.ACCOUNT, auth_token = "x" }
      assert.matches("TWILIO_CA_FILE must name a readable file", message, 1, true)
    end)
  end)

  it("report why a ca_file cannot be read", function()
    for path, why in pairs { ["/no/such/file"] = "does not exist", ["/etc"] = "is a directory" } do
      local _, message = refused(with("ca_file", path))
      assert.equal(
        ('nothing was sent: ca_file must name a readable file, got "%s", which %s.'):format(
          path,
          why
        ),
        message
      )
    end
  end)

  it("do not wait for a ca_file that is a pipe", function()
    local path = os.tmpname()
    os.execute(("rm %s; mkfifo %s"):format(path, path))
    assert(make(with("ca_file", path)))
    os.remove(path)
  end)

  it("make the host name from region and edge", function()
    local function host(given)
      given.without = { "base_url" }
      local client, log = scripted.client({ POST = { CREATED } }, given)
      assert(client:purchase { area_code = "415" })
      return log.posts[1].url:match("^(https://[^/]+)/")
    end
    environment.with({}, function()
      assert.equal("https://api.twilio.com", host {})
      assert.equal("https://api.ie1.twilio.com", host { region = "ie1" })
      assert.equal("https://api.dublin.ie1.twilio.com", host { region = "ie1", edge = "dublin" })
      assert.equal("https://api.dublin.us1.twilio.com", host { edge = "dublin" })
    end)
  end)

  it("may place the API below a path", function()
    local client, log = scripted.client(
      { POST = { CREATED } },
      { base_url = "https://example.com/a/b//" }
    )
    assert(client:purchase { area_code = "415" })
    assert.truthy(log.posts[1].url:find("https://example.com/a/b/2010-04-01/Accounts/", 1, true))
  end)
end)

describe("the options of a call", function()
  local function buy(given)
    local client, log = scripted.client { POST = { CREATED } }
    local number, message, err = client:purchase({ area_code = "415" }, given)
    assert.equal(number and 1 or 0, #log.posts)
    return err, message
  end

  for _, row in ipairs(options.CALL) do
    it("include " .. row.name, function()
      for _, value in ipairs(CALL_VALUES[row.name].right) do
        assert.is_nil((buy { [row.name] = value }))
      end
      for _, value in ipairs(CALL_VALUES[row.name].wrong) do
        local err = buy { [row.name] = value }
        assert.same({ "invalid", row.name }, { err.kind, err.problems[1].name })
      end
    end)
  end

  for _, row in ipairs(options.KEYED) do
    it("include " .. row.name .. " for a purchase of a client with a journal", function()
      local function keyed(value)
        local world = World.new { "+14155550101" }
        local call_options = { [row.name] = value }
        local _, message, err =
          world:client():purchase({ phone_number = "+14155550101" }, call_options)
        assert.equal(err and 0 or 1, #world.posts, message)
        return err
      end
      for _, value in ipairs(KEYED_VALUES[row.name].right) do
        assert.is_nil(keyed(value))
      end
      for _, value in ipairs(KEYED_VALUES[row.name].wrong) do
        local err = keyed(value)
        assert.same({ "invalid", row.name }, { err.kind, err.problems[1].name })
      end
    end)
  end

  it("include an idempotency key only with a journal", function()
    local err, message = buy { idempotency_key = "k" }
    assert.same({ "invalid", "idempotency_key" }, { err.kind, err.problems[1].name })
    assert.matches("needs the client option journal", message, 1, true)
  end)

  it("include nothing else, and are a plain table", function()
    assert.truthy(select(2, buy { time_out = 1 }):find("did you mean timeout", 1, true))
    assert.equal("invalid", buy({ auth_token = "x" }).kind)
    for _, given in ipairs { "x", 1, true, false, f } do
      assert.equal("invalid", buy(given).kind)
    end
    local given = setmetatable({}, { __index = { account_sid = "AC" .. HEX } })
    assert.truthy(select(2, buy(given)):find("one with a metatable", 1, true))
  end)
end)
