-- A proxy carries what it cannot read: it only sees the name of the host and its own password.
local clients = require("spec.support.clients")
local interpreter = require("spec.support.interpreter")
local mime = require("mime")
local numbers = require("twilio.numbers")
local proxy = require("spec.support.proxy")
local simulator = require("spec.support.simulator")

local USER, PASSWORD = "buyer", "pr0xy-passw0rd"
local CODED = mime.b64(USER .. ":" .. PASSWORD)

describe("a proxy", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local through

  before_each(function()
    through = proxy.start { authorization = "Basic " .. CODED }
  end)

  after_each(function()
    through:stop()
  end)

  local function url(password)
    return ("http://%s:%s@127.0.0.1:%d"):format(USER, password, through.port)
  end

  local function for_both_ways(client, f)
    f(client:purchase { area_code = "415" })
    f(client:purchase_async({ area_code = "415" }):wait())
    client:close()
  end

  --- The account's secrets, which no proxy may see.
  local function secrets()
    return {
      twilio.auth_token,
      mime.b64(twilio.account_sid .. ":" .. twilio.auth_token):sub(1, -5),
      twilio.account_sid,
    }
  end

  local function check_heads(count)
    local heads = through:heads()
    assert.equal(count, #heads)
    local authority = twilio.base_url:match("//(.*)$")
    for _, head in ipairs(heads) do
      assert.equal("CONNECT " .. authority .. " HTTP/1.1", head:match("^(.-)\r\n"))
      assert.matches("\nUser%-Agent: twilio%-numbers/", head)
      assert.is_nil(head:find("\nAuthorization:", 1, true), head)
      for _, secret in ipairs(secrets()) do
        assert.is_nil(head:find(secret, 1, true), head)
      end
    end
  end

  it("sees the target host and the user agent, and nothing else in the clear", function()
    for_both_ways(clients.of(twilio, { proxy = url(PASSWORD) }), assert)
    assert.equal(2, twilio:state().purchases)
    check_heads(2)
    local bytes = through:bytes()
    assert.is_true(#bytes > 1000)
    for _, secret in ipairs(secrets()) do
      assert.is_nil(bytes:find(secret, 1, true))
    end
  end)

  it("that cannot be reached is named as the proxy", function()
    for _, proxy_url in ipairs { "http://127.0.0.1:1", "socks5h://127.0.0.1:1" } do
      local client = clients.of(twilio, { proxy = proxy_url, retries = 0 })
      for _, way in ipairs { "purchase", "purchase_async" } do
        local value, message = client[way](client, { area_code = "415" })
        message = message or select(2, value:wait())
        -- Since libcurl 8.2x, its own message has "to HOST over proxy 127.0.0.1".
        assert.matches("Failed to connect to .*proxy 127%.0%.0%.1 ", message)
      end
    end
    local direct = clients.of(twilio, { base_url = "http://127.0.0.1:1", retries = 0 })
    local _, message = direct:purchase { area_code = "415" }
    assert.matches("Failed to connect to 127%.0%.0%.1[ :]", message)
    assert.is_nil(message:find("proxy", 1, true))
  end)

  it("that rejects its user ends the request, without showing the password", function()
    local messages = {}
    local client = clients.of(twilio, {
      proxy = url("wr0ng-passw0rd"),
      retries = 0,
      on_event = function(event)
        for name, value in pairs(event) do
          messages[#messages + 1] = ("%s: %s"):format(name, tostring(value))
        end
      end,
    })
    for_both_ways(client, function(number, message, err)
      assert.is_nil(number)
      assert.same({ "connect", "no" }, { err.kind, err.purchased }, message)
      messages[#messages + 1] = message
    end)
    assert.equal(0, twilio:state().requests)
    check_heads(2)
    local said = table.concat(messages, "\n")
    assert.is_nil(said:find("wr0ng", 1, true), said)
    assert.is_nil(said:find(mime.b64(USER .. ":wr0ng-passw0rd"):sub(1, -5), 1, true), said)
  end)

  it("that is down or invalid has its password in no message", function()
    for _, value in ipairs {
      ("http://%s:%s@127.0.0.1:1"):format(USER, PASSWORD),
      ("socks5h://%s:%s@127.0.0.1:%d"):format(USER, PASSWORD, through.port),
      ("https://%s:%s@127.0.0.1:%d"):format(USER, PASSWORD, through.port),
      ("http://%s:12/%s@127.0.0.1:1"):format(USER, PASSWORD),
      ("http://%s:%s@127.0.0.1:notaport"):format(USER, PASSWORD),
      ("http://%s:%s@[::1"):format(USER, PASSWORD),
      ("ftp://%s:%s@127.0.0.1:1"):format(USER, PASSWORD),
      ("http://%s:%s%%zz@127.0.0.1:1"):format(USER, PASSWORD),
    } do
      local client, message = numbers.client {
        account_sid = twilio.account_sid,
        auth_token = twilio.auth_token,
        base_url = twilio.base_url,
        ca_file = twilio.ca_file,
        proxy = value,
        retries = 0,
        connect_timeout = 0.2,
      }
      local messages = { message }
      if client then
        for_both_ways(client, function(number, why, err)
          assert.is_nil(number, value)
          assert.equal("no", err.purchased)
          messages[#messages + 1] = why
        end)
      end
      message = table.concat(messages, "\n")
      assert.is_true(#message > 0)
      assert.is_nil(message:find(PASSWORD, 1, true), message)
      assert.is_nil(message:find(CODED, 1, true), message)
    end
    assert.equal(0, twilio:state().requests)
  end)

  -- libcurl would connect without it, or take the user's name for its own.
  it("whose password has a control character or a slash is refused", function()
    for _, value in ipairs {
      "http://a:%%00%s@%s",
      "socks5://%%1F:%s@%s",
      "https://a:%s%%0a@%s",
      "http://a:1/%s@%s",
      "http://a:?%s@%s",
      "http://a#%s@%s",
    } do
      local client, message, err = numbers.client {
        account_sid = twilio.account_sid,
        auth_token = twilio.auth_token,
        proxy = value:format(PASSWORD, "127.0.0.1:1"),
      }
      assert.is_nil(client)
      assert.equal("proxy", err.problems[1].name)
      assert.is_nil(message:find(PASSWORD, 1, true), message)
    end
  end)

  it("whose password is percent-encoded receives the decoded password", function()
    through:stop()
    through = proxy.start { authorization = "Basic " .. mime.b64("a b:p@ss/w%rd\127") }
    local value = ("http://a%%20b:p%%40ss%%2fw%%25rd%%7f@127.0.0.1:%d/"):format(through.port)
    for_both_ways(clients.of(twilio, { proxy = value }), assert)
    check_heads(2)
  end)

  --- Buys in a process with such an environment; returns its output.
  ---@param options? string of the client
  ---@param then_runs? string before it buys
  local function buy_in(variables, options, then_runs)
    local program = [[
      local clients = require("spec.support.clients")
      local twilio = { account_sid = %q, auth_token = %q, base_url = %q, ca_file = %q }
      local client = clients.of(twilio, { %s })
      %s
      assert(client:purchase { area_code = "415" })
      assert(client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]]
    program = program:format(
      twilio.account_sid,
      twilio.auth_token,
      twilio.base_url,
      twilio.ca_file,
      options or "",
      then_runs or ""
    )
    return (interpreter.result(program, 30, { variables = variables }))
  end

  it("of the environment is used, and sees as little", function()
    for _, variable in ipairs { "https_proxy", "HTTPS_PROXY", "ALL_PROXY" } do
      through:stop()
      through = proxy.start { authorization = "Basic " .. CODED }
      assert.equal("", buy_in { [variable] = url(PASSWORD) })
      check_heads(2)
    end
    assert.equal(6, twilio:state().purchases)
  end)

  it("of the environment is read when the client is created", function()
    local none = { https_proxy = "", HTTPS_PROXY = "", all_proxy = "", ALL_PROXY = "" }
    local set = ('require("spec_process").setenv("https_proxy", %q)'):format(url(PASSWORD))
    assert.equal("", buy_in(none, nil, set))
    check_heads(0)
  end)

  it("of the environment that is invalid has its password in no message", function()
    local value = ("http://%s:%s@127.0.0.1:notaport"):format(USER, PASSWORD)
    local output = buy_in { https_proxy = value }
    assert.matches("the URL of the proxy is malformed", output, 1, true)
    assert.is_nil(output:find(PASSWORD, 1, true), output)
  end)

  it("of the environment is not used if no_proxy or the option says so", function()
    local all = { https_proxy = url(PASSWORD), ALL_PROXY = url(PASSWORD) }
    assert.equal("", buy_in(all, 'proxy = ""'))
    all.NO_PROXY = "127.0.0.1"
    assert.equal("", buy_in(all))
    assert.equal(4, twilio:state().purchases)
    check_heads(0)
  end)

  it("of the environment never sees what goes to loopback over plain http", function()
    local all = { http_proxy = url(PASSWORD), ALL_PROXY = url(PASSWORD), NO_PROXY = "" }
    assert.equal("", buy_in(all, ("base_url = %q"):format(twilio.http_url)))
    assert.equal(2, twilio:state().purchases)
    check_heads(0)
  end)
end)
