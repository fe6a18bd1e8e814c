--- Valid and invalid values for parameters of each kind (csrc/pure/params.h), for specs.
local values = {}

local HEX = ("0123456789abcdef"):rep(2)

--- Valid values of each kind, as given and as sent.
local RIGHT = {
  text = function()
    return { ["2010-04-01"] = "2010-04-01", ["Ü & Co."] = "Ü & Co." }
  end,
  sid = function(row)
    return { [row.expects .. HEX] = row.expects .. HEX }
  end,
  choice = function(row)
    local words = {}
    for word in row.expects:gmatch("%S+") do
      words[word] = word
    end
    return words
  end,
  url = function()
    local url = "https://example.com/a?b=c&d=%20#e"
    return { [url] = url, ["http://[::1]:8080/"] = "http://[::1]:8080/" }
  end,
  boolean = function()
    return { [true] = "true", [false] = "false" }
  end,
  phone = function()
    return { ["+15005550006"] = "+15005550006" }
  end,
  area_code = function()
    return { ["415"] = "415", [415] = "415" }
  end,
  lat_long = function()
    return { ["37.84,-122.26"] = "37.84,-122.26", ["-1,+180.0"] = "-1,+180.0", ["0,0"] = "0,0" }
  end,
  pattern = function()
    local right = {}
    for _, text in ipairs {
      "41",
      "STORM",
      "storm$",
      "+1415",
      "510555****",
      "**5",
      "%907",
      "4%5",
      "+14155550100",
      ("1"):rep(16),
    } do
      right[text] = text
    end
    return right
  end,
  country = function()
    return { DE = "DE", GB = "GB" }
  end,
  integer = function(row)
    return { [1] = "1", ["7"] = "7", [row.most] = tostring(row.most):match("^%d+") }
  end,
}

--- Values that are invalid for every parameter, besides those of the wrong type.
values.WRONG_TEXT = {
  [""] = "is empty",
  ["a\0b"] = "NUL",
  ["\255"] = "UTF%-8",
  ["\226\130("] = "UTF%-8",
  ["\192\128"] = "UTF%-8",
  ["\237\160\128"] = "UTF%-8",
  ["\244\144\128\128"] = "UTF%-8",
  [("a"):rep(16385)] = "at most 16384 bytes",
}

values.WRONG = {
  text = {},
  sid = { "x", "PN", "ac" .. HEX, "XX" .. HEX, HEX },
  choice = { "get", "PUT", "GET ", "GET POST", "active", "Voice", "G" },
  url = { "example.com", "/path", "ftp://example.com", "https://", "http://a b/", "https://ü.de/" },
  phone = { "15005550006", "+1 500", "+0123", "+1500555000600000", "+15005550006\r\n" },
  area_code = { "41", "4155", "41a", "+41", " 415", 4155, -1, 41.5, 0 / 0, 1 / 0, -1 / 0, 1e300 },
  boolean = {},
  country = { "D", "DEU", "de", "De", "D1", "D ", "Germany", "ÄÖ" },
  lat_long = { "37.84", "37.84,", ",1", "37.84, 1", "a,b", "1234,5", "1.,2", "1,2,3", "1,2\n" },
  pattern = {
    "4",
    "*",
    ("1"):rep(17),
    "4*5",
    "510*****67",
    "415-555",
    "4 5",
    "(415)",
    "Ü1",
    "4.5",
  },
  integer = {
    "0",
    0,
    -1,
    1.5,
    0 / 0,
    1 / 0,
    1e300,
    1001,
    "1001",
    "1.0",
    "+1",
    " 1",
    "x",
    "9999999999",
  },
}

function values.wrong_types(kind)
  local thread = coroutine.create(function() end)
  local list = { {}, print, thread, io.stdout }
  local may_be_number = kind == "area_code" or kind == "integer"
  list[#list + 1] = not may_be_number and 12 or nil
  list[#list + 1] = kind ~= "boolean" and true or "true"
  return list
end

--- Valid values of a row's parameter: as given -> as sent.
function values.right(row)
  return RIGHT[row.kind](row)
end

return values
