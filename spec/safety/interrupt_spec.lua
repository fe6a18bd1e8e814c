-- Ctrl-C ends a purchase that waits for its response, without waiting for a time limit.
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local BEGINNING = [[
  local client = assert(require("twilio.numbers").client {
    account_sid = %q, auth_token = %q, base_url = %q, ca_file = %q, timeout = 60,
  })
]]

describe("Ctrl-C", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  --- What a program prints that is interrupted when its first purchase hangs.
  local function interrupted(program)
    twilio:fault { fault = "hang", method = "POST" }
    program = BEGINNING:format(
      twilio.account_sid,
      twilio.auth_token,
      twilio.base_url,
      twilio.ca_file
    ) .. program
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
    return output
  end

  it("interrupts a purchase that waits for its response", function()
    local output = interrupted([[
      print(pcall(client.purchase, client, { area_code = "415" }))
    ]])
    assert.matches("interrupted!", output, 1, true)
  end)

  for name, call in pairs {
    purchase = [[client:purchase { area_code = "415" }]],
    purchase_available = [[client:purchase_available { country = "US", area_code = "415" }]],
    purchase_many = [[client:purchase_many { "+14155550100" }]],
  } do
    it("stops a script that ignores the results of its purchases: " .. name, function()
      local output = interrupted(([[
        for _ = 1, 3 do
          print("told", %s)
          client:list() -- to look for it is no purchase
        end
        print("it went on")
      ]]):format(call))
      local _, told = output:gsub("told", "")
      assert.equal(1, told)
      assert.matches("interrupted!.*interrupted!", output)
      assert.no_matches("it went on", output)
      assert.equal(1, twilio:state().posts)
    end)
  end
end)
