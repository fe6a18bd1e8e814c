-- The JSON that twilio-numbers prints: always valid, and without terminal control characters.
local cjson = require("cjson")
local core = require("twilio.numbers.core")
local interpreter = require("spec.support.interpreter")
local json = require("twilio.numbers.command.json")
local streams = require("twilio.numbers.command.streams")

describe("twilio-numbers --json", function()
  local print, printed = streams.print, nil

  before_each(function()
    printed = {}
    streams.print = function(text)
      printed[#printed + 1] = text
    end
  end)

  after_each(function()
    streams.print = print
  end)

  --- The printed text of a field.
  local function field(value)
    json.object { field = value }
    return table.remove(printed):match('^{"field":(.*)}$')
  end

  it("prints null for NaN and values that JSON does not have", function()
    for _, value in ipairs { 1 / 0, -1 / 0, 0 / 0, print, coroutine.create(print), io.stdout } do
      assert.equal("null", field(value))
    end
    assert.equal('{"deep":[1,null]}', field { deep = { 1, 1 / 0 } })
    assert.equal('{"true":1}', field { [true] = 1 })
  end)

  it("prints JSON's values unchanged", function()
    for text, value in pairs {
      ["1.5"] = 1.5,
      ["-7"] = -7,
      ["true"] = true,
      ["false"] = false,
      ['"a/b"'] = "a/b",
      ['["x"]'] = { "x" },
    } do
      assert.equal(text, field(value))
    end
  end)

  it("prints every digit of a number", function()
    for given, text in pairs {
      ["0"] = "0",
      ["415.0"] = "415",
      ["9007199254740992"] = "9007199254740992",
      ["-123456789012345"] = "-123456789012345",
      ["0.1"] = "0.1",
      ["0.30000000000000004"] = "0.30000000000000004",
      ["1234567890.123456"] = "1234567890.123456",
      ["1e300"] = "1e+300",
      ["1.7976931348623157e308"] = "1.7976931348623157e+308",
    } do
      assert.equal(text, field(core.decode('{"a":' .. given .. "}").a))
    end
    if math.type then -- luacheck: ignore 143
      for _, text in ipairs { "9223372036854775807", "-9223372036854775808" } do
        assert.equal(text, field(core.decode('{"a":' .. text .. "}").a))
      end
    end
  end)

  it("prints the fields of an object in the order of their names, at every depth", function()
    local fields = {}
    for code = ("z"):byte(), ("a"):byte(), -1 do
      fields[string.char(code)] = { b = code, a = { code } }
    end
    json.object(fields)
    local names = {}
    for name, rest in table.remove(printed):gmatch('"(%l)":{(.-)}') do
      names[#names + 1] = name
      assert.matches('^"a":%[%d+%],"b":%d+$', rest)
    end
    assert.equal("abcdefghijklmnopqrstuvwxyz", table.concat(names))
  end)

  it("prints a list with holes as a list, and a sparse one as an object", function()
    assert.equal("[1,null,3]", field { 1, nil, 3 })
    assert.equal('{"1":1,"90":2}', field { [1] = 1, [90] = 2 })
    assert.equal("{}", field {})
  end)

  it("prints whole characters, and U+FFFD for invalid bytes", function()
    for bytes, expected in pairs {
      ["\195\188\226\130\172\240\159\152\128"] = "\195\188\226\130\172\240\159\152\128",
      ["\233"] = "\239\191\189",
      ["\155[2J"] = "\239\191\189[2J", -- CSI where C1 is one byte
      ["\195"] = "\239\191\189",
      ["\226\130"] = ("\239\191\189"):rep(2),
      ["\192\128"] = ("\239\191\189"):rep(2), -- overlong
      ["\237\160\128"] = ("\239\191\189"):rep(3), -- a surrogate
      ["\244\144\128\128"] = ("\239\191\189"):rep(4), -- beyond U+10FFFF
      ["a\233b\195\188c"] = "a\239\191\189b\195\188c",
    } do
      assert.equal('"' .. expected .. '"', field(bytes))
      json.object { [bytes] = 1 }
      assert.equal('{"' .. expected .. '":1}', table.remove(printed))
    end
  end)

  it("prints no raw control character", function()
    local text = {}
    for code = 0, 31 do
      text[#text + 1] = string.char(code)
    end
    for code = 127, 159 do
      text[#text + 1] = code < 128 and string.char(code) or "\194" .. string.char(code)
    end
    local got = field(table.concat(text))
    assert.is_nil(got:find("[%c\127]"))
    assert.is_nil(got:find("\194[\128-\159]"))
    assert.equal(table.concat(text), cjson.decode('["' .. got:sub(2, -2) .. '"]')[1])
  end)

  it("prints an empty list within a listed object as a list", function()
    json.array_with_lists({ { a = false, list = {} }, { a = 1, list = { "\233" } } }, "list")
    json.array_with_lists({}, "list")
    assert.same(
      { '[{"a":false,"list":[]},{"a":1,"list":["\239\191\189"]}]', "[]" },
      { printed[1], printed[2] }
    )
  end)

  it("prints lists of objects with the same rules", function()
    json.array { { name = "\233", value = 0 / 0 } }
    json.array {}
    json.object_with_list({ bought = 1 }, "results", { { name = "\233" } })
    assert.same({
      '[{"name":"\239\191\189","value":null}]',
      "[]",
      '{"bought":1,"results":[{"name":"\239\191\189"}]}',
    }, {
      (printed[1]:gsub('{"value":null,"name":(".-")}', '{"name":%1,"value":null}')),
      printed[2],
      printed[3],
    })
  end)
end)

describe("twilio-numbers --json that Ctrl-C or a defect ends", function()
  --- Runs the command; `what` is where Ctrl-C comes.
  local function run(what, ...)
    local program = ([[
      local process = require("spec_process")
      local function stop()
        process.kill(process.pid(), 2)
        error("too late")
      end
      %s
      os.exit(require("twilio.numbers.command").run { "%s" })
    ]]):format(what, table.concat({ ... }, '", "'))
    local variables = {
      TWILIO_ACCOUNT_SID = "AC" .. ("0"):rep(32),
      TWILIO_AUTH_TOKEN = "token",
      TWILIO_BASE_URL = "http://127.0.0.1:1",
    }
    local output, code = interpreter.result(program, 30, { variables = variables })
    local object = output:match("{[^\n]*}")
    return object and cjson.decode(object).error or {}, code, output
  end

  it("prints an error that says that nothing was bought", function()
    local where = 'require("twilio.numbers.command.search").run = stop'
    local err, code = run(where, "search", "US", "local", "--json")
    assert.same({ "cancelled", "no", 1 }, { err.kind, err.purchased, code })
  end)

  it("prints an error that says that a number may have been bought", function()
    local where = [[
      require("twilio.numbers.command.purchase").run = function(context)
        context.args.has_begun = true
        stop()
      end]]
    local err, code = run(where, "buy", "+14155550100", "--yes", "--even-if-owned", "--json")
    assert.same({ "cancelled", "unknown", 3 }, { err.kind, err.purchased, code })
  end)

  it("prints another kind for an error that is not Ctrl-C", function()
    local where = [[
      require("twilio.numbers.command.search").run = function()
        error("a defect", 0)
      end]]
    local err, code = run(where, "search", "US", "local", "--json")
    assert.same({ "internal", "a defect", "no", 1 }, { err.kind, err.message, err.purchased, code })
  end)

  it("sends nothing if it could not print the result", function()
    local where = [[
      package.loaded.cjson, package.preload.cjson = nil, function() error("none", 0) end
      require("twilio.numbers.command.search").run = function() print("sent") end]]
    local _, code, output = run(where, "search", "US", "local", "--json")
    assert.same({ "twilio-numbers: none\n", 1 }, { output, code })
  end)

  it("says whether a number may have been bought if it could not print the result", function()
    local where = [[
      package.loaded.cjson, package.preload.cjson = nil, function() error("none", 0) end]]
    local _, code, output = run(where, "buy", "+14155550100", "--yes", "--json")
    assert.same({ "twilio-numbers: none\nNothing was bought.\n", 1 }, { output, code })
    _, code, output = run(where, "buy", "+14155550100", "--yes", "--json", "--key", "order 1")
    assert.same({
      "twilio-numbers: none\n"
        .. "A number may have been bought: repeat the command with --key 'order 1'\n",
      3,
    }, { output, code })
  end)

  it("prints no second object after the result", function()
    local where = [[
      require("twilio.numbers.command.search").run = function()
        require("twilio.numbers.command.json").array {}
        stop()
      end]]
    local err, _, output = run(where, "search", "US", "local", "--json")
    assert.same({}, err)
    assert.matches("%[%]", output)
  end)
end)
