-- JSON as the simulator writes and reads it; lua-cjson is the reference.
local cjson = require("cjson")
local json = require("twilio.simulator.json")

describe("the simulator's JSON", function()
  it("is read back unchanged by other parsers", function()
    local value = {
      text = 'a "quote", a \\ and \0\1\31\n\t\r\127 caf\195\169',
      whole = 20404,
      negative = -3,
      large = 2 ^ 40,
      fraction = 37.77925,
      yes = true,
      no = false,
      list = { 1, "two", { three = 3 } },
      object = { nested = { deep = "x" } },
    }
    assert.same(value, cjson.decode(json.encode(value)))
    assert.same(value, json.decode(json.encode(value)))
  end)

  it("writes whole numbers without a point, and null, empty lists and empty objects", function()
    assert.equal(
      '{"a":1,"b":null,"c":[],"d":{},"e":[[],{}]}',
      json.encode { a = 1.0, b = json.null, c = json.empty_list, d = {}, e = { json.empty_list, {} } }
    )
    assert.same({ "[]", '["x"]' }, { json.list {}, json.list { "x" } })
    assert.equal('{"a":1,"b":[],"c":[2]}', json.object({ a = 1 }, { b = {}, c = { 2 } }))
  end)

  it("writes names in the same order, however the table was built", function()
    local one, other = {}, {}
    for index = 1, 20 do
      one["name" .. index] = index
      other["name" .. 21 - index] = 21 - index
    end
    assert.equal(json.encode(one), json.encode(other))
    assert.equal('{"a":{"a":1,"b":2},"b":3}', json.encode { b = 3, a = { b = 2, a = 1 } })
  end)

  it("handles more kinds of objects than it caches", function()
    for index = 1, 1100 do
      assert.equal(('{"n%d":1}'):format(index), json.encode { ["n" .. index] = 1 })
    end
  end)

  it("refuses values that JSON lacks", function()
    for _, value in ipairs { 0 / 0, 1 / 0, -1 / 0, print, { print } } do
      assert.is_false(pcall(json.encode, value))
    end
  end)

  -- texts that lua-cjson reads the same
  local TEXTS = {
    "{}",
    "[]",
    " [ 1 , 2.5 , -3e2 , 0 , -0.5, 1E+2 ] ",
    '{"a": {"b": [true, false]}, "c": "d"}',
    [["\u00e9\u20ac\ud83d\ude00\n\/\\\"\b\f\r\t"]],
    '"caf\195\169"',
  }
  for index, text in ipairs(TEXTS) do
    it("is read, text " .. index, function()
      local wanted = text:sub(1, 1) == '"' and cjson.decode("[" .. text .. "]")[1]
        or cjson.decode(text)
      assert.same(wanted, (json.decode(text)))
    end)
  end

  it("reads null as a special value, and a lone surrogate as U+FFFD", function()
    assert.same({ a = json.null }, json.decode('{"a":null}'))
    assert.equal(json.null, (json.decode("null")))
    assert.equal("\239\191\189x", (json.decode([["\ud83dx"]])))
    assert.equal("\239\191\189", (json.decode([["\udc00"]])))
  end)

  local MALFORMED = {
    "",
    " ",
    "{",
    "[1,]",
    "[1 2]",
    '{"a"}',
    '{"a":}',
    "{a:1}",
    '{"a":1,}',
    '"a',
    '"a\nb"',
    [["\x"]],
    [["\u12"]],
    "01",
    "1.",
    "-",
    "tru",
    "1 2",
    "nil",
    ("["):rep(200) .. ("]"):rep(200),
  }
  for index, text in ipairs(MALFORMED) do
    it("refuses malformed text " .. index, function()
      local value, problem = json.decode(text)
      assert.is_nil(value)
      assert.matches(" at byte %d+$", problem)
    end)
  end
end)
