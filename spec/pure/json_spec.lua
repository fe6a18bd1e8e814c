-- The grammar of RFC 8259, rule by rule: what it allows, what it forbids, and the reported position.
local interpreter = require("spec.support.interpreter")

local core = require("twilio.numbers.core")

local number_type = math.type -- luacheck: ignore 143

--- The value of a text as the member of an object.
local function value_of(text)
  local object, why = core.decode('{"v":' .. text .. "}")
  assert(object, why)
  return object.v
end

-- These are read as the member "v" of an object.
local VALUES = {
  { "true", true },
  { "false", false },
  { "null", nil },
  { '""', "" },
  { '"a b"', "a b" },
  { '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t' },
  { '"\\u0041\\u00e9\\u20AC"', "A\195\169\226\130\172" },
  { '"\\ud834\\udd1e"', "\240\157\132\158", "a pair of surrogates" },
  { '"\\uDBFF\\uDFFF"', "\244\143\191\191", "the last code point" },
  { '"\\ud83d"', "\239\191\189", "a high surrogate alone" },
  { '"\\ude00"', "\239\191\189", "a low surrogate alone" },
  { '"caf\\ud83dx"', "caf\239\191\189x", "a high surrogate before a letter" },
  { '"\\ud83d\\n"', "\239\191\189\n", "a high surrogate before another escape" },
  { '"\\ud83d\\u0041"', "\239\191\189A", "a high surrogate before a code point" },
  { '"\\ud83d\\ud83d\\ude00"', "\239\191\189\240\159\152\128", "a high surrogate before a pair" },
  { '"\\u0000"', "\0" },
  { '"\127"', "\127" },
  { '"\195\188"', "\195\188" },
  { '"\255\192\128"', "\255\192\128", "bytes that are not UTF-8" },
  { '"\237\160\128"', "\237\160\128", "a surrogate in UTF-8" },
  { '"' .. ("x"):rep(1000) .. '\\n"', ("x"):rep(1000) .. "\n" },
  { "0", 0 },
  { "-0", 0 },
  { "7", 7 },
  { "-12", -12 },
  { "0.5", 0.5 },
  { "-0.25", -0.25 },
  { "1e2", 100 },
  { "1E+2", 100 },
  { "25e-1", 2.5 },
  { "0e5", 0 },
  { "1e-400", 0, "a number too small for a double" },
  { "1.7976931348623157e308", 1.7976931348623157e308 },
  { "1" .. ("0"):rep(308), 1e308 },
  { "[]", {} },
  { "{}", {} },
  { "[1,[2],{}]", { 1, { 2 }, {} } },
  { " \t\r\n[ 1 , 2 ] ", { 1, 2 } },
  { '{"a":{"b":[true]}}', { a = { b = { true } } } },
  { '{"":1}', { [""] = 1 } },
  { '{"a":1,"a":2}', { a = 2 } },
  { '{"a":1,"a":null}', {} },
  { '{"a":null,"a":1}', { a = 1 } },
  { '{"\\u0073id":"x"}', { sid = "x" }, "a name with an escape" },
}

-- A text, its problem, and the byte of that.
local MALFORMED = {
  { "{", "unexpected end", 2 },
  { '{"a', "unexpected end", 4 },
  { '{"a"', "unexpected end", 5 },
  { '{"a":', "unexpected end", 6 },
  { '{"a":1', "unexpected end", 7 },
  { '{"a":1,', "unexpected end", 8 },
  { '{"a":tru', "unexpected end", 9 },
  { '{"a":-', "unexpected end", 7 },
  { '{"a":1.', "unexpected end", 8 },
  { '{"a":1e', "unexpected end", 8 },
  { '{"a":"\\', "unexpected end", 8 },
  { '{"a":"\\u12', "unexpected end", 11 },
  { '{"a":[1', "unexpected end", 8 },
  { "{} {}", "unexpected text after the value", 4 },
  { "{}x", "unexpected text after the value", 3 },
  { "{}\0", "unexpected text after the value", 3 },
  { '{"a"}', "unexpected character", 5 },
  { '{"a" 1}', "unexpected character", 6 },
  { '{"a":}', "unexpected character", 6 },
  { '{"a":1,}', "unexpected character", 8 },
  { '{,"a":1}', "unexpected character", 2 },
  { '{"a":1 "b":2}', "unexpected character", 8 },
  { '{"a":1;"b":2}', "unexpected character", 7 },
  { '{"a":1]', "unexpected character", 7 },
  { '{"a":[1}', "unexpected character", 8 },
  { '{"a":[1,]}', "unexpected character", 9 },
  { '{"a":[,1]}', "unexpected character", 7 },
  { '{"a":[1 2]}', "unexpected character", 9 },
  { "{a:1}", "unexpected character", 2 },
  { "{'a':1}", "unexpected character", 2 },
  { "{1:1}", "unexpected character", 2 },
  { "{null:1}", "unexpected character", 2 },
  { "{\0}", "unexpected character", 2 },
  { '{"a":\0}', "unexpected character", 6 },
  { '{"a":True}', "unexpected character", 6 },
  { '{"a":trux}', "unexpected character", 9 },
  { '{"a":truee}', "unexpected character", 10 },
  { '{"a":nan}', "unexpected character", 7 },
  { '{"a":NaN}', "unexpected character", 6 },
  { '{"a":Infinity}', "unexpected character", 6 },
  { '{"a":+1}', "unexpected character", 6 },
  { '{"a":.5}', "unexpected character", 6 },
  { '{"a":/**/1}', "unexpected character", 6 },
  { '{"a":\f1}', "unexpected character", 6 },
  { '{"a":\194\1601}', "unexpected character", 6 },
  { '{"a":012}', "unexpected character", 7 },
  { '{"a":-012}', "unexpected character", 8 },
  { '{"a":0x10}', "unexpected character", 7 },
  { '{"a":1_000}', "unexpected character", 7 },
  { '{"a":1,5}', "unexpected character", 8 },
  { '{"a":-}', "malformed number", 7 },
  { '{"a":--1}', "malformed number", 7 },
  { '{"a":-inf}', "malformed number", 7 },
  { '{"a":-.5}', "malformed number", 7 },
  { '{"a":1.}', "malformed number", 8 },
  { '{"a":1.e3}', "malformed number", 8 },
  { '{"a":1e}', "malformed number", 8 },
  { '{"a":1e+}', "malformed number", 9 },
  { '{"a":1e400}', "number out of range", 6 },
  { '{"a":-1e309}', "number out of range", 6 },
  { '{"a":1' .. ("0"):rep(309) .. "}", "number out of range", 6 },
  { '{"a":"\\x"}', "invalid escape", 8 },
  { '{"a":"\\\0"}', "invalid escape", 8 },
  { '{"a":"\\u12g4"}', "invalid escape", 11 },
  { '{"a":"\\U0041"}', "invalid escape", 8 },
  { '{"a":"\\u"}', "invalid escape", 9 },
  { '{"a":"b\nc"}', "control character in a string", 8 },
  { '{"a":"b\tc"}', "control character in a string", 8 },
  { '{"a":"\0"}', "control character in a string", 7 },
  { '{"a":"' .. ("x"):rep(40) .. '\31"}', "control character in a string", 47 },
  { '{"a\n":1}', "control character in a string", 4 },
  { '{"a":' .. ("["):rep(32), "nested too deeply", 37 },
}

