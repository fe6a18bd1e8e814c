--- The preflight of several numbers of one call, which are bought at the same time.
local law = require("spec.support.law")
local preflight = require("twilio.numbers.api.preflight")
local preflight_rule = require("twilio.numbers.api.preflight_rule")

local CHOICE = {
  country = "GB",
  type = "local",
  params = { bundle_sid = law.BUNDLE, address_sid = law.ADDRESS },
}

--- A call that gets Twilio's responses, in a coroutine that yields at each request.
local function new_call(answer)
  local call = { options = { account_sid = "AC", preflight = true }, server_date = law.DATE }
  function call.product_url(_, _, path)
    return path
  end
  function call.url(_, resource)
    return "/" .. resource
  end
  function call.ask(_, _, url)
    coroutine.yield()
    return answer(url)
  end
  return call
end

describe("The rule of the option preflight", function()
  it(
    "records for each number whether something was read for it, despite concurrent calls",
    function()
      local call = new_call(function()
        return nil, { kind = "api", status = 403, reason = "no" }
      end)
      local rule = preflight_rule.of(call)
      local said = {}
      local function begin(name)
        return coroutine.create(function()
          local _, is_read = rule:refusal(call, CHOICE)
          said[name] = is_read
        end)
      end
      local first, second = begin("first"), begin("second")
      assert(coroutine.resume(first)) -- waits for its first request
      while coroutine.status(second) ~= "dead" do
        assert(coroutine.resume(second))
      end
      local third = begin("third") -- finds all that was read
      assert(coroutine.resume(third))
      while coroutine.status(first) ~= "dead" do
        assert(coroutine.resume(first))
      end
      assert.same({ first = true, second = true, third = false }, said)
    end
  )

  it("applies only to a call with the option", function()
    assert.is_nil(preflight_rule.of { options = {} })
    assert.is_nil(preflight_rule.of { options = { preflight = false } })
    assert.is_table(preflight.new())
  end)
end)
