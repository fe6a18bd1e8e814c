-- A host may set a locale with a decimal comma, before the module is loaded or at any time after.
local interpreter = require("spec.support.interpreter")

local LOCALE = "de_DE.UTF-8"

-- With the comma, each number is read like tonumber() reads it with the point.
local NUMBERS = [[
  local core = require("twilio.numbers.core")
  local texts = { -- some between two doubles, some of more digits than any double needs
    "0.1", "-0.5", "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9e-324", "2e-324", "1e-400",
    "1.7976931348623157e308", "9007199254740993.0", "9007199254740992.5",
    "0.000000000000000000000000000001", "123456789012345678901234567890", "5e-324", "1e22", "1e23", "1e-22",
    "9.5367431640625e-7", "1." .. ("0"):rep(900) .. "1", ("9"):rep(300) .. ".5",
    "0." .. ("0"):rep(350) .. "1e351", "1" .. ("0"):rep(17) .. "1.5",
    "9007199254740993" .. ("0"):rep(800) .. "1e-801",
  }
  math.randomseed(8259)
  for _ = 1, 20000 do
    local digits = {}
    for i = 1, math.random(1, 25) do
      digits[i] = math.random(0, 9)
    end
    local text = table.concat(digits):gsub("^0+(%d)", "%1")
    local point = math.random(0, #text - 1)
    if point > 0 then
      text = text:sub(1, point):gsub("^0+(%d)", "%1") .. "." .. text:sub(point + 1)
    end
    local exponent = math.random(-350, 280)
    text = (math.random(2) == 1 and "-" or "") .. text
    texts[#texts + 1] = text .. (exponent % 3 > 0 and "e" .. exponent or "")
  end
  local expected = {}
  for i, text in ipairs(texts) do
    expected[i] = tonumber(text)
  end
  assert(os.setlocale("de_DE.UTF-8"))
  for i, text in ipairs(texts) do
    local read, why = core.decode('{"v":' .. text .. "}")
    assert(read, why)
    assert(read.v == expected[i], text)
  end
  print("compared", #texts)
]]

-- A program, with a %s wherever it may set the locale.
local BUYS = [[
  local function comma() assert(os.setlocale("de_DE.UTF-8")) end
  local function point() assert(os.setlocale("C")) end
  %s
  local scripted = require("spec.support.scripted")
  %s
  local client = scripted.client {
    POST = {
      { status = 400, body = scripted.refusal(21422, "not available") },
      { status = 201, body = scripted.body() },
    },
    GET = { { status = 200, body = scripted.page { scripted.PHONE } } },
  }
  %s
  local _, _, err = client:purchase { phone_number = scripted.PHONE }
  assert(err.code == 21422 and err.message:find("not available", 1, true), err.message)
  assert(client:purchase { phone_number = scripted.PHONE })
  %s
  assert(#assert(client:list()):all() == 1)
  local found = require("twilio.numbers.core").decode('{"latitude":37.5,"code":21422,"many":1.5e3}')
  assert(found.latitude == 37 + 1 / 2 and found.code == 21422 and found.many == 1500)
  print("right")
]]

describe("a locale with a decimal comma", function()
  local folder

  setup(function()
    folder = io.popen("mktemp -d"):read("*l")
    local made = os.execute(("localedef -i de_DE -f UTF-8 %s/%s"):format(folder, LOCALE))
    assert(made == 0 or made == true, "localedef, of Debian's package locales, is needed")
  end)

  teardown(function()
    os.execute("rm -r " .. folder)
  end)

  local function run(program)
    return { interpreter.result(program, 60, { variables = { LOCPATH = folder } }) }
  end

  it("does not change numbers in a response", function()
    assert.same({ "compared\t20022\n", 0 }, run(NUMBERS))
  end)

  local TIMES = {
    ["before the module is loaded"] = { "comma()", "", "", "" },
    ["after it is loaded"] = { "", "comma()", "", "" },
    ["after a client is made"] = { "", "", "comma()", "" },
    ["between two calls"] = { "", "", "", "comma()" },
    ["and taken back later"] = { "comma()", "", "point()", "" },
  }
  for name, places in pairs(TIMES) do
    it("does not change errors and lists when it is set " .. name, function()
      assert.same({ "right\n", 0 }, run(BUYS:format(places[1], places[2], places[3], places[4])))
    end)
  end
end)
