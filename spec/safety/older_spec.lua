-- libcurl at run time may be older than the headers at build time, or have fewer features.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- Buys blocking, on a connection that is used again, and in flight.
local PROGRAM = [[
  local client = clients.of(twilio, { retries = 0 })
  for _ = 1, 2 do
    local number, message = client:purchase { area_code = "415" }
    print(number and "number" or message)
  end
  local number, message = client:purchase_async({ area_code = "415" }):wait(20)
  print(number and "number" or message)
  client:close()
  print("closed")
]]

describe("with a libcurl", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function outcome(older)
    local output, status =
      interpreter.result(flights.program(twilio, PROGRAM), 30, { older = older })
    return output .. status
  end

  local BOUGHT = "number\nnumber\nnumber\nclosed\n0"

  it("in its installed version the program buys", function()
    assert.equal(BOUGHT, outcome("nothing"))
  end)

  it("whose sends raise SIGPIPE the host survives", function()
    assert.equal(BOUGHT, outcome("sigpipe"))
  end)

  it("as it is no send raises SIGPIPE in the host", function()
    assert.equal(BOUGHT, outcome("unguarded"))
  end)

  it("that lacks newer options the program buys", function()
    assert.equal(BOUGHT, outcome("protocols_str quick_exit"))
  end)

  it("without HTTP/2 the program buys over HTTP/1.1", function()
    assert.equal(BOUGHT, outcome("http2"))
    assert.equal("1.1", twilio:requests()[3].http_version)
  end)

  it("without TLS nothing is bought, and the error says so", function()
    assert.matches("^Twilio could not be reached", outcome("https"))
  end)
end)
