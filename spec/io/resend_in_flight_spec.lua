-- Rule 1 in flight: libcurl must not send a purchase twice by itself; and under random faults the
-- books balance: returned + "yes" <= owned <= returned + "yes" + "unknown".
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local faults = require("spec.support.faults")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

local FAULTS = faults.anywhere_and {
  "goaway",
  { fault = "goaway", commit = true },
  { fault = "close_after_commit", scope = "stream", h2_error = 7 }, -- REFUSED_STREAM, a lie
  { fault = "close_after_commit", scope = "stream" },
  { fault = "status", status = 500 },
  { fault = "status", status = 502, commit = true },
  { fault = "status", status = 400 },
}
local PURCHASES = 400

local WIRES = {
  { name = "HTTP/2 over TLS", url = "base_url" },
  { name = "plain HTTP/1.1", url = "http_url" },
}

describe("in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local jitter, client = core.jitter, nil

  before_each(function()
    core.jitter = function()
      return 0
    end
  end)

  after_each(function()
    core.jitter = jitter
    client:close()
  end)

  for index, wire in ipairs(WIRES) do
    local DYING = {
      { fault = "close_after_commit" },
      { fault = "reset_after_commit" },
      { fault = "goaway", commit = true },
      { fault = "close_after_commit", scope = "stream", h2_error = 7 },
    }
    for _, fault in ipairs(DYING) do
      local name = fault.fault .. (fault.scope and " of the stream" or "")
      it(
        ("a purchase on a kept connection is sent once over %s: %s"):format(wire.name, name),
        function()
          client = clients.of(twilio, { base_url = twilio[wire.url] })
          assert(client:purchase_async({ area_code = "415" }):wait())
          twilio:fault(fault)
          local pending = client:purchase_async { area_code = "415" }
          pending:wait()
          assert.equal("network unknown", flights.outcome(pending))
          local state = twilio:state()
          assert.equal(2, state.posts)
          assert.equal(2, state.purchases)
        end
      )
    end

    it("the books balance over " .. wire.name, function()
      local seed = os.time() * 10 + index
      client = clients.of(twilio, { base_url = twilio[wire.url], max_in_flight = 30 })
      twilio:chaos { seed = seed, probability = 0.35, faults = FAULTS }
      local pendings = flights.begin(client, PURCHASES, function(i)
        return i % 2 == 0 and { phone_number = ("+1510555%04d"):format(i) } or { area_code = "415" }
      end)
      flights.finish(client)
      twilio:clear()

      local count, wanted = { no = 0, unknown = 0, yes = 0, bought = 0 }, {}
      for _, pending in ipairs(pendings) do
        local number, _, err = pending:result()
        local key = number and "bought" or err.purchased
        count[key] = count[key] + 1
        if number then
          assert.is_nil(wanted[number.phone_number], "a number came twice")
          wanted[number.phone_number] = number.sid
        end
      end
      local owned, by_phone = twilio:state().owned, {}
      for _, number in ipairs(owned) do
        by_phone[number.phone_number] = number.sid
      end
      local sure = count.bought + count.yes
      local told = ("seed %d: %d owned, %d returned, %d yes, %d unknown"):format(
        seed,
        #owned,
        count.bought,
        count.yes,
        count.unknown
      )
      assert.is_true(sure <= #owned and #owned <= sure + count.unknown, told)
      assert.is_true(count.bought > PURCHASES / 10 and count.unknown > 0, told)
      for phone_number, sid in pairs(wanted) do
        assert.equal(by_phone[phone_number], sid, told)
      end
    end)
  end
end)
