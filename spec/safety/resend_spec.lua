-- Rule 1: libcurl must not send a purchase twice by itself.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")
local wires = require("spec.support.wires")

describe("a kept connection that dies before the first byte of the response", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for _, wire in ipairs(wires) do
    for _, fault in ipairs { "close_after_commit", "reset_after_commit" } do
      it(("buys once over %s: %s"):format(wire.name, fault), function()
        local client = clients.of(twilio, {
          base_url = twilio[wire.url],
          transport = wires.transport(twilio, wire),
        })
        assert(client:purchase { area_code = "415" })
        twilio:fault { fault = fault }
        local number, _, err = client:purchase { area_code = "415" }
        local state = twilio:state()
        assert.is_nil(number)
        assert.equal("unknown", err.purchased)
        assert.equal("network", err.kind)
        assert.equal(2, state.posts)
        assert.equal(2, state.purchases)
        client:close()
      end)
    end

    for _, fault in ipairs { "close_after_commit", "reset_after_commit" } do
      it(("releases once over %s, and hides no attempt: %s"):format(wire.name, fault), function()
        local client = clients.of(twilio, {
          base_url = twilio[wire.url],
          transport = wires.transport(twilio, wire),
          retries = 0,
        })
        local number = assert(client:purchase { area_code = "415" })
        twilio:fault { fault = fault, method = "DELETE" }
        local released, _, err = client:release(number.sid)
        local state = twilio:state()
        assert.is_nil(released)
        assert.same({ "network", true }, { err.kind, err.unheard })
        assert.same({ 2, 1 }, { state.requests, state.releases })
        client:close()
      end)
    end

    it("carries ordinary purchases one after another over " .. wire.name, function()
      local client = clients.of(twilio, {
        base_url = twilio[wire.url],
        transport = wires.transport(twilio, wire),
      })
      for _ = 1, 5 do
        assert(client:purchase { area_code = "415" })
      end
      local state, last = twilio:state(), twilio:requests()
      assert.equal(wire.keeps and 1 or 5, state.connections)
      assert.equal(wire.version, tonumber(last[#last].http_version))
    end)
  end

  it("is handled in the client's session too", function()
    local client = clients.of(twilio)
    assert(client:purchase { area_code = "415" })
    twilio:fault { fault = "close_after_commit" }
    local number, message, err = client:purchase { area_code = "415" }
    assert.is_nil(number)
    assert.equal("unknown", err.purchased)
    assert.equal(2, twilio:state().posts)
    assert.equal(2, #twilio:state().owned)
    assert.matches("the connection was closed instead of answering", message, 1, true)
    assert.matches("may have been bought", message, 1, true)
  end)

  it("does not hide a purchase by phone number, and does not repeat it", function()
    local client = clients.of(twilio)
    assert(client:purchase { area_code = "415" })
    twilio:fault { fault = "reset_after_commit" }
    local number = assert(client:purchase { phone_number = "+14155550199" })
    assert.equal("+14155550199", number.phone_number)
    assert.equal(2, twilio:state().posts)
  end)

  it("is replaced when it was idle, before the server would close it", function()
    local client = clients.of(twilio)
    assert(client:purchase { area_code = "415" })
    twilio:retire()
    assert(client:purchase { area_code = "415" })
    assert.equal(2, twilio:state().purchases)
  end)
end)
