-- twilio-numbers --opaque-sids: for services that are compatible with Twilio.
local cjson = require("cjson")
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

describe("twilio-numbers --opaque-sids", function()
  local twilio = simulator.shared(
    { setup = setup, teardown = teardown, before_each = before_each },
    { arguments = "--profile signalwire" }
  )

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  it("buys, shows, sets and releases by the service's identifiers", function()
    local out, code = run("--opaque-sids", "buy", "--area-code", "415", "-y", "--json")
    assert.equal(0, code)
    local number = cjson.decode(out)
    out, code = run("--opaque-sids", "show", number.sid, "--json")
    assert.same({ number.sid, 0 }, { cjson.decode(out).sid, code })
    out = run("--opaque-sids", "set", number.sid, "friendly_name=Desk", "--json")
    assert.equal("Desk", cjson.decode(out).friendly_name)
    assert.equal(0, select(2, run("--opaque-sids", "release", number.sid, "-y")))
    assert.equal(0, #twilio:state().owned)
  end)

  it("reads a phone number as one, even if it could be an identifier", function()
    run("--opaque-sids", "buy", "4155550100", "-y")
    local out, code = run("--opaque-sids", "show", "4155550100", "--json")
    assert.same({ "+14155550100", 0 }, { cjson.decode(out).phone_number, code })
  end)

  it("accepts the service's identifiers in settings", function()
    local setting = "trunk_sid=" .. twilio.account_sid
    local _, code = run("--opaque-sids", "buy", "4155550100", "-y", "--set", setting)
    assert.equal(0, code)
    local out = run("--opaque-sids", "show", "4155550100", "--json")
    assert.equal(twilio.account_sid, cjson.decode(out).trunk_sid)
    out = run("--opaque-sids", "buy", "4155550101", "--set", setting, "--dry-run", "--json")
    assert.matches("TrunkSid=" .. twilio.account_sid, cjson.decode(out)[1].body, 1, true)
    _, code = run("--opaque-sids", "set", "4155550100", "trunk_sid=a/b")
    assert.equal(2, code)
  end)

  it("accepts the service's identifiers of Messaging Services, and checks their form", function()
    local sid = cjson.decode((run("--opaque-sids", "buy", "4155550100", "-y", "--json"))).sid
    local service = twilio.account_sid
    for _, words in ipairs {
      { "attach", sid, service },
      { "detach", sid, service },
      { "buy", "4155550101", "-y", "--messaging-service", service },
      { "check", "US", "local", "--messaging-service", service },
    } do
      local _, _, err = run("--opaque-sids", unpack(words))
      assert.matches("status 404", err, 1, true) -- the simulated service has no Messaging Services
      words[#words] = "a/b"
      local _, code, problem = run("--opaque-sids", unpack(words))
      assert.equal(2, code)
      assert.matches("must be 1 to 64 letters, digits and hyphens", problem, 1, true)
    end
  end)

  it("is needed for identifiers of a compatible service: 2", function()
    local _, code, err = run("list")
    assert.equal(2, code)
    assert.matches("TWILIO_ACCOUNT_SID must be AC and 32 hex digits", err, 1, true)
    _, code, err = run("--account-sid", twilio.subaccount_sid, "list")
    assert.equal(2, code)
    assert.matches("--account-sid must be AC and 32 hex digits", err, 1, true)
    _, code, err = run("--opaque-sids", "--account-sid", "a/b", "list")
    assert.equal(2, code)
    assert.matches("--account-sid must be 1 to 64 letters, digits and hyphens", err, 1, true)
    _, code = run("--opaque-sids", "--account-sid", twilio.subaccount_sid, "list")
    assert.equal(0, code)
  end)
end)
