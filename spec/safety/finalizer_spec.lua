-- Lua may run a finalizer whenever it allocates, and that may close the client that is buying.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- So that finalizers run at nearly every allocation. LuaJIT does not come out of its collector with
-- such settings, so there they run when they run.
local eager = not rawget(_G, "jit")

-- Each program runs in a process of its own, whose heap is small.
local CLOSES = [[
  local eager = %s
  local function when_collected(f)
    if newproxy then
      getmetatable(newproxy(true)).__gc = f
    else
      setmetatable({}, { __gc = f })
    end
  end
  local bought = 0
  for nth = 1, 30 do -- the first finalizer to run closes, the second, ...
    local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
    local run, buying = 0, false
    local function trap()
      when_collected(function()
        run = run + 1
        if buying and run == nth then
          client:close()
        elseif buying then
          trap()
        end
      end)
    end
    collectgarbage("setpause", eager and 0 or 100)
    collectgarbage("setstepmul", eager and 1000000 or 200)
    buying = true
    trap()
    local number, _, err = client:purchase { area_code = "415" }
    buying = false
    collectgarbage("setpause", 200)
    collectgarbage("setstepmul", 200)
    assert(number or err.kind == "closed", err and err.message)
    bought = bought + (number and 1 or 0)
    client:close()
  end
  io.write("bought ", bought)
]]

describe("a client that a finalizer closes while it buys", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("ends with a number or an error, and the books balance", function()
    local program = flights.program(twilio, CLOSES:format(tostring(eager)))
    local output, status = interpreter.result(program, 120)
    assert.equal("bought " .. ("%d"):format(twilio:state().purchases), output)
    assert.equal(0, status)
  end)
end)

-- Lua 5.4 makes such an error a warning; LuaJIT does not come out of its collector with it.
if eager and _VERSION ~= "Lua 5.4" then
  describe("a finalizer that raises", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

    it(
      "hides neither a number that was bought nor a refusal, and is no mistake in an answer",
      function()
        local program = 'require("spec.support.raising").run(twilio)'
        local output, status = interpreter.result(flights.program(twilio, program), 120)
        local raised = output:match("^raised (%d+) times$")
        assert.is_true(tonumber(raised or 0) > 0, output)
        assert.equal(0, status)
      end
    )
  end)
end
