-- A number bought in flight gets all requested settings.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local numbers = require("twilio.numbers")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")
local simulator = require("spec.support.simulator")

local ADDRESS = "AD" .. ("ab"):rep(16)
local IGNORED = { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST" }

describe("a number bought in flight of which Twilio ignored a setting", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio)
  end)

  after_each(function()
    client:close()
  end)

  local function buy()
    local pending = client:purchase_async {
      phone_number = "+14155550100",
      emergency_address_sid = ADDRESS,
    }
    flights.finish(client)
    return pending:result()
  end

  it("gets the setting by an update", function()
    twilio:fault(IGNORED)
    local number, message = buy()
    assert.is_nil(message)
    assert.equal(ADDRESS, number.emergency_address_sid)
    assert.equal(2, #twilio:requests())
    assert.equal(1, twilio:state().purchases)
  end)

  it("is returned even if the update does not help", function()
    twilio:fault { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST", times = 2 }
    local number, message, info = buy()
    assert.equal("+14155550100", number.phone_number)
    assert.matches("did not set emergency_address_sid", message)
    assert.equal("emergency_address_sid", info.incomplete.differences[1].name)
    assert.equal(1, twilio:state().purchases)
  end)
end)

describe("a number whose setting was returned", function()
  local PHONE = "+14155550100"

  --- Buys a number with this name, which comes back with another one.
  local function buy(asked, shown)
    local body = ('{"sid": "PN%s", "phone_number": "%s", "friendly_name": "%s"}'):format(
      ("0a"):rep(16),
      PHONE,
      shown
    )
    local head = "HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s"
    local base_url, child = raw_server.start(head:format(#body, body))
    local client = assert(numbers.client {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "token",
      base_url = base_url,
    })
    local params = { phone_number = PHONE, friendly_name = asked }
    local number, message = client:purchase(params, { complete = false })
    client:close()
    process.wait(child)
    assert.equal(PHONE, number.phone_number)
    return message
  end

  it("as requested is complete", function()
    assert.is_nil(buy("Front desk", "Front desk"))
  end)

  it("longer, shorter or different is incomplete", function()
    for _, shown in ipairs { "Front desk 2", "Front", "", "Front dusk" } do
      assert.matches("did not set friendly_name", buy("Front desk", shown))
    end
  end)
end)
