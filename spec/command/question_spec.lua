-- What twilio-numbers asks before it buys, releases or hands over, in a real terminal, and dry runs.
local cjson = require("cjson")
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")
local terminal = require("spec.support.terminal")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("The question of twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)
  local screen

  local function open(...)
    screen = terminal.run(command.line(command.settings(twilio), { ... }))
  end

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  after_each(function()
    if screen then
      screen:close()
      screen = nil
    end
  end)

  it("names a number with its place and its price", function()
    open("buy", "+14155550177")
    local text = screen:wait("[y/N]")
    assert.matches("\n  +14155550177, San Francisco, CA, 1.15 USD a month\n", text, 1, true)
    assert.matches("\nBuy 1 number for 1.15 USD a month? [y/N]", text, 1, true)
    assert.equal(0, twilio:state().posts)
    screen:type("y Enter")
    assert.matches("Bought +14155550177.", screen:wait("exit 0"), 1, true)
  end)

  it("names several numbers, and adds up what they cost", function()
    open("buy", "+14155550177", "+18005550177")
    local text = screen:wait("[y/N]")
    assert.matches("\n  +18005550177, US, 2.15 USD a month\n", text, 1, true)
    assert.matches("\nBuy 2 numbers for 3.30 USD a month?", text, 1, true)
  end)

  it("says that the price of a named number is not known, and asks", function()
    open("buy", "+49301234567")
    local text = screen:wait("[y/N]")
    assert.matches(
      "known: +49301234567 is not among the numbers that Twilio sells now.",
      text,
      1,
      true
    )
    assert.matches("\nBuy 1 number anyway? [y/N]", text, 1, true)
    screen:close()
    twilio:fault {
      fault = "status",
      status = 403,
      code = 20003,
      path = "/v1/PhoneNumbers",
      times = 9,
    }
    open("buy", "+14155550177")
    text = screen:wait("[y/N]")
    assert.matches("\n  +14155550177, San Francisco, CA\nThe price is not known: ", text, 1, true)
    screen:type("y Enter")
    screen:wait("exit 0")
    assert.equal(1, twilio:state().purchases)
  end)

  it("adds up no prices of several currencies", function()
    local list = cjson.decode((run("search", "GB", "mobile", "--limit", "1", "--json")))
    local prices = [[{"iso_country":"GB","price_unit":"GBP","phone_number_prices":
      [{"number_type":"mobile","base_price":"6.00","current_price":"5.50"}]}]]
    twilio:fault { fault = "status", status = 200, body = prices, path = "/Countries/GB" }
    open("buy", "+14155550177", list[1].phone_number)
    local text = screen:wait("[y/N]")
    assert.matches(", GB, 5.50 GBP a month\n", text, 1, true)
    assert.matches("the prices are in several currencies.\nBuy 2 numbers anyway?", text, 1, true)
  end)

  it("looks up no more than ten numbers that are named", function()
    local words = { "buy" }
    for i = 0, 10 do
      words[#words + 1] = ("+141555502%02d"):format(i)
    end
    open((table.unpack or unpack)(words)) -- luacheck: ignore
    local text = screen:wait("[y/N]")
    assert.matches(
      "prices are looked up for up to 10 numbers at a time.\nBuy 11 numbers anyway",
      text,
      1,
      true
    )
    assert.equal(0, twilio:state().requests)
  end)

  it("is not asked where a named number costs more than --max-price, or no number fits", function()
    open("buy", "+18005550177", "--max-price", "2.14")
    local text = screen:wait("exit 1")
    assert.matches("costs 2.15 USD a month, and max_price is 2.14 USD", text, 1, true)
    assert.not_matches("y/N", text, 1, true)
    screen:close()
    open("buy", "--area-code", "999")
    text = screen:wait("exit 1")
    assert.matches(
      "no number matches the filter (1 local number in US with area code 999)",
      text,
      1,
      true
    )
    assert.not_matches("y/N", text, 1, true)
    assert.equal(0, twilio:state().posts)
  end)

  it("names numbers such as those that will be bought, where any fit", function()
    open("buy", "--area-code", "415", "--count", "2")
    local text = screen:wait("[y/N]")
    local _, count = text:gsub("\n  such as %+1415%d+, San Francisco, CA", "")
    assert.equal(2, count)
  end)

  it("is asked without such numbers where the search fails", function()
    local path = "AvailablePhoneNumbers/US/Local.json"
    twilio:fault { fault = "status", status = 500, method = "GET", path = path, times = 9 }
    open("buy", "--area-code", "415")
    local text = screen:wait("[y/N]")
    assert.matches("Buy 1 number for 1.15 USD a month?", text, 1, true)
    assert.not_matches("such as", text, 1, true)
  end)

  it("of a release shows what is lost with each number", function()
    local urls =
      { "--set", "voice_url=https://example.com/voice", "--set", "sms_url=https://example.com/sms" }
    run(
      "buy",
      "+14155550177",
      "-y",
      "--set",
      "friendly_name=Front desk",
      urls[1],
      urls[2],
      urls[3],
      urls[4]
    )
    open("release", "+14155550177")
    local text = screen:wait("[y/N]")
    for _, line in ipairs {
      "    friendly_name: Front desk\n",
      "    voice_url: https://example.com/voice\n",
      "    sms_url: https://example.com/sms\n",
    } do
      assert.is_truthy(text:find(line, 1, true), text)
    end
    local _, _, err = run("release", "+14155550177", "-y")
    assert.is_nil(err:find("voice_url", 1, true))
  end)

  it("costs nothing to have simulated", function()
    screen = terminal.run(command.line({}, { "--simulate", "buy", "--area-code", "415" }))
    local text = screen:wait("[y/N]")
    assert.matches("nothing costs money", text, 1, true)
    assert.is_nil(text:find("Numbers cost money", 1, true))
  end)

  it("cannot be asked without a terminal, which is JSON with --json: 2", function()
    local out, code, err = run("buy", "+14155550177", "--json")
    assert.equal(2, code)
    assert.equal("invalid", cjson.decode(out).error.kind)
    assert.matches("stdin is not a terminal, so nothing was done: add --yes", err, 1, true)
  end)
end)

describe("A dry run of twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  local function own(phone_number, ...)
    return cjson.decode((run("buy", phone_number, "-y", "--json", ...))).sid
  end

  it("of buy shows the place and the price of a named number", function()
    local out, code = run("buy", "+14155550177", "--dry-run")
    assert.equal(0, code)
    assert.matches("\n%+14155550177  San Francisco  CA +voice sms mms  1%.15 USD", out)
    local _, _, err = run("buy", "+49301234567", "--dry-run")
    assert.matches("+49301234567 is not among the numbers that Twilio sells now", err, 1, true)
    assert.equal(0, twilio:state().posts)
  end)

  it("of set shows what would change, and changes nothing", function()
    local sid = own("+14155550178", "--set", "voice_url=https://example.com/old")
    local posts = twilio:state().posts
    local out, code, err = run("set", sid, "voice_url=", "friendly_name=Desk", "--dry-run")
    assert.equal(0, code)
    assert.matches("nothing is changed. Would change:", err, 1, true)
    assert.matches(
      "friendly_name: (415) 555-0178 -> Desk; voice_url: https://example.com/old -> (none)",
      out,
      1,
      true
    )
    local list = cjson.decode((run("set", sid, "voice_url=", "--dry-run", "--json")))
    assert.same({ "POST", "IncomingPhoneNumbers/" .. sid .. ".json", "VoiceUrl=" }, {
      list[1].method,
      list[1].resource,
      list[1].body,
    })
    out, code = run("set", sid, "+14155550179", "sms_url=", "--dry-run", "--json")
    assert.same({ 1, 1 }, { code, #cjson.decode(out) })
    assert.equal(posts, twilio:state().posts)
  end)

  it("of release shows what would be lost, and releases nothing", function()
    local sid = own("+14155550178", "--set", "friendly_name=Front desk")
    local out, code, err = run("release", "+14155550178", "--dry-run")
    assert.equal(0, code)
    assert.matches("nothing is released", err, 1, true)
    assert.equal("  +14155550178 (" .. sid .. ")\n    friendly_name: Front desk\n", out)
    local list = cjson.decode((run("release", sid, "--dry-run", "--json")))
    assert.same({ "DELETE", sid }, { list[1].method, list[1].sid })
    out, code = run("release", sid, "+14155550179", "--dry-run", "--csv")
    assert.equal("phone_number,sid,outcome\n+14155550178," .. sid .. ",\n", out)
    assert.equal(1, code)
    assert.equal(1, #twilio:state().owned)
  end)
end)

describe("twilio-numbers set", function()
  local twilio = simulator.shared(BLOCK)

  it("shows only what changed, and what it was", function()
    local settings = command.settings(twilio)
    command.run(settings, "buy", "+14155550178", "-y")
    command.run(settings, "set", "+14155550178", "voice_url=https://example.com/old")
    local out = command.run(
      settings,
      "set",
      "+14155550178",
      "voice_url=https://example.com/new",
      "sms_url=",
      "voice_method=GET"
    )
    assert.equal(
      "sms_url: (none) (unchanged)\nvoice_method: POST -> GET\n"
        .. "voice_url: https://example.com/old -> https://example.com/new\n",
      out
    )
  end)
end)
