-- The session of blocking calls: one request at a time.
local core = require("twilio.numbers.core")
local curl = require("twilio.numbers.curl")
local exchange = require("spec.support.exchange")
local simulator = require("spec.support.simulator")

describe("a session", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("reports whether it accepted the credentials for further requests", function()
    local session = curl.session { plain = true }
    assert.is_true(session:authorize(core.basic(twilio.account_sid, twilio.auth_token)))
    local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(
      twilio.http_url,
      twilio.account_sid
    )
    local request = { method = "GET", url = url, timeout = 10, connect_timeout = 10 }
    assert.equal(200, exchange(session, request).status)
    session:close()
    assert.is_false(session:authorize("Basic other"))
  end)
end)
