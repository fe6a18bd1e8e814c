-- twilio-numbers set and release.
local cjson = require("cjson")
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  local function own(phone_number, ...)
    return cjson.decode((run("buy", phone_number, "-y", "--json", ...))).sid
  end

  it("set changes and clears", function()
    local sid = own("+14155550150", "--set", "voice_url=https://example.com/old")
    local out, code = run("set", "+14155550150", "sms_url=https://example.com/?a=b", "voice_url=")
    assert.equal(0, code)
    assert.matches("\nsms_url +https://example.com/%?a=b\n", out)
    local number = cjson.decode((run("set", sid, "voice_caller_id_lookup=true", "--json")))
    assert.is_true(number.voice_caller_id_lookup)
    assert.equal("https://example.com/?a=b", number.sms_url)
    assert.is_truthy(number.voice_url == nil or number.voice_url == "")
  end)

  it("set says what is wrong, before anything is sent: 2", function()
    for message, words in pairs {
      ["did you mean voice_url?"] = { "set", "+14155550151", "vois_url=x" },
      ["give name=value"] = { "set", "+14155550151", "voice_url" },
      ["given twice"] = { "set", "+14155550151", "sms_url=", "sms_url=" },
      ["missing argument 'settings'"] = { "set", "+14155550151" },
    } do
      local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ "", 2 }, { out, code })
      assert.is_truthy(err:find(message, 1, true), err)
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("set asks before a number is handed over", function()
    own("+14155550152")
    local settings = "account_sid=" .. twilio.subaccount_sid
    local _, code, err = run("set", "+14155550152", settings)
    assert.equal(2, code)
    assert.matches("^About to hand %+14155550152 %(PN%x+%) over to account AC", err)
    assert.is_truthy(err:find((" at %s (not Twilio): this"):format(twilio.base_url), 1, true))
    assert.equal(twilio.account_sid, twilio:state().owned[1].account_sid)
    _, code = run("set", "+14155550152", settings, "-y")
    assert.equal(0, code)
    assert.equal(twilio.subaccount_sid, twilio:state().owned[1].account_sid)
  end)

  it("release gives back, once asked", function()
    local sid = own("+14155550153")
    own("+14155550154")
    own("+14155550155")
    local _, code, err = run("release", sid, "+14155550154")
    assert.equal(2, code)
    local plan =
      "About to release 2 numbers for good at %s (not Twilio): +14155550153, +14155550154.\n"
    assert.equal(1, (err:find(plan:format(twilio.base_url), 1, true)))
    assert.equal(3, #twilio:state().owned)
    local out
    out, code = run("release", sid, "+14155550154", "+14155550153", "-y")
    assert.equal(0, code)
    assert.matches("\n%+14155550153  PN%x+  released\n%+14155550154  PN%x+  released\n$", out)
    assert.equal("+14155550155", twilio:state().owned[1].phone_number)
  end)

  it("release says what the account does not own, and releases the rest: 1", function()
    own("+14155550156")
    local out, code, err = run("release", "+14155550157", "+14155550156", "-y", "--json")
    assert.equal(1, code)
    assert.matches("%+14155550157: the account owns no such number", err)
    local results = cjson.decode(out)
    assert.same({ false, true }, { results[1].released, results[2].released })
    assert.equal(0, #twilio:state().owned)
  end)

  it("release says what it could not release: 1", function()
    own("+14155550158")
    twilio:fault { fault = "status", status = 403, code = 20003, method = "DELETE" }
    local out, code, err = run("release", "+14155550158", "-y")
    assert.equal(1, code)
    assert.matches("still owned", out)
    assert.matches("%+14155550158: .*error 20003", err)
  end)

  it("release does not take a gateway's page or another account's 404 for its own: 3, 1", function()
    own("+14155550160")
    local page = { status = 403, body = "<html>", content_type = "text/html" }
    for outcome, fault in pairs { unknown = page, ["not owned"] = { status = 404 } } do
      fault.fault, fault.method = "status", "DELETE"
      twilio:fault(fault)
      local out, code = run("release", "+14155550160", "-y", "--json")
      assert.same(
        { outcome, outcome == "unknown" and 3 or 1 },
        { cjson.decode(out)[1].outcome, code }
      )
    end
  end)

  it("release does not take a gateway's 404 for a number that the account has not: 1", function()
    local sid = "PN" .. ("0"):rep(32)
    twilio:fault { fault = "status", status = 404, body = "<html>", method = "GET", times = 9 }
    local _, code, err = run("release", sid, "-y")
    assert.equal(1, code)
    assert.matches("the answer is not Twilio's", err)
    assert.not_matches("owns no such number", err)
  end)

  it("release says that it does not know whether a number is gone: 3", function()
    own("+14155550159")
    twilio:fault { fault = "status", status = 500, method = "DELETE", commit = true, times = 9 }
    local out, code, err = run("release", "+14155550159", "-y", "--json")
    assert.equal(0, #twilio:state().owned)
    assert.equal(3, code)
    assert.equal("unknown", cjson.decode(out)[1].outcome)
    assert.matches("%+14155550159: ", err)
    assert.matches("See what the account owns: twilio%-numbers list\n$", err)
  end)

  it("release tells at Ctrl-C what was released before: 3", function()
    own("+14155550164")
    own("+14155550165")
    own("+14155550166")
    twilio:fault { fault = "hang", method = "DELETE", skip = 1, times = 9 }
    local words = { "release", "+14155550164", "+14155550165", "+14155550166", "-y" }
    local line = command.line(command.settings(twilio), words)
    local pipe =
      assert(io.popen("sh -c 'echo $$; exec \"$@\"' sh " .. line .. " 2>&1; echo code $?"))
    local pid = assert(pipe:read("*l"):match("^%d+$"))
    for _ = 1, 100000 do
      local requests = twilio:requests()
      if requests[#requests].fault == "hang" then
        break
      end
    end
    os.execute("kill -INT " .. pid)
    local output = pipe:read("*a")
    pipe:close()
    assert.matches("\n%+14155550164  PN%x+  released\n", output)
    assert.matches("\n%+14155550165  PN%x+  unknown\n", output)
    assert.is_nil(output:find("\n+14155550166", 1, true))
    assert.is_nil(output:find("bought", 1, true))
    assert.matches("interrupted\n", output)
    assert.matches("code 3\n$", output)
  end)
end)
