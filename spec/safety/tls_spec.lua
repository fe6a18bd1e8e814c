-- Rule 4: a server that cannot prove to be Twilio gets nothing.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

describe("a server whose certificate is not trusted", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("is sent nothing and not retried, which the error says", function()
    local client = clients.of(twilio, { ca_file = false })
    local number, message, err = client:purchase { area_code = "415" }
    assert.is_nil(number)
    assert.equal("tls", err.kind)
    assert.equal("no", err.purchased)
    assert.equal(1, err.attempts)
    assert.equal(0, twilio:state().requests)
    assert.matches("certificate", message, 1, true)
  end)

  it("is sent nothing if another CA's file is given", function()
    local other = simulator.start()
    local client = clients.of(twilio, { ca_file = other.ca_file })
    local _, _, err = client:purchase { area_code = "415" }
    other:stop()
    assert.equal("tls", err.kind)
    assert.equal(0, twilio:state().requests)
  end)

  it("is not blamed for a ca_file that cannot be read", function()
    local ca_file = os.tmpname()
    local client = clients.of(twilio, { ca_file = ca_file })
    os.remove(ca_file)
    local _, message, err = client:purchase { area_code = "415" }
    assert.same({ "tls", "no" }, { err.kind, err.purchased })
    assert.matches("^no secure connection could be made: ", message)
    assert.matches(ca_file, message, 1, true)
  end)

  it("is trusted if CURL_CA_BUNDLE names its CA", function()
    local getenv = os.getenv
    os.getenv = function(name) -- luacheck: ignore 122
      return name == "CURL_CA_BUNDLE" and twilio.ca_file or getenv(name)
    end
    local client = clients.of(twilio, { ca_file = false })
    os.getenv = getenv -- luacheck: ignore 122
    assert(client:purchase { area_code = "415" })
  end)

  it("may not be reached over plain http, except on loopback", function()
    local numbers = require("twilio.numbers")
    local options = { account_sid = twilio.account_sid, auth_token = twilio.auth_token }
    options.base_url = "http://api.twilio.com"
    local client, _, err = numbers.client(options)
    assert.is_nil(client)
    assert.equal("base_url", err.problems[1].name)
  end)
end)

describe("a server that is down", function()
  it("is retried the given number of times, and nothing was bought", function()
    local client = clients.of({
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "t",
      base_url = "https://127.0.0.1:1",
    }, { retries = 2 })
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal("connect", err.kind)
    assert.equal("no", err.purchased)
    assert.equal(3, err.attempts)
  end)
end)
