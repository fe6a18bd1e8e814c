-- The system stops providing memory at some moment of a purchase: malloc() fails for Lua, for libcurl and for
-- the library alike. The process survives, and no purchase is denied.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- Prints the outcome with as little memory as possible.
local BUYS = [[
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false, retries = 0 })
  local said = { no = "says no\n", unknown = "says unknown\n", yes = "says yes\n" }
  local raised, write = "raised\n", io.write
  write("begins\n")
  local called, number, _, err = pcall(client.purchase, client, { area_code = "415" })
  write(not called and raised or said[err and err.purchased or "yes"])
]]

-- KiB: with the first nothing loads, with the second everything does.
local TOO_LITTLE, ENOUGH, STEP, STEPS = 4096, 1024 * 1024, 24, 24

describe("a process that exhausts its address space", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  --- Buys within the given KiB of memory; the response's body is nearly as large as allowed.
  local function buy(limit)
    twilio:clear()
    twilio:fault { fault = "huge_json", bytes = 60000, method = "POST" }
    local before = twilio:state().purchases
    local output, status = interpreter.result(
      flights.program(twilio, BUYS),
      60,
      { before = ("ulimit -v %d;"):format(limit) }
    )
    return { output = output, status = status, bought = twilio:state().purchases - before }
  end

  local function check(limit)
    local run = buy(limit)
    local says = run.output:match("says (%a+)")
    local context = ("within %d KiB: status %d, %s"):format(limit, run.status, run.output)
    -- Lua's own interpreter exits with 1 if it has no memory to start
    assert.is_true(run.status == 0 or (run.status == 1 and run.bought == 0), context)
    if run.bought > 0 then -- "raised": no memory is left at all, as in a process that crashes
      local heard = says or run.output:match("raised")
      assert.is_true(heard == "yes" or heard == "unknown" or heard == "raised", context)
    end
    return run.status == 0
  end

  it("gets its purchase's result, an out-of-memory error, or sends nothing", function()
    local too_little, enough = TOO_LITTLE, ENOUGH
    assert.is_true(check(enough))
    while enough - too_little > STEP do
      local middle = math.floor((too_little + enough) / 2)
      if buy(middle).output:find("says yes", 1, true) then
        enough = middle
      else
        too_little = middle
      end
    end
    for i = 0, STEPS - 1 do
      check(enough - i * STEP)
    end
  end)
end)
