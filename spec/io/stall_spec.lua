-- A connection that died silently: a firewall forgot it, or the server behind it hangs.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")
local slowness = require("spec.support.slowness")

describe("a connection", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio, { retries = 0 })
    assert(client:purchase_async({ area_code = "415" }):wait())
  end)

  after_each(function()
    client:close()
  end)

  --- Starts purchases that get no response, and waits until they have timed out.
  local function wait_in_vain(count)
    twilio:fault { fault = "hang", times = count }
    local pendings = flights.begin(client, count, nil, { timeout = 0.2 * slowness })
    flights.finish(client)
    assert.same({ ["timeout unknown"] = count }, flights.count(pendings))
  end

  it("that was silent for a request's whole time is not used again", function()
    wait_in_vain(1)
    assert(client:purchase_async({ area_code = "415" }):wait())
    assert.equal(2, twilio:state().connections)
  end)

  it("that was silent for the time of several requests is not used again", function()
    wait_in_vain(5)
    assert(client:purchase_async({ area_code = "415" }):wait())
    assert.equal(2, twilio:state().connections)
  end)

  it("that answers other requests meanwhile is kept", function()
    twilio:fault { fault = "hang" }
    local slow = client:purchase_async({ area_code = "415" }, { timeout = 0.5 * slowness })
    flights.until_(function()
      return twilio:state().posts == 2
    end, "sent")
    assert(client:purchase_async({ area_code = "415" }):wait())
    slow:wait()
    assert.equal("timeout unknown", flights.outcome(slow))
    assert(client:purchase_async({ area_code = "415" }):wait())
    assert.equal(1, twilio:state().connections)
  end)

  it("on which other requests wait is kept", function()
    twilio:limits { latency = 0.5 * slowness }
    local patient = client:purchase_async { area_code = "415" }
    local hasty = client:purchase_async({ area_code = "415" }, { timeout = 0.2 * slowness })
    hasty:wait()
    assert.equal("timeout unknown", flights.outcome(hasty))
    assert(patient:wait())
    assert.equal(1, twilio:state().connections)
  end)
end)
