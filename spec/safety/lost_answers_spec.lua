-- What the fault matrix has no columns for: the number of look-ups, the deadline, a slow response.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")
local slowness = require("spec.support.slowness")

describe("a purchase whose response is lost or late", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("is looked up even with retries = 0, and reports unknown if nothing is found", function()
    local client = clients.of(twilio, { retries = 0 })
    twilio:fault { fault = "close_after_read", method = "POST" }
    local _, _, err = client:purchase { phone_number = "+14155550142" }
    assert.equal("unknown", err.purchased)
    assert.equal(2, err.attempts)
    assert.equal(1, twilio:state().posts)
  end)

  it("ends at the deadline, and reports that the outcome is unknown", function()
    local client = clients.of(twilio, { timeout = 0.2 * slowness, deadline = 0.3 * slowness })
    twilio:fault { fault = "hang", times = 9 }
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal("timeout", err.kind)
    assert.equal("unknown", err.purchased)
    assert.equal(1, twilio:state().posts)
  end)

  for name, way in pairs {
    blocking = function(client, params)
      return client:purchase(params)
    end,
    ["in flight"] = function(client, params)
      return client:purchase_async(params):wait()
    end,
  } do
    it("is looked up before a deadline that is shorter than its timeout: " .. name, function()
      local client = clients.of(twilio, { deadline = 2 })
      twilio:fault { fault = "hang", method = "POST", commit = true }
      local number = assert(way(client, { phone_number = "+14155550142" }))
      assert.equal("+14155550142", number.phone_number)
      assert.equal(1, twilio:state().posts)
    end)
  end

  it("returns a number whose response came slowly", function()
    local client = clients.of(twilio)
    twilio:fault { fault = "drip", seconds = 0.001 }
    assert(client:purchase { area_code = "415" })
  end)
end)
