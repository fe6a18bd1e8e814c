-- What a call ends with when an error has broken it off and there is no memory to judge an answer.
local errors = require("twilio.numbers.errors")
local guard = require("twilio.numbers.async.guard")

describe("a purchase that breaks off without memory to judge its answer", function()
  --- What is said about money.
  local function purchased(out, answer)
    local operation = {
      buys = true,
      conclude = function()
        error("not enough memory", 0)
      end,
    }
    local client = { reserve = false, flight = { calls = {} } }
    local _, message, err = guard.run(client, function(reserve)
      reserve.call =
        { operation = operation, out = out, answer = answer, purchased = "no", attempts = 1 }
      error("not enough memory", 0)
    end)
    assert.equal(errors.BROKEN_OFF[err.purchased], message)
    return err.purchased
  end

  it("may have bought a number whatever status but 201 it has seen", function()
    for _, status in ipairs { 0, 200, 302, 400, 403, 404, 408, 409, 429, 500 } do
      assert.equal("unknown", purchased(status))
    end
    assert.equal("yes", purchased(201))
  end)

  it("may have bought a number after an answer that nobody has judged", function()
    for _, status in ipairs { 200, 403, 429, 500 } do
      assert.equal("unknown", purchased(0, { sent = true, status = status }))
    end
    assert.equal("yes", purchased(0, { sent = true, status = 201 }))
  end)

  it("has bought nothing when Twilio's refusal was known before, or nothing was sent", function()
    assert.equal("no", purchased(0, { sent = true, status = 403, is_refusal = true }))
    assert.equal("no", purchased(0, { sent = false }))
    assert.equal("no", purchased(false))
  end)
end)