describe("the JSON reader", function()
  it("accepts what RFC 8259 allows", function()
    for _, case in ipairs(VALUES) do
      assert.same(case[2], value_of(case[1]), case[3] or case[1])
    end
  end)

  it("rejects what RFC 8259 forbids, with the problem and its position", function()
    for _, case in ipairs(MALFORMED) do
      local object, why = core.decode(case[1])
      assert.is_nil(object, case[1])
      assert.equal(("malformed JSON at byte %d: %s"):format(case[3], case[2]), why, case[1])
    end
  end)

  it("reports that any other value is not an object", function()
    for _, text in ipairs { "", " ", "[]", "1", '"{}"', "null", "<html>", "\239\187\191{}" } do
      assert.same({ nil, "not a JSON object" }, { core.decode(text) }, text)
    end
  end)

  it("finds the end of a string at any position", function()
    for length = 0, 70 do
      for _, tail in ipairs { "", "\\n", "\195\188" } do
        local read = value_of('"' .. ("x"):rep(length) .. tail .. '"')
        assert.equal(("x"):rep(length) .. tail:gsub("\\n", "\n"), read)
      end
      assert.is_nil((core.decode('{"v":"' .. ("x"):rep(length) .. "\30" .. ("y"):rep(40) .. '"}')))
    end
  end)

  it("rejects every text that is truncated at any byte", function()
    local text = '{"sid":"PN\\u00e9","a":[1.5e3,true,null,{"b":"\\n"}],"c":-0.25}'
    assert.is_table(core.decode(text))
    for length = 1, #text - 1 do
      local object, why = core.decode(text:sub(1, length))
      assert.is_nil(object)
      assert.truthy(why:find("unexpected end", 1, true), why)
    end
  end)

  it("reads any number of members, with room for each", function()
    for _, count in ipairs { 1, 2, 127, 128, 129, 1000, 20000 } do
      local parts = {}
      for i = 1, count do
        parts[i] = ('"n%d":[%d]'):format(i, i)
      end
      local object = assert(core.decode("{" .. table.concat(parts, ",") .. "}"))
      for i = 1, count, 97 do
        assert.same({ i }, object["n" .. i])
      end
      assert.equal(count, value_of("[" .. ("7,"):rep(count - 1) .. "7]")[count] and count)
    end
  end)

  it("keeps integers exact if Lua has them, and uses the nearest number otherwise", function()
    local cases = {
      "9007199254740993",
      "-9007199254740993",
      "9223372036854775807",
      "-9223372036854775808",
      "1234567890123456789",
    }
    for _, text in ipairs(cases) do
      local value = value_of(text)
      if number_type then
        assert.equal(text, ("%d"):format(value))
        assert.equal("integer", number_type(value))
      else
        assert.equal(tonumber(text), value)
      end
    end
    for _, text in ipairs { "9223372036854775808", "-9223372036854775809", "18446744073709551616" } do
      assert.equal(tonumber(text .. ".0"), value_of(text), text)
    end
  end)

  it("reads a page of the largest size on a small stack", function()
    local output, status = interpreter.result(
      [[
        local core = require("twilio.numbers.core")
        local item = '{"a":' .. ("["):rep(29) .. '"x\\n"' .. ("]"):rep(29) .. "},"
        local count = math.floor(4 * 1024 * 1024 / #item) - 1
        local page = '{"list":[' .. item:rep(count) .. "{}]}"
        local list = assert(core.decode(page)).list
        assert(#list == count + 1 and #page > 4000000)
        print("read")
      ]],
      120,
      { before = "ulimit -s 128;" }
    )
    assert.same({ "read\n", 0 }, { output, status })
  end)
end)
