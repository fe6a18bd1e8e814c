--- A bought number is added to a Messaging Service, in flight and under faults: however that ends, the number
--- is returned, and what is missing is reported.
local clients = require("spec.support.clients")
local faults = require("spec.support.faults")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

--- The simulator's services.
local PLAIN, FULL, ANOTHER =
  "MG" .. ("0"):rep(31) .. "1", "MG" .. ("0"):rep(31) .. "2", "MG" .. ("0"):rep(31) .. "3"
local OPTIONS = { messaging_service_sid = PLAIN }

local FAULTS = faults.anywhere_and {
  "drip",
  "goaway",
  "gzip_bomb",
  "huge_json",
  "many_headers",
  "nested_json",
  "status",
}

describe("a number for a Messaging Service", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  after_each(function()
    client:close()
  end)

  --- Whether a number is in the service: no other one accepts it then.
  local function is_attached(number)
    local _, _, err = client:attach(number.sid, ANOTHER, { retries = 5 })
    return err ~= nil and err.code == 21712
  end

  --- Waits until a request to a service was read.
  local function until_attaching(what)
    flights.until_(function()
      client:poll()
      for _, request in ipairs(twilio:requests()) do
        if request.method == what and request.path:find("/v1/Services/", 1, true) then
          return true
        end
      end
      return false
    end, "a " .. what)
  end

  local function begin(options)
    return assert(client:purchase_async({ phone_number = "+14155550100" }, options or OPTIONS))
  end

  local function hang(method)
    twilio:fault { fault = "hang", method = method, path = "/v1/Services/", times = 9 }
  end

  it("is added in flight, among many others", function()
    client = clients.of(twilio)
    local pendings, calls = flights.begin(client, 30, nil, OPTIONS)
    flights.finish(client)
    for i, pending in ipairs(pendings) do
      local number, message, info = pending:result()
      assert.same({ 1, nil, nil }, { calls[i], message, info })
      assert.is_true(is_attached(number))
    end
  end)

  it("is returned without the service when the call is cancelled meanwhile", function()
    hang("POST")
    client = clients.of(twilio)
    local pending = begin()
    until_attaching("POST")
    assert.is_true(pending:cancel())
    local number, message, info = pending:wait()
    assert.equal("+14155550100", number.phone_number)
    local missing = info.incomplete.messaging_service
    assert.same({ PLAIN, "cancelled" }, { missing.sid, missing.err.kind })
    assert.matches(
      "whether it is in Messaging Service " .. PLAIN .. " is unknown",
      message,
      1,
      true
    )
  end)

  it("is returned without the service when the client is closed meanwhile", function()
    hang("POST")
    client = clients.of(twilio)
    local pending = begin()
    until_attaching("POST")
    client:close()
    local number, _, info = pending:result()
    assert.equal("+14155550100", number.phone_number)
    assert.equal("closed", info.incomplete.messaging_service.err.kind)
  end)

  it("is returned without the service at the deadline", function()
    hang("POST")
    client = clients.of(twilio)
    local number, _, info = begin({ messaging_service_sid = PLAIN, deadline = 1 }):wait()
    assert.equal("+14155550100", number.phone_number)
    assert.equal("timeout", info.incomplete.messaging_service.err.kind)
  end)

  it("is not bought when the call is cancelled while the service is read", function()
    hang("GET")
    client = clients.of(twilio)
    local pending = begin()
    until_attaching("GET")
    assert.is_true(pending:cancel())
    assert.equal("cancelled no", flights.outcome((pending:wait() or true) and pending))
    assert.equal(0, twilio:state().posts)
  end)

  it("is added to the next service if one is full", function()
    client = clients.of(twilio)
    local number, message = begin({ messaging_service_sid = { FULL, PLAIN } }):wait()
    assert.same({ nil, true }, { message, is_attached(number) })
  end)

  for _, url in ipairs { "base_url", "http_url" } do
    for _, fault in ipairs(FAULTS) do
      it(("is returned under the fault %s (%s)"):format(fault, url), function()
        client = clients.of(twilio, { base_url = twilio[url], timeout = 5 })
        for _, times in ipairs { 1, 99 } do
          twilio:reset()
          twilio:fault { fault = fault, method = "POST", path = "/v1/Services/", times = times }
          local number, message, info = client:purchase({ phone_number = "+14155550100" }, OPTIONS)
          twilio:clear()
          assert.is_table(number, message)
          local missing = info and info.incomplete and info.incomplete.messaging_service
          assert.equal(missing ~= nil, message ~= nil)
          assert.is_true(missing ~= nil or is_attached(number))
          assert.is_true(missing == nil or type(missing.err) == "table")
          assert.equal(1, twilio:state().purchases)
        end
      end)

      it(
        ("is not bought if the fault %s hits the read of the service (%s)"):format(fault, url),
        function()
          client = clients.of(twilio, { base_url = twilio[url], timeout = 5 })
          twilio:fault { fault = fault, method = "GET", path = "/v1/Services/", times = 99 }
          local number, message, err = client:purchase({ phone_number = "+14155550100" }, OPTIONS)
          twilio:clear()
          if number then -- the answer was a whole one
            assert.is_true(fault == "drip" or fault == "many_headers", message)
            return
          end
          assert.same({ "no", 0 }, { err.purchased, twilio:state().posts })
          assert.matches(
            "^nothing was bought because a Messaging Service could not be read",
            message
          )
        end
      )
    end
  end
end)
