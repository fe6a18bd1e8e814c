local core = require("twilio.numbers.core")

local DAY = 86400

--- The date `seconds` from now, in HTTP's format, by os.date.
local function date(seconds)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + seconds)
end

--- Checks a date's seconds, allowing for the time that may have passed.
local function assert_wait(expected, text)
  local wait = core.retry_after(text)
  assert.is_number(wait, text)
  assert.is_true(wait <= expected and wait >= expected - 5, ("%s: %s"):format(text, wait))
end

describe("Retry-After", function()
  it("may be a number of seconds", function()
    for _, seconds in ipairs { 0, 1, 7, 120, 3600, DAY } do
      assert.equal(seconds, core.retry_after(("%d"):format(seconds)))
    end
    assert.equal(7, core.retry_after("007"))
    assert.equal(7, core.retry_after("7  "))
  end)

  it("may be a date", function()
    for _, seconds in ipairs { 10, 59, 61, 3601, 43200, DAY - 10 } do
      assert_wait(seconds, date(seconds))
    end
  end)

  it("is 0 once the date has passed", function()
    for _, seconds in ipairs { -1, -DAY, -365 * DAY, -25 * 365 * DAY } do
      assert.equal(0, core.retry_after(date(seconds)))
    end
    assert.equal(0, core.retry_after("Sun, 06 Nov 1994 08:49:37 GMT"))
    assert.equal(0, core.retry_after("Sat, 01 Jan 0000 00:00:00 GMT"))
  end)

  it("is a day at the most", function()
    assert.equal(DAY, core.retry_after("86401"))
    assert.equal(DAY, core.retry_after(("9"):rep(19)))
    assert.equal(DAY, core.retry_after(("9"):rep(1000)))
    assert.equal(DAY, core.retry_after(date(2 * DAY)))
    assert.equal(DAY, core.retry_after("Fri, 31 Dec 9999 23:59:59 GMT"))
  end)

  it("follows the calendar from one day to the next", function()
    for hours = 1, 23 do
      assert_wait(hours * 3600, date(hours * 3600))
    end
  end)

  it("is nil for an invalid value", function()
    local rubbish = {
      "",
      " ",
      "-1",
      "+1",
      "1.5",
      "0x10",
      "1e3",
      "ten",
      " 7",
      "7s",
      "7\n",
      "7\0",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT+1",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "Sun, 06 nov 2094 08:49:37 GMT",
      "Foo, 06 Nov 2094 08:49:37 GMT",
      "S\0n, 06 Nov 2094 08:49:37 GMT",
      "Sun, 06 Foo 2094 08:49:37 GMT",
      "Sun, 6 Nov 2094 08:49:37 GMT ",
      "Sun, 00 Nov 2094 08:49:37 GMT",
      "Sun, 32 Nov 2094 08:49:37 GMT",
      "Sun, 31 Nov 2094 08:49:37 GMT",
      "Sun, 29 Feb 2095 08:49:37 GMT",
      "Sun, 29 Feb 2100 08:49:37 GMT",
      "Sun, 06 Nov 2094 24:49:37 GMT",
      "Sun, 06 Nov 2094 08:60:37 GMT",
      "Sun, 06 Nov 2094 08:49:61 GMT",
      "Sun, 06 Nov 2094 08:4a:37 GMT",
      "Sun, -6 Nov 2094 08:49:37 GMT",
      ("Sun, 06 Nov 2094 08:49:37 GMT"):rep(100000),
    }
    for _, text in ipairs(rubbish) do
      assert.is_nil(core.retry_after(text), text:sub(1, 60))
    end
  end)

  it("accepts leap days and leap seconds", function()
    assert.equal(DAY, core.retry_after("Mon, 29 Feb 2096 08:49:37 GMT"))
    assert.equal(DAY, core.retry_after("Mon, 29 Feb 2400 08:49:37 GMT"))
    assert.equal(0, core.retry_after("Tue, 29 Feb 0000 08:49:37 GMT"))
    assert.equal(DAY, core.retry_after("Sat, 30 Jun 2096 23:59:60 GMT"))
  end)
end)
