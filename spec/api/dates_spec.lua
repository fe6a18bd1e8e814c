-- Dates as mail and HTTP write them.
local dates = require("twilio.numbers.api.dates")

describe("A date", function()
  for text, seconds in pairs {
    ["Thu, 01 Jan 1970 00:00:00 +0000"] = 0,
    ["Tue, 27 Jul 2010 20:21:11 +0000"] = 1280262071,
    ["Sun, 06 Nov 1994 08:49:37 GMT"] = 784111777,
    ["Thu, 29 Feb 2024 12:00:00 +0000"] = 1709208000,
    ["1 Mar 2000 00:00:00 UT"] = 951868800,
    ["Tue, 27 Jul 2010 22:21:11 +0200"] = 1280262071,
    ["Tue, 27 Jul 2010 12:51:11 -0730"] = 1280262071,
  } do
    it("is read as seconds since 1970: " .. text, function()
      assert.equal(seconds, dates.seconds(text))
    end)
  end

  it("is written as the day of a time, also at both ends of a year", function()
    for _, day in ipairs {
      "1970-01-01",
      "1970-12-31",
      "1971-01-01",
      "2024-02-29",
      "2026-12-31",
      "2027-01-01",
      "2199-12-31",
    } do
      assert.equal(day, dates.day(dates.iso_seconds(day)))
      assert.equal(day, dates.day(dates.iso_seconds(day .. "T23:59:59Z")))
    end
  end)

  it("is nil for any other text", function()
    for _, text in ipairs {
      "",
      "yesterday",
      "2010-07-27T20:21:11Z",
      "Tue, 27 Foo 2010 20:21:11 +0000",
      "Tue, 27 Jul 2010 20:21:11",
      "Tue, 27 Jul 2010 20:21:11 CEST",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      1280262071,
      true,
    } do
      assert.is_nil(dates.seconds(text))
    end
    assert.is_nil(dates.seconds(nil))
  end)
end)
