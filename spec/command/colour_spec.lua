-- Colours of twilio-numbers, and a terminal of 60 columns.
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")
local terminal = require("spec.support.terminal")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

local GREEN, YELLOW, RED = "\27[32m", "\27[33m", "\27[31m"

describe("On a terminal, twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)
  local screen

  --- Runs it, and waits for its end.
  ---@return string screen with its colours
  local function run(settings, columns, ...)
    local all = command.settings(twilio)
    for name, value in pairs(settings) do
      all[name] = value
    end
    screen = terminal.run(command.line(all, { ... }), columns)
    screen:wait("exit ")
    local text = screen:colours()
    screen:close()
    return text
  end

  it("shows in green what was bought and released", function()
    local text = run({}, 180, "buy", "+14155550150", "-y")
    assert.matches(GREEN .. "Bought +14155550150.", text, 1, true)
    text = run({}, 180, "buy", "+14155550151", "+14155550152", "-y")
    assert.matches(GREEN .. "2/2 bought", text, 1, true)
    text = run({}, 180, "release", "+14155550150", "-y")
    assert.matches(GREEN .. "released", text, 1, true)
  end)

  it("shows in red what was refused, and in yellow what is unknown", function()
    local text = run({}, 180, "buy", "+15005550000", "-y")
    assert.matches(RED .. "twilio-numbers:", text, 1, true)
    text = run({}, 180, "buy", "+15005550000", "+14155550150", "-y")
    assert.matches(RED .. ", 1 refused", text, 1, true)
    twilio:fault { fault = "close_after_commit", method = "POST", times = 50 }
    twilio:fault { fault = "status", status = 403, method = "GET", skip = 1, times = 50 }
    text = run({}, 180, "buy", "+14155550153", "-y")
    assert.matches(YELLOW .. "twilio-numbers:", text, 1, true)
  end)

  it("shows none with NO_COLOR, or where the terminal is dumb", function()
    for _, settings in ipairs { { NO_COLOR = "1" }, { TERM = "dumb" }, { TERM = "" } } do
      local text = run(settings, 180, "buy", "+15005550000", "+15005550001", "-y")
      assert.matches("refused", text, 1, true)
      assert.is_nil(text:find(RED, 1, true), text)
    end
  end)

  it("fits tables into 60 columns, those with wide characters too", function()
    command.run(
      command.settings(twilio),
      "buy",
      "+14155550150",
      "-y",
      "--set",
      "friendly_name=東京 café"
    )
    for _, words in ipairs {
      { "list" },
      { "search", "--limit", "3" },
      { "requirements", "DE", "local" },
      { "countries" },
      { "release", "+14155550150", "-y" },
    } do
      local text = run({ NO_COLOR = "1" }, 60, (table.unpack or unpack)(words)) -- luacheck: ignore
      local first, count = text:find("\nexit 0", 1, true), 0
      assert.is_truthy(first, text)
      -- a row that the terminal had to break would begin with something else than a cell
      for line in text:sub(1, first):gmatch("[^\n]+") do
        count = count + 1
        assert.is_nil(line:find("^[%l%d]+$"), text)
      end
      assert.is_true(count > 1, text)
    end
  end)

  it("wraps its plan between words", function()
    screen =
      terminal.run(command.line(command.settings(twilio), { "buy", "--area-code", "415" }), 60)
    local text = screen:wait("[y/N]")
    screen:close()
    assert.matches(", for\naccount AC%x+ at\nhttps://", text)
  end)
end)

describe("In a pipe, twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  it("shows no colours, and whole tables whatever COLUMNS says", function()
    local settings = command.settings(twilio)
    settings.TERM, settings.COLUMNS = "xterm", "40"
    local out, code, err = command.run(settings, "buy", "+14155550150", "+15005550000", "-y")
    assert.equal(1, code)
    assert.is_nil((out .. err):find("\27", 1, true))
    assert.matches("\n%+14155550150  PN%x+  %(415%) 555%-0150  voice sms mms\n", out)
  end)

  it("prints the columns that are asked for, as a table or as CSV", function()
    local settings = command.settings(twilio)
    command.run(settings, "buy", "+14155550150", "-y", "--set", 'friendly_name=Desk, "front"')
    local out = command.run(settings, "list", "--columns", "phone_number,voice_method")
    assert.equal("NUMBER        VOICE METHOD\n+14155550150  POST\n", out)
    out = command.run(settings, "list", "--csv", "--columns", "friendly_name,phone_number")
    assert.equal('friendly_name,phone_number\n"Desk, ""front""",+14155550150\n', out)
    out = command.run(settings, "search", "--limit", "1", "--csv")
    assert.equal(
      "phone_number,locality,region,capabilities,price,address_requirements\n"
        .. "+14155550100,San Francisco,CA,voice sms mms,1.15 USD,\n",
      out
    )
  end)
end)
