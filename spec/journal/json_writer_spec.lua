-- core.encode_record(): tables as JSON, and what core.decode_record() makes of that.
local core = require("twilio.numbers.core")

local number_type = math.type -- luacheck: ignore 143

-- A value, and its JSON as the member "v" of an object.
local WRITTEN = {
  { "", '""' },
  { "order-1042", '"order-1042"' },
  { '"\\/', '"\\"\\\\/"' },
  { "\b\f\n\r\t", '"\\b\\f\\n\\r\\t"' },
  { "\0\1\31\127", '"\\u0000\\u0001\\u001f\127"' },
  { "caf\195\169 \226\130\172 \240\157\132\158", '"caf\195\169 \226\130\172 \240\157\132\158"' },
  { 0, "0" },
  { -7, "-7" },
  { 1796000000000, "1796000000000" },
  { 9007199254740991, "9007199254740991" },
  { -9007199254740991, "-9007199254740991" },
  { true, "true" },
  { false, "false" },
  { {}, "{}" },
  { { 1, "a", false }, '[1,"a",false]' },
  { { { 1 }, { a = 1 } }, '[[1],{"a":1}]' },
  {
    { b = 1, a = 2, aa = 3, [""] = 4, ["\195\169"] = 5, B = 6 },
    '{"":4,"B":6,"a":2,"aa":3,"b":1,"\195\169":5}',
  },
}

local loop = {}
loop.loop = loop

local function nested(levels)
  local value = 1
  for _ = 1, levels do
    value = { value }
  end
  return value
end

-- A value that no record can hold, and the end of the message.
local REFUSED = {
  { "caf\233", "v is not valid UTF-8" },
  { "\237\160\128", "v is not valid UTF-8" },
  { 0.5, "v is not a whole number of at most 53 bits" },
  { 1 / 0, "v is not a whole number of at most 53 bits" },
  { 0 / 0, "v is not a whole number of at most 53 bits" },
  { 2 ^ 53, "v is not a whole number of at most 53 bits" },
  { -2 ^ 53, "v is not a whole number of at most 53 bits" },
  { print, "v is not a string, a whole number, a boolean or a table of these" },
  { { 1, 2, nil, 4 }, "v has keys other than 1 to n, or strings" },
  { { 1, a = 2 }, "v has keys other than 1 to n, or strings" },
  { { [2] = 1 }, "v has keys other than 1 to n, or strings" },
  { { [1.5] = 1 }, "v has keys other than 1 to n, or strings" },
  { { [true] = 1 }, "v has keys other than 1 to n, or strings" },
  { { a = { b = { c = 0.5 } } }, "c is not a whole number of at most 53 bits" },
  { nested(8), "v is nested too deeply" },
  { loop, "loop is nested too deeply" },
  { { ["\255"] = 1 }, "\255 is not valid UTF-8" },
}

describe("a record", function()
  it("is written as JSON, with the names in an object sorted by their bytes", function()
    for _, row in ipairs(WRITTEN) do
      assert.equal('{"v":' .. row[2] .. "}", core.encode_record { v = row[1] })
    end
  end)

  it("is read back unchanged", function()
    for _, row in ipairs(WRITTEN) do
      assert.same({ v = row[1] }, core.decode_record(core.encode_record { v = row[1] }))
    end
  end)

  it("holds every byte that UTF-8 allows in every place of a string", function()
    for byte = 0, 127 do
      for _, text in ipairs { "%s", "a%s", "%sa", "a%s\195\169" } do
        text = text:gsub("%%s", (string.char(byte):gsub("%%", "%%%%")))
        assert.equal(text, core.decode_record(core.encode_record { v = text }).v)
      end
    end
  end)

  it("holds integers of 64 bits where Lua has integers", function()
    if not number_type then
      assert.is_nil(core.encode_record { v = 9223372036854775807 })
      return
    end
    for _, text in ipairs { "9223372036854775807", "-9223372036854775808" } do
      local record = core.decode_record('{"v":' .. text .. "}")
      assert.equal("integer", number_type(record.v))
      assert.equal('{"v":' .. text .. "}", core.encode_record(record))
    end
  end)

  it("keeps its fields when one of them is set and it is written again", function()
    local record = core.decode_record('{"later":{"a":[1,{"b":true}]},"v":1}')
    record.state = "open"
    assert.equal('{"later":{"a":[1,{"b":true}]},"state":"open","v":1}', core.encode_record(record))
  end)

  it("refuses values that it cannot hold, and names the field", function()
    for _, row in ipairs(REFUSED) do
      local text, message = core.encode_record { v = row[1] }
      assert.is_nil(text)
      assert.equal("the record's field " .. row[2], message)
    end
  end)

  it("is an object", function()
    assert.same({ nil, "the record is a list, not an object" }, { core.encode_record { 1 } })
    assert.same({ nil, "not a JSON object" }, { core.decode_record("[1]") })
    assert.has_error(function()
      core.encode_record("text")
    end)
  end)

  it("may be nested eight levels deep", function()
    local text = core.encode_record { v = nested(7) }
    assert.equal('{"v":[[[[[[[1]]]]]]]}', text)
  end)

  it("has at most 64 KiB", function()
    local around = #'{"v":""}'
    for _, length in ipairs { 2048, 2049, 65536 } do
      local text = core.encode_record { v = ("x"):rep(length - around) }
      assert.equal(length, #text)
    end
    local text, message = core.encode_record { v = ("x"):rep(65537 - around) }
    assert.is_nil(text)
    assert.equal("the record is too large", message)
  end)

  it("is written without metamethods", function()
    local called = false
    local function call()
      called = true
    end
    local metatable = { __index = call, __pairs = call, __len = call }
    local text = core.encode_record { v = setmetatable({ a = 1 }, metatable) }
    assert.equal('{"v":{"a":1}}', text)
    assert.is_false(called)
  end)
end)

describe("is_utf8", function()
  it("tells valid UTF-8", function()
    for _, good in ipairs { "", "abc", "\0", "\195\169", "\244\143\191\191" } do
      assert.is_true(core.is_utf8(good))
    end
    for _, bad in ipairs { "\233", "\192\128", "\237\160\128", "\244\144\128\128", "a\195" } do
      assert.is_false(core.is_utf8(bad))
    end
  end)
end)
