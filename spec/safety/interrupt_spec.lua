-- Ctrl-C ends a purchase that waits for its answer, without waiting for a time limit.
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local PROGRAM = [[
  local client = assert(require("twilio.numbers").client {
    account_sid = %q, auth_token = %q, base_url = %q, ca_file = %q, timeout = 60,
  })
  print(pcall(client.purchase, client, { area_code = "415" }))
]]

describe("Ctrl-C", function()
  it("is heard while a purchase waits for its answer", function()
    local twilio = simulator.start()
    twilio:fault { fault = "hang" }
    local program =
      PROGRAM:format(twilio.account_sid, twilio.auth_token, twilio.base_url, twilio.ca_file)
    local pipe = assert(io.popen("echo $$; " .. interpreter.run(program) .. " 2>&1"))
    local pid = assert(pipe:read("*l"):match("^%d+$"))
    for _ = 1, 100000 do
      if twilio:state().posts == 1 then
        break
      end
    end
    assert.equal(1, twilio:state().posts)
    os.execute("kill -INT " .. pid)
    local output = pipe:read("*a")
    pipe:close()
    twilio:stop()
    assert.matches("interrupted!", output, 1, true)
  end)
end)
