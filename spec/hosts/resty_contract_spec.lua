-- The transport on lua-resty-http, against a stand-in for that module which writes down what it is
-- asked: on every Lua, without nginx. What nginx really does is in resty_spec.lua.
local environment = require("spec.support.environment")
local numbers = require("twilio.numbers")
local scripted = require("spec.support.scripted")

local BOUGHT = { status = 201, chunks = { scripted.body() } }

-- One connection after the other; each responds from the script.
local function stand_in(script)
  local log = { connects = {}, requests = {}, endings = {}, timeouts = {} }
  local module = {}
  function module.new()
    if script.no_sockets then
      error("no sockets here")
    end
    local connection = {}
    function connection.set_timeouts(_, connect, send, read)
      log.timeouts[#log.timeouts + 1] = { connect, send, read }
    end
    function connection.connect(_, options)
      log.connects[#log.connects + 1] = options
      if script.raises then
        error(script.raises)
      end
      return not script.refuses and 1 or nil, script.refuses
    end
    function connection.request(_, params)
      log.requests[#log.requests + 1] = params
      local answer = script.answers[math.min(#log.requests, #script.answers)]
      if type(answer) == "string" then
        return nil, answer
      elseif not answer.status then -- a status line that it could not read
        return nil, nil
      end
      local i = 0
      return {
        status = answer.status,
        headers = answer.headers or {},
        body_reader = function(most)
          assert(most and most <= 65536)
          i = i + 1
          local chunk = answer.chunks and answer.chunks[i]
          return chunk, (not chunk or answer.chunks[i + 1] == nil) and answer.breaks or nil
        end,
      }
    end
    function connection.close()
      log.endings[#log.endings + 1] = "closed"
      return 1
    end
    function connection.set_keepalive(_, idle)
      if script.rest_unread then
        return nil, "unread data in buffer"
      end
      log.endings[#log.endings + 1] = "kept"
      log.idle = idle
      return 1
    end
    return connection
  end
  return module, log
end

describe('transport = "resty"', function()
  local loaded

  before_each(function()
    loaded = package.loaded["resty.http"]
  end)
  after_each(function()
    package.loaded["resty.http"] = loaded
  end)

  local function client_of(script, options)
    local module, log = stand_in(script)
    package.loaded["resty.http"] = module
    local given = { transport = "resty", retries = 0 }
    for name, value in pairs(options or {}) do
      given[name] = value
    end
    return (scripted.client({}, given)), log
  end

  local function buy(script, options, params)
    local client, log = client_of(script, options)
    local number, message, err = client:purchase(params or { area_code = "415" })
    return log, number, err, message
  end

  local function assert_fails(kind, purchased, err, message)
    assert.same({ kind, purchased }, { err and err.kind, err and err.purchased }, message)
  end

  it("sends one request with the library's headers, and keeps the connection", function()
    local log, number = buy({ answers = { BOUGHT } }, { user_agent = "shop/1" })
    assert.equal(scripted.PHONE, number.phone_number)
    assert.equal(1, #log.requests)
    local request = log.requests[1]
    assert.equal("POST", request.method)
    assert.equal(
      "/2010-04-01/Accounts/" .. scripted.ACCOUNT .. "/IncomingPhoneNumbers.json",
      request.path
    )
    assert.equal("AreaCode=415", request.body)
    assert.equal("api.example", request.headers.Host)
    assert.equal("application/json", request.headers.Accept)
    assert.equal("application/x-www-form-urlencoded", request.headers["Content-Type"])
    assert.matches("^Basic ", request.headers.Authorization)
    assert.matches("^twilio%-numbers/.* shop/1$", request.headers["User-Agent"])
    assert.same({ "kept" }, log.endings)
    assert.is_true(log.idle > 0 and log.idle <= 50000)
  end)

  local TARGETS = {
    { "https://api.twilio.com", "api.twilio.com", 443, "api.twilio.com", "api.twilio.com" },
    { "https://api.example:8443", "api.example", 8443, "api.example:8443", "api.example" },
    { "https://192.0.2.1", "192.0.2.1", 443, "192.0.2.1", "192.0.2.1" },
    { "https://[2001:db8::1]:444", "[2001:db8::1]", 444, "[2001:db8::1]:444", "2001:db8::1" },
    { "https://[::1]:8443", "[::1]", 8443, "[::1]:8443", "localhost" },
    { "https://127.0.0.1:8443", "127.0.0.1", 8443, "127.0.0.1:8443", "localhost" },
    {
      "https://127.0.0.1.example",
      "127.0.0.1.example",
      443,
      "127.0.0.1.example",
      "127.0.0.1.example",
    },
    { "http://127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080", "localhost" },
    { "http://localhost", "localhost", 80, "localhost", "localhost" },
  }
  for _, row in ipairs(TARGETS) do
    it("connects to " .. row[1] .. ", and verifies the certificate", function()
      local log = buy({ answers = { BOUGHT } }, { base_url = row[1] })
      local to = log.connects[1]
      assert.same({ row[2], row[3], row[5] }, { to.host, to.port, to.ssl_server_name })
      assert.equal(row[1]:match("^%a+"), to.scheme)
      assert.is_true(to.ssl_verify)
      assert.is_nil(to.proxy_opts)
      assert.is_nil(to.ssl_reused_session) -- lua-resty-core, issue 499: false would verify nothing
      assert.equal(row[4], log.requests[1].headers.Host)
    end)
  end

  it("keeps the path of the base URL and the query of a look-up", function()
    local page = { status = 200, chunks = { scripted.page { scripted.PHONE } } }
    local log, number = buy(
      { answers = { "closed", page } },
      { base_url = "https://gateway.example/twilio/" },
      { phone_number = scripted.PHONE }
    )
    assert.equal(scripted.NUMBER_SID, number.sid)
    assert.matches("^/twilio/2010%-04%-01/Accounts/", log.requests[1].path)
    assert.matches("%.json%?PhoneNumber=%%2B15005550006&PageSize=50$", log.requests[2].path)
    assert.equal("GET", log.requests[2].method)
    assert.is_nil(log.requests[2].body)
    assert.is_nil(log.requests[2].headers["Content-Type"])
    assert.same({ "closed", "kept" }, log.endings)
  end)

  it("does not follow a redirect", function()
    local headers = { Location = "https://elsewhere.example/" }
    local log, _, err = buy { answers = { { status = 302, headers = headers } } }
    assert_fails("response", "unknown", err)
    assert.equal(1, #log.requests)
  end)

  it("sends nothing when it cannot connect", function()
    for _, message in ipairs { "connection refused", "timeout", "api.example could not be resolved" } do
      local log, _, err, text = buy { refuses = message }
      assert_fails("connect", "no", err, text)
      assert.matches(message, text, 1, true)
      assert.equal(0, #log.requests)
      assert.same({ "closed" }, log.endings)
    end
  end)

  it("sends nothing to a server whose certificate is invalid", function()
    local messages = {
      "20: unable to get local issuer certificate",
      "10: certificate has expired",
      "certificate host mismatch",
      "handshake failed",
    }
    for _, message in ipairs(messages) do
      local log, _, err, text = buy { refuses = message }
      assert_fails("tls", "no", err, text)
      assert.equal(0, #log.requests)
    end
  end)

  it(
    "sends nothing when lua-resty-core raises an error instead of refusing a certificate",
    function()
      local log, _, err = buy { raises = "assertion failed!" }
      assert_fails("tls", "no", err)
      assert.equal(0, #log.requests)
      assert.same({ "closed" }, log.endings)
    end
  )

  it("sends nothing in phases without sockets", function()
    local _, _, err = buy { no_sockets = true }
    assert_fails("connect", "no", err)
    assert.matches("no sockets here", err.message, 1, true)
  end)

  it("reports unknown after any failure once the request was started", function()
    for message, kind in pairs {
      timeout = "timeout",
      closed = "network",
      ["broken pipe"] = "network",
    } do
      local log, _, err = buy { answers = { message } }
      assert_fails(kind, "unknown", err)
      assert.equal(1, #log.requests)
      assert.same({ "closed" }, log.endings)
    end
  end)

  it("keeps a 201 whose body breaks", function()
    for message, kind in pairs { timeout = "timeout", closed = "network" } do
      local log, _, err = buy { answers = { { status = 201, chunks = {}, breaks = message } } }
      assert_fails(kind, "yes", err)
      assert.equal(201, err.status)
      assert.same({ "closed" }, log.endings)
    end
  end)

  it(
    "does not accept a refusal whose body breaks as Twilio's, unless enough of it arrived",
    function()
      local _, _, err = buy { answers = { { status = 400, chunks = {}, breaks = "closed" } } }
      assert_fails("network", "unknown", err)
      assert.equal(400, err.status)
      local chunks = { scripted.refusal(21452, "none left") }
      _, _, err = buy { answers = { { status = 400, chunks = chunks, breaks = "timeout" } } }
      assert_fails("api", "no", err)
    end
  )

  it("accepts a body that ends with the connection", function()
    local answer = { status = 201, chunks = { scripted.body() }, breaks = "closed" }
    local _, number = buy { answers = { answer } }
    assert.equal(scripted.NUMBER_SID, number.sid)
  end)

  it("drops a response that is too large, and its connection", function()
    local chunks = {}
    for i = 1, 17 do
      chunks[i] = (" "):rep(65536)
    end
    local log, _, err, text = buy { answers = { { status = 201, chunks = chunks } } }
    assert_fails("response", "yes", err)
    assert.matches("too large", text, 1, true)
    assert.same({ "closed" }, log.endings)
  end)

  it("drops a connection on which another response may follow", function()
    local log, _, err = buy { answers = { { status = 100 } } }
    assert_fails("response", "unknown", err)
    assert.same({ "closed" }, log.endings)
  end)

  it("drops a connection that holds more than the response", function()
    local log, number = buy { answers = { BOUGHT }, rest_unread = true }
    assert.equal(scripted.NUMBER_SID, number.sid)
    assert.same({ "closed" }, log.endings)
  end)

  it("reports unknown after an invalid status line", function()
    local log, _, err = buy { answers = { {} } }
    assert_fails("network", "unknown", err)
    assert.same({ "closed" }, log.endings)
  end)

  it("reads a repeated header", function()
    local headers = { ["Retry-After"] = { "7", "8" } }
    local _, _, err = buy {
      answers = {
        { status = 429, headers = headers, chunks = { scripted.refusal(20429, "busy") } },
      },
    }
    assert_fails("rate_limit", "no", err)
    assert.equal(7, err.retry_after)
  end)

  it("limits each step to the remaining time", function()
    local log = buy({ answers = { BOUGHT } }, { timeout = 5, connect_timeout = 2 })
    assert.is_true(#log.timeouts >= 3)
    assert.equal(2000, log.timeouts[1][1])
    for i, row in ipairs(log.timeouts) do
      for _, milliseconds in ipairs(row) do
        assert.is_true(milliseconds >= 1 and milliseconds <= (i == 1 and 2000 or 5000))
      end
    end
  end)

  it("refuses options that only libcurl can honour", function()
    local given = {
      account_sid = scripted.ACCOUNT,
      auth_token = "x",
      transport = "resty",
      ca_file = "stylua.toml",
      proxy = "http://proxy:8080",
    }
    local client, message, err = numbers.client(given)
    assert.is_nil(client)
    assert.equal("invalid", err.kind)
    assert.same({ "ca_file", "proxy" }, { err.problems[1].name, err.problems[2].name })
    assert.matches('ca_file cannot be used with transport = "resty"', message, 1, true)
    assert.matches("lua_ssl_trusted_certificate", message, 1, true)
  end)

  it("ignores libcurl's environment variables and proxies", function()
    environment.with({ CURL_CA_BUNDLE = "/no/such/file" }, function()
      buy({ answers = { BOUGHT } }, { proxy = "" })
    end)
  end)

  it("reports that lua-resty-http is missing", function()
    package.loaded["resty.http"] = nil
    local given = { account_sid = scripted.ACCOUNT, auth_token = "x", transport = "resty" }
    local client, message, err = numbers.client(given)
    assert.is_nil(client)
    assert.equal("transport", err.problems[1].name)
    assert.matches("lua-resty-http cannot be used: ", message, 1, true)
    assert.matches("resty.http", message, 1, true)
  end)
end)

describe("a function transport that returns a response with a broken body", function()
  local function buy(response)
    local client, log = scripted.client({ POST = { response } }, { retries = 0 })
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal(1, #log.posts)
    return err
  end

  it("reports that the status was seen", function()
    for broken, kind in pairs {
      timeout = "timeout",
      network = "network",
      response = "response",
      ["?"] = "network",
    } do
      local function response()
        return { status = 201, body = scripted.body(), broken = broken, reason = "it was cut" }
      end
      local err = buy(response)
      assert.same({ kind, "yes", 201 }, { err.kind, err.purchased, err.status })
      assert.matches("it was cut", err.message, 1, true)
    end
  end)

  it("has a refusal's message if it is complete", function()
    local err = buy(function()
      return { status = 400, body = scripted.refusal(21452, "none left"), broken = "network" }
    end)
    assert.same({ "api", "no", 21452 }, { err.kind, err.purchased, err.code })
  end)
end)
