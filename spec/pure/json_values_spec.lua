local cjson = require("cjson")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")

local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")

local number_type = math.type -- luacheck: ignore 143

local SID = "PN" .. ("0123456789abcdef"):rep(2)

--- Calls f(value, path) for everything in a table.
local function visit(value, f, path)
  f(value, path or "answer")
  if type(value) == "table" then
    for k, v in pairs(value) do
      visit(v, f, (path or "answer") .. "." .. tostring(k))
    end
  end
end

describe("a response body", function()
  it("keeps every field, known or new", function()
    local text = '{"sid":"%s","capabilities":{"sms":true,"fax":false},"new":["a",{"b":"c"}]}'
    assert.same({
      sid = SID,
      capabilities = { sms = true, fax = false },
      new = { "a", { b = "c" } },
    }, core.decode(text:format(SID)))
  end)

  it("has no null at any depth", function()
    local text = '{"a":null,"b":{"c":null,"d":{"e":null,"f":1}},"g":[{"h":null}],"i":[null]}'
    assert.same({ b = { d = { f = 1 } }, g = { {} }, i = {} }, core.decode(text))
  end)

  it("has no null, however many there are", function()
    local fields = {}
    for i = 1, 500 do
      fields[i] = ('"n%d":null,"v%d":%d.0'):format(i, i, i)
    end
    local answer = core.decode("{" .. table.concat(fields, ",") .. "}")
    local count = 0
    for name, value in pairs(answer) do
      assert.equal(name, ("v%d"):format(value))
      count = count + 1
    end
    assert.equal(500, count)
  end)

  it("has plain tables without metatables", function()
    local answer = core.decode('{"a":[],"b":{},"c":[[{}]],"__index":{"x":1},"__gc":1}')
    visit(answer, function(value, path)
      if type(value) == "table" then
        assert.is_nil(debug.getmetatable(value), path)
      end
    end)
    assert.is_nil(answer.x)
  end)

  it("has integers for whole numbers", function()
    local text = '{"a":0,"b":-7,"c":21422,"d":[1,2],"e":{"f":9007199254740992},"g":1e3,"h":5.0}'
    local answer = core.decode(text)
    assert.equal("0 -7 21422", ("%s %s %s"):format(answer.a, answer.b, answer.c))
    assert.equal(2, answer.d[2])
    assert.equal(1000, answer.g)
    if number_type then
      visit(answer, function(value, path)
        if type(value) == "number" then
          assert.equal("integer", number_type(value), path)
        end
      end)
    end
  end)

  it("has floats for fractions and numbers beyond an integer's range", function()
    local answer = core.decode('{"a":1.5,"b":-0.25,"c":1e300,"d":12345678901234567890}')
    assert.equal(1.5, answer.a)
    assert.equal(-0.25, answer.b)
    assert.equal(1e300, answer.c)
    assert.equal(12345678901234567890, answer.d)
    if number_type then
      visit(answer, function(value, path)
        if type(value) == "number" then
          assert.equal("float", number_type(value), path)
        end
      end)
    end
  end)

  it("takes the last of several fields with one name", function()
    assert.equal(3, core.decode('{"a":1,"a":{"b":2},"a":3}').a)
    assert.is_nil(core.decode('{"a":1,"a":null}').a)
  end)

  it("passes on the bytes of a string", function()
    assert.equal("\195\188", core.decode('{"a":"\\u00fc"}').a)
    assert.equal("\240\159\152\128", core.decode('{"a":"\\ud83d\\ude00"}').a)
    assert.equal("a\0b", core.decode('{"a":"a\\u0000b"}').a)
    assert.equal("\255", core.decode('{"a":"\255"}').a)
  end)

  it("keeps the positions in an array with nulls", function()
    local a = core.decode('{"a":[null,1,null,{"b":2}]}').a
    assert.equal(1, a[2])
    assert.same({ b = 2 }, a[4])
    assert.is_nil(a[1] or a[3])
  end)

  it("may be nested up to a limit", function()
    local function nested(depth, open, close)
      return '{"a":' .. open:rep(depth) .. close:rep(depth) .. "}"
    end
    assert.is_table(core.decode(nested(31, "[", "]")))
    assert.is_nil((core.decode(nested(32, "[", "]"))))
    assert.is_nil((core.decode(nested(100000, "[", "]"))))
    assert.is_nil((core.decode('{"a":' .. ('{"a":'):rep(100000))))
    assert.is_nil((core.decode(("["):rep(1000000))))
  end)

  it("is an object", function()
    assert.same({}, core.decode("{}"))
    assert.same({}, core.decode(" \t\r\n{} \n"))
    for _, text in ipairs { "[]", '[{"sid":1}]', '"{}"', "1", "true", "null", "" } do
      local answer, why = core.decode(text)
      assert.is_nil(answer, text)
      assert.truthy(why:find("not a JSON object", 1, true), why)
    end
  end)

  it("must be JSON", function()
    local bad =
      { "{} {}", "{}\0", "{}\0nonsense", "\239\187\191{}", "<html>", "{" .. ("\0"):rep(1000000) }
    for _, text in ipairs(bad) do
      local answer, why = core.decode(text)
      assert.is_nil(answer, text:sub(1, 40))
      assert.is_string(why)
    end
  end)

  it("is read the same whatever the shared cjson module's settings", function()
    cjson.decode_max_depth(7)
    cjson.decode_invalid_numbers(true)
    finally(function()
      cjson.decode_max_depth(1000)
    end)
    assert.is_table(core.decode('{"a":' .. ("["):rep(20) .. ("]"):rep(20) .. "}"))
    assert.is_nil((core.decode('{"a":NaN}')))
  end)

  it("is read in a process without lua-cjson", function()
    local output = interpreter.output([[
      package.preload.cjson = function() error("cjson was asked for") end
      local core = require("twilio.numbers.core")
      print(core.decode('{"a":1}').a, (pcall(require, "twilio.numbers.curl")))
    ]])
    assert.equal("1\ttrue\n", output)
  end)
end)

