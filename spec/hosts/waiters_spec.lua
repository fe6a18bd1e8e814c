-- Two coroutines that wait for the same purchase, for a while.
local cqueues = require("cqueues")

local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

describe("In cqueues, coroutines that wait for one purchase", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("may each stop waiting, and the others still get the result", function()
    twilio:fault { fault = "hang" }
    local controller = cqueues.new()
    local client = clients.of(twilio, { loop = "auto" })
    local impatient, heard = 0, {}
    local pending
    controller:wrap(function()
      pending = client:purchase_async { area_code = "415" }
      controller:wrap(function()
        heard[1] = { pending:wait() }
      end)
      for _ = 1, 3 do
        controller:wrap(function()
          pending:wait(0.01)
          impatient = impatient + (pending:done() and 0 or 1)
          if impatient == 3 then
            pending:cancel()
          end
        end)
      end
    end)
    assert(controller:loop(30))
    assert.equal(3, impatient)
    assert.equal("cancelled", heard[1][3].kind)
    client:close()
  end)
end)
