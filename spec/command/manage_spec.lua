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
    assert.equal(
      "sms_url: (none) -> https://example.com/?a=b\n"
        .. "voice_url: https://example.com/old -> (none)\n",
      out
    )
    local number = cjson.decode((run("set", sid, "voice_caller_id_lookup=true", "--json")))
    assert.is_true(number.voice_caller_id_lookup)
    assert.equal("https://example.com/?a=b", number.sms_url)
    assert.is_truthy(number.voice_url == nil or number.voice_url == "")
  end)

  it("set prints what it changed as CSV, or in the columns that are named", function()
    local sid = own("+14155550150")
    local out, code = run("set", "+14155550150", "friendly_name=a,b", "--csv")
    assert.equal(
      "phone_number,sid,outcome,changes\n+14155550150,"
        .. sid
        .. ',updated,"friendly_name: (415) 555-0150 -> a,b"\n',
      out
    )
    assert.equal(0, code)
    out, code = run("set", sid, "friendly_name=c", "--columns", "changes,outcome")
    assert.matches("\nfriendly_name: a,b %-> c  updated\n$", out)
    assert.equal(0, code)
  end)

  it("set changes nothing if it owns none of several numbers, or cannot look one up: 1", function()
    local words = { "set", "+14155550151", "+14155550152", "sms_url=" }
    local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.same({ "", 1 }, { out, code })
    assert.matches("+14155550151: the account owns no such number", err, 1, true)
    assert.matches("+14155550152: the account owns no such number", err, 1, true)
    assert.matches("\nNothing was changed.\n$", err)
    own("+14155550151")
    local posts = twilio:state().posts
    twilio:fault { fault = "status", status = 403, code = 20003, method = "GET", skip = 1 }
    out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.same({ "", 1 }, { out, code })
    assert.matches("error 20003", err)
    assert.equal(posts, twilio:state().posts)
  end)

  it("set reports invalid settings before anything is sent: 2", function()
    for message, words in pairs {
      ["did you mean voice_url?"] = { "set", "+14155550151", "vois_url=x" },
      ["give name=value"] = { "set", "+14155550151", "voice_url" },
      ["given twice"] = { "set", "+14155550151", "sms_url=", "sms_url=" },
      ["the settings are missing"] = { "set", "+14155550151" },
      ["the number is missing"] = { "set", "sms_url=" },
      ['give name=value, such as voice_url=https://..., got "+14155550152"'] = {
        "set",
        "+14155550151",
        "sms_url=",
        "+14155550152",
      },
    } do
      local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ "", 2 }, { out, code })
      assert.is_truthy(err:find(message, 1, true), err)
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("set changes several numbers alike, and prints the result of each", function()
    local sid = own("+14155550167")
    own("+14155550168")
    local words = { "set", sid, "(415) 555-0168", sid, "friendly_name=Pool", "sms_url=" }
    local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.equal(0, code)
    assert.matches(
      "\n%+14155550167  PN%x+  updated [^\n]+\n%+14155550168  PN%x+  updated [^\n]+\n$",
      out
    )
    assert.matches("updated  friendly_name: (415) 555-0168 -> Pool; sms_url: (none)", out, 1, true)
    assert.matches("2/2 updated; %+1415555016%d: updated\n", err)
    for _, number in ipairs(twilio:state().owned) do
      assert.equal("Pool", number.friendly_name)
    end
  end)

  it("set prints which of several numbers it could not change: 1", function()
    local sid = own("+14155550167")
    own("+14155550168")
    local path = sid .. ".json"
    twilio:fault { fault = "status", status = 400, code = 21402, method = "POST", path = path }
    local out, code, err =
      run("set", "+14155550169", "+14155550167", "+14155550168", "sms_url=", "--json")
    local report = cjson.decode(out)
    assert.equal(1, code)
    assert.same({ 3, 1, 2, 0, 0 }, {
      report.wanted,
      report.updated,
      report.refused,
      report.unknown,
      report.stopped,
    })
    assert.same(
      { "+14155550169", "refused" },
      { report.results[1].name, report.results[1].outcome }
    )
    assert.equal(21402, report.results[2].error.code)
    assert.equal("+14155550168", report.results[3].number.phone_number)
    assert.matches("%+14155550167: .*error 21402", err)
    assert.matches("%+14155550169: the account owns no such number", err)
  end)

  it("set reports that it does not know whether several numbers were changed: 3", function()
    own("+14155550167")
    own("+14155550168")
    twilio:fault { fault = "status", status = 500, method = "POST", commit = true, times = 99 }
    local out, code, err = run("set", "+14155550167", "+14155550168", "sms_url=")
    assert.equal(3, code)
    assert.matches("\n%+14155550167  PN%x+  unknown  %-\n%+14155550168  PN%x+  unknown  %-\n$", out)
    assert.matches("See what the account owns: twilio%-numbers list\n$", err)
  end)

  it("set asks before several numbers are transferred, and says how many", function()
    own("+14155550167")
    own("+14155550168")
    local words = { "set", "+14155550167", "+14155550168", "account_sid=" .. twilio.subaccount_sid }
    local _, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.equal(2, code)
    assert.matches("^About to hand 2 numbers over to account AC", err)
    assert.matches("will not own them any more: %+14155550167, %+14155550168%.\n", err)
    words[#words + 1] = "-y"
    _, code = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.equal(0, code)
    for _, number in ipairs(twilio:state().owned) do
      assert.equal(twilio.subaccount_sid, number.account_sid)
    end
  end)

  it("set asks before a number is transferred", function()
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

  it("release releases a number after asking", function()
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

  it("release prints numbers that the account does not own, and releases the rest: 1", function()
    own("+14155550156")
    local out, code, err = run("release", "+14155550157", "+14155550156", "-y", "--json")
    assert.equal(1, code)
    assert.matches("%+14155550157: the account owns no such number", err)
    local report = cjson.decode(out)
    assert.same({ 2, 1, 0, 0, 1, 0 }, {
      report.wanted,
      report.released,
      report.owned,
      report.unknown,
      report.not_owned,
      report.stopped,
    })
    assert.same(
      { "not_owned", "released" },
      { report.results[1].outcome, report.results[2].outcome }
    )
    assert.equal("+14155550156", report.results[2].phone_number)
    assert.equal(0, #twilio:state().owned)
  end)

  it("release prints what it could not release: 1", function()
    own("+14155550158")
    twilio:fault { fault = "status", status = 403, code = 20003, method = "DELETE" }
    local out, code, err = run("release", "+14155550158", "-y")
    assert.equal(1, code)
    assert.matches("still owned", out)
    assert.matches("%+14155550158: .*error 20003", err)
  end)

  it("release does not accept a gateway's page or another account's 404: 3, 1", function()
    own("+14155550160")
    local page = { status = 403, body = "<html>", content_type = "text/html" }
    for outcome, fault in pairs { unknown = page, not_owned = { status = 404 } } do
      fault.fault, fault.method = "status", "DELETE"
      twilio:fault(fault)
      local out, code = run("release", "+14155550160", "-y", "--json")
      assert.same(
        { outcome, outcome == "unknown" and 3 or 1 },
        { cjson.decode(out).results[1].outcome, code }
      )
    end
  end)

  it("release does not accept a gateway's 404 for a missing number: 1", function()
    local sid = "PN" .. ("0"):rep(32)
    twilio:fault { fault = "status", status = 404, body = "<html>", method = "GET", times = 9 }
    local _, code, err = run("release", sid, "-y")
    assert.equal(1, code)
    assert.matches("the response is not from Twilio", err)
    assert.not_matches("owns no such number", err)
  end)

  it("release reports that it does not know whether a number was released: 3", function()
    own("+14155550159")
    twilio:fault { fault = "status", status = 500, method = "DELETE", commit = true, times = 9 }
    local out, code, err = run("release", "+14155550159", "-y", "--json")
    assert.equal(0, #twilio:state().owned)
    assert.equal(3, code)
    assert.equal("unknown", cjson.decode(out).results[1].outcome)
    assert.matches("%+14155550159: ", err)
    assert.matches("See what the account owns: twilio%-numbers list\n$", err)
  end)

  it("set reports that it does not know whether the number was changed: 3", function()
    local sid = own("+14155550161")
    twilio:fault { fault = "close_after_commit", method = "POST", times = 9 }
    local _, code, err = run("set", "+14155550161", "friendly_name=Lost")
    assert.equal(3, code)
    assert.matches(
      "It is unknown whether the number was changed: twilio-numbers show",
      err,
      1,
      true
    )
    assert.matches("show " .. sid, err, 1, true)
  end)

  it(
    "release finishes requests in flight at Ctrl-C, and reports what is known at the second: 3",
    function()
      own("+14155550164")
      own("+14155550165")
      own("+14155550166")
      twilio:fault { fault = "hang", method = "DELETE", skip = 1, times = 9 }
      local words = { "release", "+14155550164", "+14155550165", "+14155550166", "-y" }
      local line = command.line(command.settings(twilio), words)
      local pipe =
        assert(io.popen("sh -c 'echo $$; exec \"$@\"' sh " .. line .. " 2>&1; echo code $?"))
      local pid = assert(pipe:read("*l"):match("^%d+$"))
      local hung = 0
      for _ = 1, 100000 do
        hung = 0
        for _, request in ipairs(twilio:requests()) do
          hung = hung + (request.fault == "hang" and 1 or 0)
        end
        if hung == 2 then
          break
        end
      end
      assert.equal(2, hung)
      os.execute("kill -INT " .. pid)
      local output, text = "", ""
      repeat
        output, text = output .. text .. "\n", pipe:read("*l")
      until not text or text:find("Finishing", 1, true)
      assert.equal("Finishing 2 requests already sent (Ctrl-C again to give up)...", text)
      os.execute("kill -INT " .. pid)
      output = output .. pipe:read("*a")
      pipe:close()
      local _, released = output:gsub("\n%+1415555016%d  PN%x+  released\n", "")
      local _, unknown = output:gsub("\n%+1415555016%d  PN%x+  unknown%f[\n]", "")
      assert.same({ 1, 2 }, { released, unknown })
      assert.is_nil(output:find("bought", 1, true))
      assert.matches("interrupted\n", output)
      assert.matches("code 3\n$", output)
    end
  )
end)
