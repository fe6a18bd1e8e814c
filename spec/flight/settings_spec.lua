-- A number that is bought in flight is set up as the purchase asked, too.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

local ADDRESS = "AD" .. ("ab"):rep(16)
local IGNORED = { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST" }

describe("a number bought in flight of which Twilio passed a setting over", function()
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

  it("gets it by an update", function()
    twilio:fault(IGNORED)
    local number, message = buy()
    assert.is_nil(message)
    assert.equal(ADDRESS, number.emergency_address_sid)
    assert.equal(2, #twilio:requests())
    assert.equal(1, twilio:state().purchases)
  end)

  it("comes back all the same when the update does not help", function()
    twilio:fault { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST", times = 2 }
    local number, message, incomplete = buy()
    assert.equal("+14155550100", number.phone_number)
    assert.matches("did not set emergency_address_sid", message)
    assert.equal("emergency_address_sid", incomplete.differences[1].name)
    assert.equal(1, twilio:state().purchases)
  end)
end)
