-- Lua may run a finalizer whenever it allocates, even while results are delivered.
local finalizing = require("spec.support.finalizing")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

describe("a finalizer that runs while results are handed over", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for name in pairs(finalizing.ACTS) do
    it(name .. ", and the books balance", function()
      local program = ('require("spec.support.finalizing").play(twilio, %q)'):format(name)
      local output, status = interpreter.result(flights.program(twilio, program), 120)
      local certain, possible = output:match("^(%d+)\t(%d+)\n$")
      assert.is_truthy(certain, output)
      assert.equal(0, status)
      local owned = 0
      for _, number in ipairs(twilio:state().owned) do
        owned = owned + (number.phone_number:match("^%+1415") and 1 or 0)
      end
      assert.is_true(tonumber(certain) <= owned and owned <= certain + possible)
    end)
  end

  it("after the I/O thread's own finds a client that behaves as closed", function()
    local output, status = interpreter.result(flights.program(
      twilio,
      [[
      local function at_the_end(f)
        if newproxy then
          keep = newproxy(true)
          getmetatable(keep).__gc = f
        else
          keep = setmetatable({}, { __gc = f })
        end
      end
      local client, pending
      at_the_end(function() -- made first, and so called last
        local called, why = pcall(function()
          client:poll()
          pending:wait()
          pending:wait(1)
          assert(pending:done())
          local _, _, err = client:purchase_async { area_code = "415" }
          client:close()
        end)
        print(called and "good" or why)
      end)
      client = clients.of(twilio)
      pending = client:purchase_async { area_code = "415" }
      client:poll()
    ]]
    ))
    -- if the request was already in flight, the program warns about it
    assert.equal("good\n", (output:gsub("^twilio%-numbers: a purchase was sent[^\n]*\n", "")))
    assert.equal(0, status)
  end)
end)
