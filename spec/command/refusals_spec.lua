-- Refusals by Twilio and invalid numbers: every subcommand reports them with its exit code.
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  --- Forbids every request.
  local function forbid(method)
    twilio:fault { fault = "status", status = 403, code = 20003, method = method, times = 9 }
  end

  it("explains why a search, a list and a purchase of many were refused", function()
    for _, words in ipairs {
      { "search", "US" },
      { "list" },
      { "buy", "--area-code", "415", "--count", "2", "-y" },
    } do
      twilio:clear()
      forbid("GET")
      local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ "", 1 }, { out, code }, words[1])
      assert.matches("error 20003", err)
    end
    assert.equal(0, #twilio:state().owned)
  end)

  it("reports an invalid search before anything is sent: 2", function()
    local out, code, err = run("search", "USA")
    assert.same({ "", 2 }, { out, code })
    assert.matches("country", err)
    assert.equal(0, twilio:state().requests)
  end)

  it("explains why a number could not be updated", function()
    run("buy", "+14155550180", "-y")
    forbid("POST")
    local out, code, err = run("set", "+14155550180", "sms_url=")
    assert.same({ "", 1 }, { out, code })
    assert.matches("error 20003", err)
  end)

  it("releases nothing if a number to release cannot be found", function()
    run("buy", "+14155550181", "-y")
    local _, code, err = run("release", "+14155550181", "155550181", "-y")
    assert.equal(2, code)
    assert.matches('give a number as PN%.%.%. or as %+14155550100, got "155550181"', err)
    assert.equal(1, #twilio:state().owned)
    forbid("GET")
    _, code, err = run("release", "+14155550181", "-y")
    assert.equal(1, code)
    assert.matches("error 20003", err)
    assert.equal(1, #twilio:state().owned)
  end)

  it("names ten of many numbers before it releases them", function()
    local words = { "release" }
    for i = 0, 11 do
      words[#words + 1] = ("+141555502%02d"):format(i)
    end
    run("buy", (table.unpack or unpack)(words, 2)) -- luacheck: ignore
    assert.equal(0, #twilio:state().owned, "a purchase wants -y")
    words[1], words[#words + 1] = "buy", "-y"
    run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.equal(12, #twilio:state().owned)
    words[1], words[#words] = "release", nil
    local _, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.equal(2, code)
    assert.matches(
      "^About to release 12 numbers for good at %S+ %(not Twilio%): %+14155550200, .*%+14155550209, %.%.%.%.",
      err
    )
    assert.is_nil(err:find("+14155550210", 1, true))
    assert.equal(12, #twilio:state().owned)
  end)

  it("escapes control characters of a name", function()
    run("buy", "+14155550182", "-y", "--set", "friendly_name=a\194\155b")
    local out, code = run("show", "+14155550182", "--json")
    assert.equal(0, code)
    assert.is_truthy(out:find("a\\u009bb", 1, true), out)
  end)
end)
