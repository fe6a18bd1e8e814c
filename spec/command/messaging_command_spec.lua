-- twilio-numbers buy --messaging-service, attach and detach.
local cjson = require("cjson")
local command = require("spec.support.command")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

--- The simulator's services, see docs/simulator.md.
local function service(digit)
  return "MG" .. ("0"):rep(31) .. digit
end

local PLAIN, FULL, UNREGISTERED, NONE = service("1"), service("2"), service("3"), service("9")

describe("twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  local function buy(...)
    return run("buy", "--area-code", "415", "--yes", "--json", ...)
  end

  --- The SID of a number that the account owns.
  local function owned()
    return cjson.decode((buy())).sid
  end

  it("buy --messaging-service adds the number to the service", function()
    local out, code, err = buy("--messaging-service", PLAIN)
    local number = cjson.decode(out)
    assert.same({ 0, nil }, { code, number.incomplete }, err)
    out, code = run("attach", number.sid, PLAIN, "--json")
    assert.same({ 0, PLAIN }, { code, cjson.decode(out).service_sid })
    assert.matches("is in another Messaging Service", (select(3, run("attach", number.sid, FULL))))
  end)

  it("buy --messaging-service uses the next service if one is full", function()
    local _, code, err = buy("--messaging-service", FULL, "--messaging-service", PLAIN)
    assert.equal(0, code)
    assert.not_matches("is full", err)
  end)

  it("buy --messaging-service prints the number even if the service is full", function()
    local out, code, err = buy("--messaging-service", FULL)
    local number = cjson.decode(out)
    local missing = number.incomplete.messaging_service
    assert.same({ 0, FULL, 21714, nil }, {
      code,
      missing.sid,
      missing.error.code,
      number.incomplete.differences,
    })
    assert.matches(
      "the number was bought, but it is not in Messaging Service " .. FULL,
      err,
      1,
      true
    )
    local hint = "To put it into another service: twilio-numbers attach %s MG..."
    assert.matches(hint:format(number.phone_number), err, 1, true)
  end)

  it("buy --messaging-service of many prints the result for each", function()
    local out, code, err = buy("--messaging-service", FULL, "--count", "2")
    local report = cjson.decode(out)
    assert.same({ 0, 2 }, { code, report.bought })
    assert.equal(FULL, report.results[2].number.incomplete.messaging_service.sid)
    assert.matches("2 numbers: the number was bought, but it is not in", err, 1, true)
    local first = report.results[1].phone_number
    assert.matches("another service: twilio-numbers attach " .. first .. " MG...\n", err, 1, true)
  end)

  it("buy --messaging-service warns about a service without a campaign", function()
    local _, code, err = buy("--messaging-service", UNREGISTERED)
    assert.equal(0, code)
    local is_told = err:find("no registered campaign", 1, true) ~= nil
    local _, _, verbose = buy("--messaging-service", UNREGISTERED, "--verbose")
    assert.equal(is_told, verbose:find("no registered campaign", 1, true) ~= nil)
    _, _, verbose = buy("--messaging-service", PLAIN, "--verbose")
    assert.not_matches("no registered campaign", verbose)
    assert.equal(is_told, verbose:find(" is in Messaging Service ", 1, true) ~= nil)
  end)

  it("buy --messaging-service says that it searches numbers with SMS", function()
    local _, code, err = run("buy", "--area-code", "212", "--yes", "--messaging-service", PLAIN)
    assert.equal(1, code)
    assert.matches("(1 local number in US with area code 212, sms enabled)", err, 1, true)
  end)

  it("buy --messaging-service buys nothing if there is no such service: 2", function()
    local out, code, err = buy("--messaging-service", NONE)
    assert.same({ 2, "no" }, { code, cjson.decode(out).error.purchased })
    assert.matches("has no Messaging Service " .. NONE, err, 1, true)
    assert.equal(0, twilio:state().purchases)
  end)

  it(
    "buy --messaging-service refuses services that conflict with other options, without asking: 2",
    function()
      local other = "AC" .. ("9"):rep(32)
      for _, words in ipairs {
        { "--messaging-service", "MG1" },
        { "--messaging-service", PLAIN, "--messaging-service", PLAIN },
        { "--messaging-service", PLAIN, "--no-sms-enabled" },
        { "--messaging-service", PLAIN, "--account-sid", other },
      } do
        local _, code = run("buy", "US", (table.unpack or unpack)(words)) -- luacheck: ignore
        assert.equal(2, code, table.concat(words, " "))
      end
      assert.equal(0, twilio:state().requests)
    end
  )

  it("buy --dry-run reads the service without adding a number", function()
    local _, code, err = buy("--messaging-service", PLAIN, "--dry-run")
    assert.equal(0, code)
    assert.matches("Would put into Messaging Service " .. PLAIN, err, 1, true)
    _, code = buy("--messaging-service", NONE, "--dry-run")
    assert.equal(2, code)
    assert.equal(0, twilio:state().posts)
  end)

  it("attach adds a number to a service, by its SID or phone number", function()
    local number = cjson.decode((buy()))
    for _, name in ipairs { number.sid, number.phone_number } do
      local out, code = run("attach", name, FULL, PLAIN)
      assert.equal(0, code)
      assert.matches(number.phone_number .. "  " .. number.sid .. "  " .. PLAIN, out, 1, true)
    end
  end)

  it("attach reports that a number is in another service, and --move removes it there", function()
    local sid = owned()
    assert.equal(0, (select(2, run("attach", sid, PLAIN))))
    local out, code, err = run("attach", sid, UNREGISTERED, "--json")
    assert.same({ 1, 21712 }, { code, cjson.decode(out).error.code })
    assert.matches("is in another Messaging Service", err, 1, true)
    assert.matches("To take it out of there first, add --move.", err, 1, true)
    assert.equal(0, (select(2, run("attach", sid, UNREGISTERED, "--move"))))
    assert.equal(1, (select(2, run("attach", sid, PLAIN))))
  end)

  it("detach removes a number, and may be repeated", function()
    local sid = owned()
    assert.equal(0, (select(2, run("attach", sid, PLAIN))))
    for _ = 1, 2 do
      local out, code = run("detach", sid, PLAIN, "--json")
      assert.same(
        { 0, { sid = sid, service_sid = PLAIN, detached = true } },
        { code, cjson.decode(out) }
      )
    end
    assert.matches("is out of Messaging Service", (select(3, run("detach", sid, PLAIN))))
    assert.equal(0, (select(2, run("attach", sid, UNREGISTERED))))
  end)

  it("attach and detach report an unknown outcome when Ctrl-C ends them", function()
    local sid = owned()
    for _, subcommand in ipairs { "attach", "detach" } do
      twilio:clear()
      twilio:fault { fault = "hang", path = "/v1/Services/" }
      local before = #twilio:requests()
      local line = command.line(command.settings(twilio), { subcommand, sid, PLAIN })
      local pipe =
        assert(io.popen("sh -c 'echo $$; exec \"$@\"' sh " .. line .. " 2>&1; echo code $?"))
      local pid = assert(pipe:read("*l"):match("^%d+$"))
      flights.until_(function()
        local requests = twilio:requests()
        return #requests > before and requests[#requests].fault == "hang"
      end, "the service was asked")
      os.execute("kill -INT " .. pid)
      local output = pipe:read("*a")
      pipe:close()
      assert.matches("\ncode 3\n$", output)
      assert.matches("unknown whether the number is in the service: repeat", output, 1, true)
    end
  end)

  it("attach and detach report invalid arguments", function()
    local sid = owned()
    for code, words in pairs {
      [1] = { "detach", sid, NONE },
      [2] = { "attach", sid, "MG1" },
      [2.5] = { "attach", sid },
      [1.5] = { "attach", "+14155550199", PLAIN },
      [1.25] = { "attach", sid, NONE },
    } do
      local _, got, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(math.floor(code), got, table.concat(words, " "))
      assert.is_true(#err > 20)
    end
  end)

  it("attach and detach explain that the account does not own the number: 1", function()
    for _, action in ipairs { "attach", "detach" } do
      local out, code, err = run(action, "+14155550199", PLAIN)
      assert.same({ "", 1 }, { out, code })
      assert.matches("+14155550199: the account owns no such number", err, 1, true)
    end
  end)
end)
