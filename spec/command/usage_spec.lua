-- The help of twilio-numbers, its secrets, and how it ends.
local cjson = require("cjson")
local command = require("spec.support.command")
local interpreter = require("spec.support.interpreter")
local parser = require("twilio.numbers.command.parser")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }
local HEX = ("0123456789abcdef"):rep(2)

local function shell(line)
  local pipe = assert(io.popen(line .. " 2>&1; echo status $?"))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*)status (%d+)\n$")
  return text, tonumber(status)
end

describe("twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  it("prints help within 100 columns, with examples, exit codes and variables", function()
    local out, code, err = command.run({}, "--help")
    assert.same({ 0, "" }, { code, err })
    for _, words in ipairs {
      "Usage: twilio-numbers [OPTIONS] COMMAND",
      "\nExamples:\n",
      "\nExit codes:\n  0  ",
      "\nEnvironment:\n  TWILIO_ACCOUNT_SID",
    } do
      assert.is_truthy(out:find(words, 1, true), words)
    end
    for i = 0, #parser.NAMES do
      local name = parser.NAMES[i] or ""
      out, code = command.run({}, (name == "" and "--help" or name), "--help")
      assert.equal(0, code)
      for line in out:gmatch("[^\n]+") do
        assert.is_true(#line <= 100, line)
      end
    end
  end)

  it("prints its version", function()
    local version = require("twilio.numbers")._VERSION
    assert.equal("twilio-numbers " .. version .. "\n", (command.run({}, "--version")))
  end)

  it("names an unknown command: 2", function()
    local out, code, err = command.run({}, "bye")
    assert.same({ "", 2 }, { out, code })
    assert.matches('there is no command "bye": did you mean .buy.%?', err)
    out, code, err = command.run {}
    assert.same({ "", 2 }, { out, code })
    assert.matches("give a command: search, countries,", err)
  end)

  it("accepts --yes and --json before the command", function()
    local settings = command.settings(twilio)
    local out, code = command.run(settings, "--yes", "--json", "buy", "+14155550177")
    assert.equal(0, code)
    assert.matches('"%+14155550177"', out)
    assert.equal(0, (select(2, command.run(settings, "-y", "release", "+14155550177"))))
    out, code = command.run(settings, "release", "+14155550177", "--yes", "--json")
    assert.equal(1, code)
    assert.equal("not_owned", cjson.decode(out).results[1].outcome)
  end)

  it("names the option that is not a number: 2", function()
    for _, name in ipairs { "list", "search" } do
      for _, value in ipairs { "abc", "0", "1.5" } do
        local out, code, err = command.run(command.settings(twilio), name, "--limit", value)
        assert.same({ "", 2 }, { out, code })
        assert.matches("%-%-limit must be a whole number", err)
      end
    end
  end)

  it("names missing credentials: 2", function()
    local out, code, err = command.run({}, "list")
    assert.same({ "", 2 }, { out, code })
    assert.matches("TWILIO_ACCOUNT_SID", err)
    assert.matches("TWILIO_AUTH_TOKEN", err)
  end)

  it("names the half of an API key that is missing: 2", function()
    for given, missing in pairs {
      TWILIO_API_KEY = "TWILIO_API_SECRET",
      TWILIO_API_SECRET = "TWILIO_API_KEY",
    } do
      local _, code, err = command.run({ TWILIO_ACCOUNT_SID = "AC" .. HEX, [given] = "x" }, "list")
      assert.equal(2, code)
      assert.equal(("twilio-numbers: %s is not set\n"):format(missing), err:match("^.-\n"))
      assert.matches("Set TWILIO_ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET", err, 1, true)
    end
  end)

  it("reports that argparse is missing", function()
    local only_ours = "./?.lua;./lua/?.lua;./lua/?/init.lua"
    local out, code, err = command.run({ LUA_PATH = only_ours }, "list")
    assert.same({ "", 1 }, { out, code })
    assert.equal("twilio-numbers: the rock argparse is missing: luarocks install argparse\n", err)
  end)

  it("sends to TWILIO_BASE_URL, and names that when it asks", function()
    local settings = command.settings(twilio)
    settings.TWILIO_BASE_URL, settings.base_url = settings.base_url, nil
    settings.TWILIO_CA_FILE, settings.CURL_CA_BUNDLE = settings.CURL_CA_BUNDLE, "/no/such/file"
    settings.TWILIO_REGION = "ie1"
    local _, code, err = command.run(settings, "buy", "+14155550178")
    assert.equal(2, code)
    assert.is_truthy(err:find((" at %s (not Twilio). "):format(twilio.base_url), 1, true), err)
    _, code, err = command.run(settings, "buy", "+14155550178", "-y")
    assert.equal(0, code, err)
    assert.equal("+14155550178", twilio:state().owned[1].phone_number)
  end)

  it("refuses --region together with TWILIO_BASE_URL: 2", function()
    local settings = { TWILIO_BASE_URL = "https://127.0.0.1:1", TWILIO_ACCOUNT_SID = "AC" .. HEX }
    settings.TWILIO_AUTH_TOKEN = "x"
    local out, code, err = command.run(settings, "--region", "ie1", "buy", "--area-code", "415")
    assert.same({ "", 2 }, { out, code })
    assert.matches("TWILIO_BASE_URL says where to send", err)
  end)

  it("asks without naming the server if that is Twilio", function()
    local settings = { TWILIO_ACCOUNT_SID = "AC" .. HEX, TWILIO_AUTH_TOKEN = "x" }
    for _, url in ipairs { "", "https://api.dublin.ie1.twilio.com" } do
      settings.TWILIO_BASE_URL = url
      local _, code, err = command.run(settings, "buy", "+14155550178")
      assert.equal(2, code)
      assert.matches("^About to buy %+14155550178, for account AC%x+%. Numbers cost money%.\n", err)
    end
    settings.TWILIO_BASE_URL = "https://eviltwilio.com"
    local _, _, err = command.run(settings, "buy", "+14155550178")
    assert.matches(" at https://eviltwilio%.com %(not Twilio%)", err)
  end)

  it("needs no account with --simulate, and leaves nothing running", function()
    local settings = { TWILIO_REGION = "ie1" }
    local out, code, err = command.run(settings, "--simulate", "buy", "--area-code", "415", "-y")
    assert.equal(0, code, err)
    assert.matches("\n%+1415555%d+  PN", out)
    assert.matches("^Simulated: nothing here is real, and nothing costs money.\n", err)
    local account_sid = err:match("account (AC%x+)")
    assert.not_equal(twilio.account_sid, account_sid)
    out, code = command.run(settings, "--simulate", "buy", "+15005550000", "-y")
    assert.same({ "", 1 }, { out, code })
  end)

  it("ends quietly when its reader closes the pipe", function()
    local line = command.line(command.settings(twilio), { "search", "--limit", "900" })
    assert.equal("NUMBER\n", (shell(line .. " | head -n 1 | cut -c 1-6")))
    local settings = command.settings(twilio)
    local many = command.line(settings, { "buy", "--area-code", "415", "--count", "9", "-y" })
    assert.matches("^About to buy", (shell(many .. " 2>&1 >/dev/null | head -n 1")))
    assert.equal(9, twilio:state().purchases)
  end)

  it("reports a purchase whose reader has closed the pipe: 3", function()
    local settings = command.settings(twilio)
    for _, words in ipairs {
      { "buy", "+14155550163", "-y" },
      { "buy", "+14155550164", "-y", "--json" },
      { "buy", "--area-code", "415", "--count", "2", "-y" },
    } do
      local line = "env --default-signal=PIPE " .. command.line(settings, words)
      local output = shell(("{ { %s; echo code $? >&2; } | true; }"):format(line))
      assert.matches("could not be written: Broken pipe", output)
      assert.matches("Something was bought: see twilio%-numbers list", output)
      assert.matches("code 3\n", output)
    end
  end)

  it("survives a closed stderr during a purchase", function()
    local settings = command.settings(twilio)
    local words = { "--verbose", "buy", "+14155550162", "-y", "--json" }
    -- stderr is read as far as the plan, and closed; the host of the specs ignores SIGPIPE
    local line = "env --default-signal=PIPE " .. command.line(settings, words)
    local output =
      shell(("{ { %s; echo code $? >&3; } 2>&1 >&3 | sed -n /About/q; } 3>&1"):format(line))
    assert.matches('"%+14155550162"', output)
    assert.matches("code 0\n", output)
    words = { "--verbose", "release", "+14155550162", "-y", "--json" }
    line = "env --default-signal=PIPE " .. command.line(settings, words)
    output = shell(("{ { %s; echo code $? >&3; } 2>&1 >&3 | sed -n /About/q; } 3>&1"):format(line))
    assert.matches("code 0\n", output)
  end)

  it("reports that a result could not be written", function()
    local line = command.line(command.settings(twilio), { "search", "--limit", "2" })
    local output, status = shell("{ " .. line .. " >/dev/full; }")
    assert.matches("could not be written: No space left", output)
    assert.equal(1, status)
  end)

  it("reports that a purchase's report could not be written: 3", function()
    for count = 1, 5, 4 do -- a report of 5 is larger than a stream's buffer
      local words = { "--json", "buy", "-y", "--area-code", "415", "--count", tostring(count) }
      local line = command.line(command.settings(twilio), words)
      local output, status = shell("{ " .. line .. " >/dev/full; }")
      assert.matches("could not be written: No space left", output)
      assert.matches("Something was bought: see twilio%-numbers list", output)
      assert.equal(3, status)
    end
    local line = command.line(command.settings(twilio), { "--json", "buy", "-y", "+15005550000" })
    local output, status = shell("{ " .. line .. " >/dev/full; }")
    assert.matches("could not be written: No space left", output)
    assert.is_nil(output:find("Something was bought", 1, true))
    assert.equal(1, status)
  end)

  it("reports that the report of a change could not be written: 3", function()
    local settings = command.settings(twilio)
    local _, code = command.run(settings, "buy", "+14155550163", "-y")
    assert.equal(0, code)
    for _, words in ipairs {
      { "set", "+14155550163", "friendly_name=Desk" },
      { "--json", "set", "+14155550163", "friendly_name=Door" },
      { "release", "+14155550163", "-y" },
    } do
      local line = command.line(settings, words)
      local output, status = shell("{ " .. line .. " >/dev/full; }")
      assert.matches("could not be written: No space left", output)
      assert.matches("It was carried out all the same", output)
      assert.equal(3, status)
    end
    local line = command.line(settings, { "--json", "release", "+14155550163", "-y" })
    local output, status = shell("{ " .. line .. " >/dev/full; }")
    assert.matches("could not be written: No space left", output)
    assert.is_nil(output:find("carried out", 1, true))
    assert.equal(1, status)
  end)

  it("prints no secret in any situation", function()
    local settings = command.settings(twilio)
    local function check(...)
      local out, _, err = command.run(settings, ...)
      assert.is_nil((out .. err):find(settings.TWILIO_AUTH_TOKEN, 1, true))
      assert.not_equal("", out .. err)
    end
    check("buy", "+14155550160", "-y", "--verbose", "--json")
    check("list", "--verbose")
    check("buy", "+14155550161", "--dry-run")
    check("list", "--base-url", "https://user:" .. settings.TWILIO_AUTH_TOKEN .. "@example.com")
    for _, fault in ipairs { "html", "redirect", "close_in_headers", "invalid_json" } do
      twilio:fault { fault = fault, times = 2 }
      check("show", "+14155550160", "--verbose")
      twilio:clear()
    end
    twilio:fault { fault = "status", status = 400, body = settings.TWILIO_AUTH_TOKEN }
    check("list", "--json", "--verbose")
    local _, code, err = command.run(settings, "list", "--auth-token", "secret")
    assert.equal(2, code)
    assert.matches("there is no option", err)
  end)

  for name, module in pairs {
    ["its modules"] = "twilio/numbers/command/columns",
    ["argparse"] = "argparse",
    ["a subcommand"] = "twilio/numbers/command/countries",
  } do
    it("ends without a traceback at Ctrl-C while it loads " .. name .. ": 130", function()
      local folder = os.tmpname()
      os.remove(folder)
      os.execute(("mkdir -p %s/%s"):format(folder, module:match("^(.*)/") or ""))
      local file = assert(io.open(("%s/%s.lua"):format(folder, module), "w"))
      file:write('local process = require("spec_process") process.kill(process.pid(), 2) return {}')
      file:close()
      local settings = { LUA_PATH = ("%s/?.lua;%s"):format(folder, package.path) }
      local out, code, err = command.run(settings, "countries")
      os.execute("rm -r " .. folder)
      assert.same({ "", 130, "twilio-numbers: interrupted\n" }, { out, code, err })
    end)
  end

  it("runs from a checkout without any setting", function()
    if interpreter.command == "lua5.4" then
      local output, status = shell("env -u LUA_PATH -u LUA_CPATH bin/twilio-numbers --version")
      assert.matches("^twilio%-numbers %d", output)
      assert.equal(0, status)
    end
  end)

  it("runs from a checkout along with the user's own paths, for all Luas or for one", function()
    local settings = "env -u LUA_PATH -u LUA_CPATH LUA_PATH%s='%s' LUA_CPATH%s='%s'"
    for _, own in ipairs { "", "_5_2", "_5_3", "_5_4" } do
      for _, path in ipairs { "", ";;", "/nowhere/?.lua", "/nowhere/?.lua;;" } do
        local output, status =
          shell(settings:format(own, path, own, path) .. " bin/twilio-numbers --version")
        assert.matches("^twilio%-numbers %d", output)
        assert.equal(0, status)
      end
    end
  end)

  it("finds a rock by the user's own path", function()
    local folder = os.tmpname()
    os.remove(folder)
    os.execute(("mkdir %s && echo 'error(\"mine\")' >%s/argparse.lua"):format(folder, folder))
    local output =
      shell(("env -u LUA_CPATH LUA_PATH='%s/?.lua' bin/twilio-numbers --version"):format(folder))
    os.execute("rm -r " .. folder)
    assert.matches("argparse is missing", output, 1, true) -- since that one cannot be loaded
  end)

  it("runs from a checkout through symlinks", function()
    local name = os.tmpname()
    os.remove(name)
    os.execute(
      ("mkdir %s && ln -s $PWD/bin/twilio-numbers %s/one && ln -s one %s/two"):format(
        name,
        name,
        name
      )
    )
    local output, status = shell("env -u LUA_PATH -u LUA_CPATH " .. name .. "/two --version")
    os.execute("rm -r " .. name)
    assert.matches("^twilio%-numbers %d", output)
    assert.equal(0, status)
  end)
end)
