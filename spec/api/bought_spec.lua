-- The numbers that the calls of a client have bought lately.
local bought = require("twilio.numbers.api.bought")

local function sid(i)
  return ("PN%032x"):format(i)
end

describe("The numbers that a client has bought", function()
  local call

  before_each(function()
    call = { client = {} }
  end)

  it("are known by their SIDs, in either case, until they are bought again", function()
    assert.equal(0, bought.times(call, sid(10)))
    assert.is_true(bought.note(call, sid(10)))
    assert.equal(1, bought.times(call, "PN" .. ("0"):rep(31) .. "A"))
    assert.is_false(bought.note(call, "PN" .. ("0"):rep(31) .. "A"))
    assert.equal(2, bought.times(call, sid(10)))
  end)

  it("are not known to other clients", function()
    bought.note(call, sid(1))
    assert.equal(0, bought.times({ client = {} }, sid(1)))
  end)

  it("are the latest ones: at least 1000, at most 2000", function()
    for i = 1, 2001 do
      assert.is_true(bought.note(call, sid(i)))
    end
    local known = 0
    for i = 1, 2001 do
      known = known + bought.times(call, sid(i))
    end
    assert.equal(1, bought.times(call, sid(1002)))
    assert.is_true(known >= 1000 and known <= 2000, known)
  end)
end)
