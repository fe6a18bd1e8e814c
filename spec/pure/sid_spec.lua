local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")

local HEX = "0123456789abcdefABCDEF0123456789"

describe("a SID", function()
  it("is two capital letters and 32 hex digits of either case", function()
    assert.is_true(numbers.is_sid("PN" .. HEX))
    assert.is_true(numbers.is_sid("AC" .. ("f"):rep(32)))
    assert.is_true(numbers.is_sid("ZZ" .. ("0"):rep(32)))
  end)

  it("with opaque_sids is 1 to 64 letters, digits and hyphens", function()
    for _, value in ipairs { "a", "-", "0", ("Z"):rep(64), "PN" .. HEX, "b3877c40-da60-4998" } do
      assert.is_true(core.is_sid(value, "PN", true), value)
    end
    for _, value in ipairs {
      "",
      ("a"):rep(65),
      "a_",
      "a.",
      "a/",
      "@",
      "[",
      "`",
      "{",
      ":",
      "a\0",
      "\193",
    } do
      assert.is_false(core.is_sid(value, "PN", true), value)
    end
    assert.is_false(core.is_sid("b3877c40-da60-4998", "PN"))
    assert.is_false(core.is_sid(1, "PN", true))
  end)

  it("has the given prefix and no other", function()
    assert.is_true(numbers.is_sid("PN" .. HEX, "PN"))
    assert.is_false(numbers.is_sid("AC" .. HEX, "PN"))
    assert.is_false(numbers.is_sid("PA" .. HEX, "PN"))
    assert.is_false(numbers.is_sid("AN" .. HEX, "PN"))
  end)

  it("is neither shorter nor longer, with nothing around it", function()
    assert.is_false(numbers.is_sid(""))
    assert.is_false(numbers.is_sid("P"))
    assert.is_false(numbers.is_sid("PN" .. HEX:sub(2)))
    assert.is_false(numbers.is_sid("PN" .. HEX .. "0"))
    assert.is_false(numbers.is_sid("PN" .. HEX .. "\n"))
    assert.is_false(numbers.is_sid("PN" .. HEX .. "\0"))
    assert.is_false(numbers.is_sid(" PN" .. HEX))
    assert.is_false(numbers.is_sid(("PN" .. HEX):rep(300000)))
  end)

  it("has no byte but a hex digit in any position after the letters", function()
    local allowed = {}
    for c in ("0123456789abcdefABCDEF"):gmatch(".") do
      allowed[c] = true
    end
    for byte = 0, 255 do
      local c = string.char(byte)
      for _, place in ipairs { 1, 16, 32 } do
        local sid = "PN" .. HEX:sub(1, place - 1) .. c .. HEX:sub(place + 1)
        assert.equal(allowed[c] or false, core.is_sid(sid), ("byte %d at %d"):format(byte, place))
      end
    end
  end)

  it("has no byte but a capital letter in the first two positions", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      local capital = byte >= 65 and byte <= 90
      assert.equal(capital, core.is_sid(c .. "N" .. HEX), "byte " .. byte)
      assert.equal(capital, core.is_sid("P" .. c .. HEX), "byte " .. byte)
    end
  end)

  it("is never anything but a string", function()
    local thread = coroutine.create(function() end)
    for _, value in ipairs { 12, 0 / 0, true, false, {}, print, thread, io.stdout } do
      assert.is_false(numbers.is_sid(value))
      assert.is_false(numbers.is_sid(value, "PN"))
    end
    assert.is_false(numbers.is_sid(nil))
  end)

  it("cannot be checked against a prefix that is not two letters long", function()
    for _, prefix in ipairs { "", "P", "PNX" } do
      assert.has_error(function()
        numbers.is_sid("PN" .. HEX, prefix)
      end)
    end
  end)
end)
