--- Amounts of money are decimal text, and computed exactly.
local money = require("twilio.numbers.api.money")

describe("money.parse", function()
  for text, parsed in pairs {
    ["0"] = "0",
    ["1"] = "1",
    ["1.50"] = "1.50",
    ["0.05"] = "0.05",
    ["00"] = "0",
    ["007.10"] = "7.10",
    ["000.5"] = "0.5",
    ["12345678901234567890.123"] = "12345678901234567890.123",
  } do
    it("reads the text " .. text, function()
      assert.equal(parsed, money.parse(text))
      assert.equal(1, select("#", money.parse(text)))
    end)
  end

  for _, text in ipairs {
    "",
    " ",
    "1 ",
    " 1",
    "1.",
    ".5",
    ".",
    "-1",
    "+1",
    "1,50",
    "1.5.0",
    "1e3",
    "0x10",
    "nan",
    "1\n",
    "1\0",
    "$1",
    ("1"):rep(31),
  } do
    it(("refuses the text %q"):format(text), function()
      assert.is_nil(money.parse(text))
    end)
  end

  for _, row in ipairs {
    { 0, "0" },
    { 1, "1" },
    { 2.0, "2" },
    { 1.15, "1.15" },
    { 0.1, "0.1" },
    { 4.35, "4.35" },
    { 1000, "1000" },
    { 1200.5, "1200.5" },
    { 0.00005, "0.00005" },
    { 99999999.99, "99999999.99" },
    { 1e15, "1000000000000000" },
    { 1e20 / 10, "10000000000000000000" },
  } do
    it("reads a JSON number with its original digits: " .. row[2], function()
      assert.equal(row[2], money.parse(row[1]))
    end)
  end

  it("refuses numbers that are not prices", function()
    for _, number in ipairs { -1, -0.5, 0 / 0, 1 / 0, -1 / 0, 1e30, 1e-30 } do
      assert.is_nil(money.parse(number))
    end
  end)

  it("refuses any other type", function()
    assert.is_nil(money.parse(nil))
    assert.is_nil(money.parse(true))
    assert.is_nil(money.parse {})
  end)

  it("reads a number in a locale with a decimal comma", function()
    local before = os.setlocale(nil, "numeric")
    local has_comma = os.setlocale("de_DE.UTF-8", "numeric")
    local parsed = money.parse(1.15)
    os.setlocale(before, "numeric")
    assert.equal("1.15", parsed, has_comma)
  end)
end)

describe("money.compare", function()
  for _, row in ipairs {
    { "1", "1", 0 },
    { "1", "1.00", 0 },
    { "01.5", "1.50", 0 },
    { "0", "0.000", 0 },
    { "1.15", "1.150", 0 },
    { "1.15", "1.1500000000000001", -1 }, -- the same as floating point
    { "9.99", "10", -1 },
    { "0.9", "1", -1 },
    { "1.9", "1.10", 1 },
    { "1.09", "1.1", -1 },
    { "0.05", "0.5", -1 },
    { "99999999999999999999.01", "99999999999999999999.02", -1 }, -- the same as floating point
  } do
    it(("compares %s with %s"):format(row[1], row[2]), function()
      assert.equal(row[3], money.compare(row[1], row[2]))
      assert.equal(-row[3], money.compare(row[2], row[1]))
    end)
  end
end)

describe("money.add", function()
  it("returns the exact sum of two amounts", function()
    for _, row in ipairs {
      { "0", "1.15", "1.15" },
      { "1.15", "2.15", "3.30" },
      { "0.1", "0.25", "0.35" },
      { "9.99", "0.01", "10.00" },
      { "999", "1", "1000" },
      { "0", "0", "0" },
      { "12345678901234567890.05", "0.005", "12345678901234567890.055" },
    } do
      assert.equal(row[3], money.add(row[1], row[2]))
      assert.equal(row[3], money.add(row[2], row[1]))
    end
  end)
end)

describe("money.multiply", function()
  for _, row in ipairs {
    { "1.15", 3, "3.45" },
    { "1.15", 1, "1.15" },
    { "1.15", 0, "0.00" },
    { "1", 20, "20" },
    { "0.05", 10000, "500.00" },
    { "0.1", 3, "0.3" },
    { "9.99", 999, "9980.01" },
    { "0", 7, "0" },
    { "99999999999999999999.99", 10000, "999999999999999999999900.00" },
  } do
    it(("multiplies %s by %d"):format(row[1], row[2]), function()
      assert.equal(row[3], money.multiply(row[1], row[2]))
    end)
  end
end)

describe("money.format", function()
  for text, formatted in pairs {
    ["0"] = "0.00",
    ["1"] = "1.00",
    ["1.5"] = "1.50",
    ["1.50"] = "1.50",
    ["1.100"] = "1.10",
    ["1.155"] = "1.155",
    ["1.15500"] = "1.155",
    ["0.0050"] = "0.005",
    ["10.00"] = "10.00",
    ["10.1001"] = "10.1001",
  } do
    it("writes " .. text .. " for people", function()
      assert.equal(formatted, money.format(text))
      assert.equal(1, select("#", money.format(text)))
    end)
  end
end)
