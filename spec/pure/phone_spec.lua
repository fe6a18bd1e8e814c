local core = require("twilio.numbers.core")

describe("a phone number in E.164 form", function()
  it("is a plus and two to fifteen digits, the first of which is not 0", function()
    for _, good in ipairs { "+15005550006", "+49", "+123456789012345", "+4930123456" } do
      assert.is_true(core.is_e164(good), good)
    end
  end)

  it("is nothing else", function()
    local bad = {
      "",
      "+",
      "+1",
      "15005550006",
      "0015005550006",
      "+0123456",
      "+1234567890123456",
      "++15005550006",
      "+1 500 555 0006",
      "+1-500-555-0006",
      "(500) 555-0006",
      "+1500555000a",
      "+15005550006\n",
      "+15005550006\0",
      " +15005550006",
      "+15005550006 ",
      "+1500555*",
      "+\217\161\217\162\217\163", -- Arabic digits
      ("+1"):rep(1000000),
    }
    for _, text in ipairs(bad) do
      assert.is_false(core.is_e164(text), text:sub(1, 40))
    end
  end)

  it("is not of another type", function()
    for _, value in ipairs { 15005550006, true, {} } do
      assert.is_false(core.is_e164(value))
    end
    assert.is_false(core.is_e164())
  end)

  it("has no byte but a digit in any position", function()
    for byte = 0, 255 do
      local digit = byte >= 48 and byte <= 57
      assert.equal(digit, core.is_e164("+1500" .. string.char(byte) .. "550006"), "byte " .. byte)
    end
  end)
end)
