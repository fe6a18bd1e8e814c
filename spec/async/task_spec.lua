-- What a pending call and its client are to a program, besides their outcome.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

describe("a pending purchase", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("says in one word how far it is, and no secret", function()
    local client = clients.of(twilio)
    local pending = client:purchase_async { area_code = "415" }
    assert.equal("twilio.numbers pending call (in flight)", tostring(pending))
    flights.finish(client)
    assert.equal("twilio.numbers pending call (done)", tostring(pending))
    client:close()
  end)

  it("is polled on its client, and nothing else is taken for one", function()
    local client = clients.of(twilio)
    for _, other in ipairs { {}, { flight = false }, setmetatable({}, {}) } do
      assert.has_error(function()
        client.poll(other)
      end, "call client:poll(...) with a colon, on what numbers.client() returned")
    end
    client:close()
  end)

  it("ends with the block of a client that is to be closed", function()
    local load_string = loadstring or load -- luacheck: ignore
    local program = load_string([[
      local client, pending = ...
      do
        local closed <close> = client
      end
      return pending:result()
    ]])
    if not program then -- before 5.4 there is no such block, and the method is called as it would be
      program = function(client, pending)
        getmetatable(client).__close(client)
        return pending:result()
      end
    end
    local client = clients.of(twilio)
    twilio:fault { fault = "hang" }
    local pending = client:purchase_async { area_code = "415" }
    local number, _, err = program(client, pending)
    assert.is_nil(number)
    assert.equal("closed", err.kind)
  end)
end)
