-- Over many purchases under random faults the books balance:
--   returned + "yes" <= owned <= returned + "yes" + "unknown"
local clients = require("spec.support.clients")
local faults = require("spec.support.faults")
local simulator = require("spec.support.simulator")
local wires = require("spec.support.wires")

local FAULTS = faults.anywhere_and {
  "nested_json",
  { fault = "status", status = 500 },
  { fault = "status", status = 502, commit = true },
  { fault = "status", status = 503 },
  { fault = "status", status = 400 },
}
local PURCHASES = 1000 -- for each wire: 4,000 under each Lua

describe("under random faults", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for index, wire in ipairs(wires) do
    it("the books balance over " .. wire.name, function()
      local seed = os.time() * 10 + index
      twilio:chaos { seed = seed, probability = 0.35, faults = FAULTS }
      local client = clients.of(twilio, {
        base_url = twilio[wire.url],
        transport = wires.transport(twilio, wire),
      })
      local count, wanted = { no = 0, unknown = 0, yes = 0, bought = 0 }, {}
      for i = 1, PURCHASES do
        local phone_number = i % 2 == 0 and ("+1510555%04d"):format(i) or nil
        local number, _, err = client:purchase {
          phone_number = phone_number,
          area_code = not phone_number and "415" or nil,
        }
        local key = number and "bought" or err.purchased
        count[key] = count[key] + 1
        if number then
          assert.is_nil(wanted[number.phone_number], "a number came twice")
          wanted[number.phone_number] = number.sid
        end
      end
      twilio:clear()
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
      assert.is_true(count.bought > PURCHASES / 4 and count.unknown > 0 and count.yes > 0, told)
      for phone_number, sid in pairs(wanted) do
        assert.equal(by_phone[phone_number], sid, told)
      end
    end)
  end
end)
