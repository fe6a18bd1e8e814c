-- No memory for the response to a purchase: for its body, or for the tokens of its JSON.
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- Allocations of the library fail, one after the other, each in a purchase of a new client.
local PURCHASES = [[
  local failing, numbers = require("spec_failing"), require("twilio.numbers")
  require("twilio.numbers.curl")
  failing.attach(path, "memory")
  local ends, failed = {}, 0
  repeat
    local client = assert(numbers.client {
      account_sid = account_sid, auth_token = auth_token, base_url = base_url, retries = 0,
    })
    failing.arm("memory", #ends + 1, false)
    local number, message, err = client:purchase { area_code = "415" }
    failed = failing.disarm()
    client:close()
    local of = err or { kind = "none", purchased = number.sid }
    ends[#ends + 1] = ("%s, %s, %s: %s"):format(
      of.kind, of.purchased, tostring(of.status), tostring(message))
  until failed == 0
  io.write(table.concat(ends, "\n"), "\n")
]]

describe("a purchase without memory for its response", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it(
    "says that a number was bought, and why it is not known: for the body, and for the tokens",
    function()
      local values = ("local path, base_url, account_sid, auth_token = %q, %q, %q, %q\n"):format(
        interpreter.path_of("twilio/numbers/curl"),
        twilio.http_url,
        twilio.account_sid,
        twilio.auth_token
      )
      local output, status = interpreter.result(values .. PURCHASES)
      local lost = "response, yes, 201: the response is invalid: not enough memory for the answer"
      local without_body, with_body, last =
        output:match("\n(response[^\n]+)\n(response[^\n]+)\n([^\n]+)\n$")
      assert.equal(0, status)
      assert.equal(lost .. " (status 201)", (without_body or output):sub(1, #lost + 13))
      assert.is_truthy(with_body:find(lost .. "; the response names PN", 1, true))
      assert.is_truthy(last:find("^none, PN"))
    end
  )
end)
