-- How wide a text is on a terminal.
local width = require("twilio.numbers.command.width")

local COMBINED = "cafe\204\129" -- e, and an acute accent that combines with it

describe("The width of a text", function()
  it("counts columns: two for CJK and emoji, none for marks that combine", function()
    for text, columns in pairs {
      [""] = 0,
      ["Front desk"] = 10,
      ["Zürich"] = 6,
      ["東京"] = 4,
      ["한국"] = 4,
      ["ｆｕ"] = 4,
      ["a😀"] = 3,
      [COMBINED] = 4,
      ["שָׁ"] = 1,
    } do
      assert.equal(columns, width.of(text), text)
    end
  end)

  it("is what a cut text has at most, with no half of a character", function()
    assert.equal("Front desk", width.cut("Front desk", 10))
    assert.equal("Front...", width.cut("Front desk", 8))
    assert.equal("東...", width.cut("東京都庁", 6))
    assert.equal("..", width.cut("Front desk", 2))
    assert.equal(COMBINED, width.cut(COMBINED, 4))
  end)

  it("is filled up with blanks", function()
    assert.equal("東京  ", width.pad("東京", 6))
  end)

  it("is kept by wrapped lines, which break between words, and long words anywhere", function()
    assert.same({ "one two", "three" }, width.wrap("one two three", 9))
    assert.same({ "a", "bbbb", "bb c" }, width.wrap("a bbbbbb c", 4))
    assert.same({ "東京", "都" }, width.wrap("東京都", 5))
    assert.same({ "東", "京" }, width.wrap("東京", 1 + 1))
    assert.same({ "" }, width.wrap("", 9))
  end)
end)
