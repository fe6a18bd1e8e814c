-- Addresses with the simulator and libcurl: created once, whatever request or response is lost.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

local LONDON = {
  customer_name = "Ada Lovelace",
  street = "12 St James Sq",
  city = "London",
  region = "London",
  postal_code = "SW1Y 4JH",
  iso_country = "GB",
}

local function with(fields)
  local params = {}
  for _, part in ipairs { LONDON, fields } do
    for name, value in pairs(part) do
      params[name] = value
    end
  end
  return params
end

describe("An address", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio, { deadline = 60 }) -- too short to send anything a second time
  end)
  after_each(function()
    client:close()
  end)

  --- Ada's addresses, despite any fault that is set up.
  local function owned()
    twilio:clear()
    return assert(client:addresses({ customer_name = "Ada Lovelace" }):all())
  end

  it("is created, listed, fetched and deleted", function()
    local address = assert(client:create_address(with { friendly_name = "Desk" }))
    assert.same({ "Desk", "SW1Y 4JH", true }, {
      address.friendly_name,
      address.postal_code,
      address.validated,
    })
    assert.same({ address }, owned())
    assert.same(address, (client:fetch_address(address.sid)))
    assert.is_true(client:delete_address(address.sid))
    assert.same({}, owned())
    local found, message, err = client:delete_address(address.sid)
    assert.is_nil(found)
    assert.same({ "api", 404 }, { err.kind, err.status })
    assert.matches("has no address with this SID", message, 1, true)
  end)

  it("is created, listed, fetched and deleted in flight, among many others", function()
    local pending = {}
    for i = 1, 5 do
      pending[i] = assert(client:create_address_async(with { friendly_name = "Desk " .. i }))
    end
    flights.finish(client)
    local list = assert(client:addresses_async({ customer_name = "Ada Lovelace" }):wait())
    assert.equal(5, #list)
    for _, one in ipairs(pending) do
      local sid = assert(one:result()).sid
      assert.equal(sid, assert(client:fetch_address_async(sid):wait()).sid)
      assert.is_true(client:delete_address_async(sid):wait())
    end
    assert.same({}, owned())
  end)

  it("that Twilio would correct comes back with its suggestion", function()
    local found, message, err = client:create_address(with { street = "12 St James Sq." })
    assert.is_nil(found)
    assert.same({ "api", 21629, "no" }, { err.kind, err.code, err.purchased })
    assert.equal("12 St James Sq", err.details.suggested_address.street)
    assert.is_nil(message:find("James", 1, true))
    local params = with { street = "12 St James Sq.", auto_correct_address = true }
    assert.equal("12 St James Sq", assert(client:create_address(params)).street)
  end)

  it("that cannot be validated is refused", function()
    local found, message, err = client:create_address(with { postal_code = "10119" })
    assert.is_nil(found)
    assert.equal(21628, err.code)
    assert.matches("^Twilio cannot validate the address", message)
  end)

  --- Responses that are lost after the address was created.
  for words, fault in pairs {
    ["the connection closes"] = { fault = "close_after_commit" },
    ["the answer is cut"] = { fault = "close_in_body" },
    ["a gateway answers"] = { fault = "html" },
    ["a gateway refuses"] = { fault = "html", status = 403 },
    ["the answer cannot be read"] = { fault = "invalid_json" },
  } do
    it("is created once where " .. words, function()
      for _, begin in ipairs { "create_address", "create_address_async" } do
        twilio:reset()
        fault.method, fault.path = "POST", "/Addresses"
        twilio:fault(fault)
        local address, message = client[begin](client, LONDON)
        if begin == "create_address_async" then
          address, message = address:wait()
        end
        assert(address, message)
        local list = owned()
        assert.same({ 1, address.sid }, { #list, list[1].sid })
      end
    end)
  end

  it("is found although the list shows it late", function()
    twilio:limits { lag = 2 }
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local address = assert(client:create_address(LONDON))
    assert.equal(address.sid, owned()[1].sid)
    assert.equal(1, #owned())
  end)

  it("is reported as possibly created if the list does not show it", function()
    twilio:limits { lag = true }
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local found, message, err = client:create_address(LONDON)
    assert.is_nil(found)
    assert.same({ "network", true }, { err.kind, err.unheard })
    assert.matches("The address may have been created", message, 1, true)
    twilio:limits {}
    assert.equal(1, #owned())
  end)

  it("is not created if the request got lost, and a second call creates it", function()
    twilio:fault { fault = "close_after_read", method = "POST" }
    local found, _, err = client:create_address(LONDON)
    assert.is_nil(found)
    assert.is_true(err.unheard)
    assert.same({}, owned())
    assert(client:create_address(LONDON))
  end)
end)
