-- An error, such as Ctrl-C or a lack of memory for a moment, interrupts a purchase between its requests.
local responses = require("twilio.numbers.http.response")
local scripted = require("spec.support.scripted")

local A, B = "+14155550101", "+14155550102"
local LOST = { broken = "network" }
local NOT_OWNED = { status = 200, body = scripted.page {} }
local INTERRUPTED, SHORTAGE = "interrupted!", "not enough memory"

--- Makes a client's nth request raise an error before it is sent.
---@return function count how many requests there were
local function interrupt(client, nth, why)
  local authorize, count = client.credentials.authorize, 0
  function client.credentials.authorize()
    count = count + 1
    if count == nth then
      error(why, 0)
    end
    return authorize()
  end
  return function()
    return count
  end
end

describe("a purchase that is interrupted", function()
  local stranger = responses.stranger

  after_each(function()
    responses.stranger = stranger
  end)

  --- A client whose first purchase goes unanswered, and whose look-ups find nothing. Its nth request is
  --- interrupted: the second one is the look-up, and the third one the purchase again.
  local function client_of(nth, why)
    local client, log = scripted.apart {
      GET = { NOT_OWNED },
      POST = { LOST, scripted.created },
    }
    return client, log, interrupt(client, nth, why)
  end

  it("before its second attempt is in doubt, because of the first", function()
    local client, log, count = client_of(3, INTERRUPTED)
    local number, message, err = client:purchase { phone_number = A }
    assert.is_nil(number)
    assert.same({ "unknown", 1, 3 }, { err.purchased, #log.posts, count() })
    assert.matches(INTERRUPTED, message, 1, true)
  end)

  it("before its look-up continues if memory was short for a moment", function()
    local client, log, count = client_of(2, SHORTAGE)
    assert.equal(A, assert(client:purchase { phone_number = A }).phone_number)
    assert.same({ 2, 4 }, { #log.posts, count() })
  end)

  it("while it reads a response about another number is in doubt", function()
    local client, log = scripted.apart {
      GET = { NOT_OWNED },
      POST = { { status = 201, body = scripted.body(B) } },
    }
    local raised = 0
    function responses.stranger()
      raised = raised + 1
      error(INTERRUPTED, 0)
    end
    local number, _, err = client:purchase { phone_number = A }
    assert.is_nil(number)
    assert.same({ "unknown", 1, 1 }, { err.purchased, raised, #log.posts })
  end)
end)
