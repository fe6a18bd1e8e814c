-- Numbers as people write them, and messages that say what to do.
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local ADDRESS = "address_sid=AD" .. ("0"):rep(31) .. "4"

describe("twilio-numbers", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  it("buys a number in any common notation, and asks about its E.164 form", function()
    for i, text in ipairs {
      "(415) 555-0100",
      "415-555-0101",
      "4155550102",
      "+1 415 555 0103",
      "1-415-555-0104",
      "415.555.0105",
    } do
      local number = ("+1415555010%d"):format(i - 1)
      local _, _, err = run("buy", text)
      assert.matches("About to buy " .. number .. ",", err, 1, true)
      local out, code = run("buy", text, "-y")
      assert.equal(0, code)
      assert.matches(number, out, 1, true)
    end
  end)

  it("accepts a number of another country only with its plus sign", function()
    local _, code, err = run("buy", "020 7946 0958", "-y")
    assert.equal(2, code)
    assert.matches("must be in E.164 form", err)
    assert.equal(0, twilio:state().requests)
    _, _, err = run("buy", "+44 20 7946 0958")
    assert.matches("About to buy +442079460958,", err, 1, true)
  end)

  it("shows, sets and releases a number in any common notation", function()
    run("buy", "+14155550100", "-y")
    assert.equal(0, select(2, run("show", "(415) 555-0100")))
    assert.equal(0, select(2, run("set", "415-555-0100", "friendly_name=x", "-y")))
    assert.equal(0, select(2, run("release", "415 555 0100", "-y")))
    assert.equal(0, #twilio:state().owned)
  end)

  it("lists, and searches near, a number in any common notation", function()
    run("buy", "+14155550100", "-y")
    assert.matches("+14155550100", run("list", "--phone-number", "(415) 555-0100"), 1, true)
    assert.equal(0, select(2, run("search", "--near-number", "(415) 555-0100")))
    assert.equal(2, select(2, run("search", "--near-number", "555-0100")))
  end)

  it("suggests what an area code, or a number in several words, may have meant", function()
    local _, code, err = run("buy", "415", "-y")
    assert.equal(2, code)
    assert.matches("did you mean --area-code 415?", err, 1, true)
    _, code, err = run("buy", "+1", "415", "555", "0100", "-y")
    assert.equal(2, code)
    assert.matches("did you mean +14155550100? Then put it in quotes", err, 1, true)
    assert.equal(0, twilio:state().requests)
  end)

  it("buys by country and type like it searches", function()
    local out, code = run("buy", "US", "local", "--area-code", "415", "-y")
    assert.equal(0, code)
    assert.matches("+1415", out, 1, true)
    for _, words in ipairs { { "US", "toll-free" }, { "--type", "toll-free" } } do
      out, code = run("buy", words[1], words[2], "-y")
      assert.equal(0, code)
      assert.matches("+18", out, 1, true)
    end
    assert.equal(0, select(2, run("search", "US", "toll-free")))
  end)

  it("refuses a country or a type that is given twice and differs: 2", function()
    for _, words in ipairs {
      { "US", "local", "--country", "GB", 'country "US", and --country says "GB"' },
      { "us", "toll-free", "--type", "local", 'type "toll_free", and --type says "local"' },
    } do
      local _, code, err = run("buy", words[1], words[2], words[3], words[4], "-y")
      assert.equal(2, code)
      assert.matches(words[5], err, 1, true)
    end
    assert.equal(0, twilio:state().requests)
    local out, code = run("buy", "US", "toll-free", "--country", "us", "--type", "toll-free", "-y")
    assert.equal(0, code)
    assert.matches("+18", out, 1, true)
  end)

  it("refuses a setting that must be true or false, and names its value: 2", function()
    for _, words in ipairs {
      { "buy", "+14155550100", "--set", "voice_caller_id_lookup=yes", "-y" },
      { "set", "+14155550100", "voice_caller_id_lookup=yes" },
      { "check", "US", "local", "voice_caller_id_lookup=yes" },
    } do
      local _, code, err = run(words[1], words[2], words[3], words[4], words[5])
      assert.equal(2, code)
      assert.matches('voice_caller_id_lookup must be true or false, got "yes"', err, 1, true)
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("explains what to do if Twilio refuses", function()
    for status_and_code, hint in pairs {
      ["401 20003"] = "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
      ["403 20008"] = "buy with --even-if-owned, which looks nothing up",
      ["401 70051"] = "buy with --even-if-owned, which looks nothing up",
    } do
      local status, code = status_and_code:match("(%d+) (%d+)")
      twilio:clear()
      twilio:fault {
        fault = "status",
        status = tonumber(status),
        code = tonumber(code),
        method = "GET",
        times = 9,
      }
      local _, exit, err = run("buy", "+14155550100", "-y")
      assert.equal(1, exit)
      assert.matches(hint, err, 1, true)
    end
    for _, code in ipairs { 21615, 21631 } do
      twilio:clear()
      twilio:fault { fault = "status", status = 400, code = code, method = "POST" }
      local _, _, err = run("buy", "+14155550100", "-y")
      assert.matches("add --set address_sid=AD", err, 1, true)
    end
  end)

  it("explains how to see why Twilio refuses the given values", function()
    for code, setting in pairs {
      [21615] = "address_sid=" .. "AD" .. ("1"):rep(32),
      [21649] = "bundle_sid=" .. "BU" .. ("1"):rep(32),
    } do
      twilio:clear()
      twilio:fault { fault = "status", status = 400, code = code, method = "POST" }
      local name = setting:match("^[%l_]+")
      local _, _, err = run("buy", "+14155550100", "-y", "--set", setting)
      assert.matches(
        "not take this " .. name .. " here. To see why, buy with --preflight",
        err,
        1,
        true
      )
      assert.not_matches("add --set", err, 1, true)
    end
  end)

  it("names where to find what German numbers require, and the reason once", function()
    local _, code, err = run("buy", "de", "local", "-y")
    assert.equal(1, code)
    assert.matches("30 need an address: ", err, 1, true)
    assert.matches("See what they need: twilio-numbers requirements DE local", err, 1, true)
    local bundle = "bundle_sid=BU" .. ("0"):rep(30) .. "10" -- expired
    _, _, err = run("buy", "DE", "local", "-y", "--set", bundle, "--set", ADDRESS)
    assert.matches("the last: The Bundle has expired (error 21649).\n", err, 1, true)
  end)

  it("names the help of the subcommand", function()
    for words, help in pairs {
      ["requirements DE"] = "twilio-numbers requirements --help",
      ["--json attach +14155550100 x"] = "twilio-numbers attach --help",
      ["--nonsense"] = "twilio-numbers --help",
    } do
      local list = {}
      for word in words:gmatch("%S+") do
        list[#list + 1] = word
      end
      local _, code, err = run((table.unpack or unpack)(list)) -- luacheck: ignore
      assert.equal(2, code)
      assert.matches("Try: " .. help .. "\n", err, 1, true)
    end
  end)

  it("names no help, which says nothing of variables, if only the environment is wrong", function()
    local settings = command.settings(twilio)
    settings.TWILIO_CA_FILE = "/no/such/file"
    local _, code, err = command.run(settings, "list")
    assert.equal(2, code)
    assert.matches("TWILIO_CA_FILE must name a readable file", err, 1, true)
    assert.is_nil(err:find("Try:", 1, true), err)
  end)

  it("explains what to do if Twilio refuses many", function()
    twilio:fault { fault = "status", status = 400, code = 21631, method = "POST", times = 50 }
    local _, code, err = run("buy", "+14155550100", "+14155550101", "-y")
    assert.equal(1, code)
    assert.matches("add --set address_sid=AD", err, 1, true)
    assert.equal(select(2, err:gsub("address_sid", "")), 1)
  end)

  it("prints the filter if nothing matches", function()
    local _, code, err = run("buy", "--area-code", "999", "-y")
    assert.equal(1, code)
    assert.matches(
      "no number matches the filter (1 local number in US with area code 999)",
      err,
      1,
      true
    )
  end)

  it("explains how to trust another CA", function()
    local settings = command.settings(twilio)
    settings.CURL_CA_BUNDLE, settings.TWILIO_CA_FILE = "stylua.toml", nil
    local _, code, err = command.run(settings, "list")
    assert.equal(1, code)
    assert.matches("set TWILIO_CA_FILE", err, 1, true)
  end)

  it("reports that a country does not sell a type", function()
    local _, code, err = run("search", "US", "mobile")
    assert.equal(1, code)
    local words =
      "twilio-numbers: Twilio sells no mobile numbers in US (it sells: local, toll_free)"
    assert.matches(words, err, 1, true)
  end)

  it("explains how to get credentials, and what to trust", function()
    local settings = command.settings(twilio)
    settings.TWILIO_AUTH_TOKEN = ""
    local _, code, err = command.run(settings, "list")
    assert.equal(2, code)
    assert.matches("Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", err, 1, true)
    assert.matches("or try --simulate", err, 1, true)
  end)

  it("explains how to look for a number that may have been bought", function()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    twilio:fault { fault = "status", status = 500, times = 20 }
    local _, code, err = run("buy", "+14155550100", "-y", "--even-if-owned")
    assert.equal(3, code)
    assert.matches("twilio-numbers list --phone-number +14155550100", err, 1, true)
  end)
end)