describe("a response to a purchase", function()
  local function filled(text)
    local response = core.new_response()
    response:begin("POST")
    response:fill("answered", true, 201, nil, text)
    return response
  end

  it("is a phone number if it has a phone number SID", function()
    local response = filled(('{"sid":"%s","phone_number":"+15005550006"}'):format(SID))
    assert.same({ sid = SID, phone_number = "+15005550006" }, response:number())
  end)

  local bad = {
    "{}",
    '{"sid":null}',
    '{"sid":12}',
    '{"sid":{}}',
    '{"sid":""}',
    '{"sid":"PN"}',
    ('{"sid":"AC%s"}'):format(SID:sub(3)),
    ('{"Sid":"%s"}'):format(SID),
    ('{"number":{"sid":"%s"}}'):format(SID),
    ('{"sid":"%s"'):format(SID),
    ('[{"sid":"%s"}]'):format(SID),
    "",
  }

  it("is otherwise a purchase whose description was lost", function()
    for _, text in ipairs(bad) do
      local response = filled(text)
      assert.is_nil((response:number()), text)
      local purchased, again, kind = response:verdict(false)
      assert.same({ "yes", nil, "response" }, { purchased, again, kind }, text)
    end
  end)

  it("has the same verdict with libcurl's transport", function()
    for _, text in ipairs(bad) do
      local head = "HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s"
      local base_url, child = raw_server.start(head:format(#text, text))
      local client = assert(numbers.client {
        account_sid = "AC" .. ("0"):rep(32),
        auth_token = "x",
        base_url = base_url,
        retries = 0,
        timeout = 10,
      })
      local number, _, err = client:purchase { area_code = "415" }
      client:close()
      process.wait(child)
      assert.is_nil(number, text)
      assert.same({ "response", "yes" }, { err.kind, err.purchased }, text)
    end
  end)
end)
