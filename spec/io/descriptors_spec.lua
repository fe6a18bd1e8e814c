-- A process that temporarily has no file descriptor left.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local PROGRAM = [[
  local client = clients.of(twilio, { retries = 0 })
  client:pollfd() -- there is an engine, and no thread yet
  local files, file = {}, nil
  repeat
    file = io.open("/dev/null")
    files[#files + 1] = file
  until not file
  local _, _, err = client:purchase_async({ area_code = "415" }):wait(20)
  for _, open in ipairs(files) do
    open:close()
  end
  print(err and err.kind .. " " .. err.purchased)
  print(client:purchase_async({ area_code = "415" }):wait(20) and "number")
  client:close()
  print("closed")
]]

describe("without descriptors for its thread", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("a client refuses to buy, and buys once there are some", function()
    local output, status = interpreter.result(flights.program(twilio, PROGRAM), 200) -- slow under a sanitizer
    assert.equal("connect no\nnumber\nclosed\n", output)
    assert.equal(0, status)
    assert.equal(1, twilio:state().purchases)
  end)
end)
