-- The credentials of a client: their kinds, the environment, and that nothing shows them.
local core = require("twilio.numbers.core")
local dump = require("spec.support.dump")
local environment = require("spec.support.environment")
local numbers = require("twilio.numbers")
local scripted = require("spec.support.scripted")

local KEY = "SK" .. ("ab"):rep(16)
local SECRET = "the-s3cret-of-the-key"
local CREATED = { status = 201, body = scripted.body() }

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
      assert.truthy(message:find("api_secret is missing: api_key needs it", 1, true), message)
      message = refused { account_sid = account, api_secret = SECRET }
      assert.truthy(message:find("api_key is missing: api_secret needs it", 1, true), message)
      for _, name in ipairs { "auth_token", "access_token" } do
        message = refused { account_sid = account, [name] = false }
        assert.is_nil(message:find("needs it", 1, true), message)
      end
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
