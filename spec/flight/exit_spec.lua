-- The end of a process, or of a Lua state, with purchases in flight: no hang and no crash.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local ENDS = {
  { name = "falling off the end", code = "", status = 0 },
  { name = "os.exit(0)", code = "os.exit(0)", status = 0 },
  { name = "os.exit(3)", code = "os.exit(3)", status = 3 },
  { name = "os.exit(0, true)", code = "os.exit(0, true)", status = 0 },
  { name = "an error", code = "error('on purpose')", status = 1 },
  { name = "close and os.exit(0)", code = "client:close() os.exit(0)", status = 0 },
  { name = "an exit in a callback", code = "again = true flights.finish(client)", status = 5 },
}

-- How long after they began, in seconds: before, within, and after the TLS handshakes.
local MOMENTS = { 0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.05 }

local PROGRAM = [[
  client = clients.of(twilio, { base_url = %q, max_in_flight = 20 })
  flights.begin(client, 3)
  pendings = {}
  for i = 1, 30 do
    pendings[i] = client:purchase_async({ area_code = "415" }, function()
      if again then os.exit(5, true) end
    end)
  end
  core.sleep(%s)
  client:poll()
  %s
]]

describe("with purchases in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for _, ending in ipairs(ENDS) do
    it(ending.name .. " ends the process at once", function()
      for _, url in ipairs { twilio.base_url, twilio.http_url } do
        for _, moment in ipairs(MOMENTS) do
          twilio:limits { latency = moment == 0.05 and 5 or 0.02 }
          if ending.status == 5 then
            twilio:limits {}
          end
          local code = PROGRAM:format(url, moment, ending.code)
          local output, status = interpreter.result(flights.program(twilio, code), 10)
          assert.equal(ending.status, status, output)
          assert.is_true(output == "" or ending.status == 1, output)
        end
      end
    end)
  end

  it("a module that is required anew works beside the old one", function()
    local output, status = interpreter.result(flights.program(
      twilio,
      [[
      local old = clients.of(twilio)
      local pendings = flights.begin(old, 5)
      for name in pairs(package.loaded) do
        if name:match("^twilio%.") or name:match("^spec%.") then
          package.loaded[name] = nil
        end
      end
      local new = require("spec.support.clients").of(twilio)
      local more = require("spec.support.flights").begin(new, 5)
      flights.finish(new)
      flights.finish(old)
      assert(flights.count(pendings).number == 5 and flights.count(more).number == 5)
      old:close()
      assert(new:purchase { area_code = "415" })
      print("good")
    ]]
    ))
    assert.equal(0, status, output)
    assert.matches("good", output, 1, true)
  end)
end)
