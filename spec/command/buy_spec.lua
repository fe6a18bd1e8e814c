-- twilio-numbers buy: the exit code and the output always tell whether money was spent.
local cjson = require("cjson")
local command = require("spec.support.command")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers buy", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), "buy", ...)
  end

  local function owned()
    local list = {}
    for i, number in ipairs(twilio:state().owned) do
      list[i] = number.phone_number
    end
    table.sort(list)
    return list
  end

  local function show(phone_number)
    return cjson.decode((command.run(command.settings(twilio), "show", phone_number, "--json")))
  end

  it("buys a given number: 0", function()
    local out, code, err = run("+14155550130", "-y", "--set", "sms_url=https://example.com/sms")
    assert.equal(0, code)
    assert.matches("^NUMBER .-\n%+14155550130  PN%x+  %(415%) 555%-0130  voice sms mms\n$", out)
    local plan =
      "About to buy +14155550130, for account %s at %s (not Twilio). Numbers cost money.\n"
    assert.equal(plan:format(twilio.account_sid, twilio.base_url), err)
    assert.equal("https://example.com/sms", show("+14155550130").sms_url)
  end)

  it("prints the number and nothing else for programs", function()
    local out, code = run("+14155550131", "-y", "--json")
    assert.equal(0, code)
    assert.equal("+14155550131", cjson.decode(out).phone_number)
    assert.matches("^{[^\n]+}\n$", out)
  end)

  it("buys any matching number by its phone number", function()
    local out, code, err = run("--area-code", "415", "--sms-enabled", "--no-fax-enabled", "-y")
    assert.equal(0, code)
    assert.matches(" 1 local number in US with area code 415, sms enabled, not fax enabled,", err)
    assert.matches("\n%+1415", out)
    for _, request in ipairs(twilio:requests()) do
      assert.is_nil(request.method == "POST" and request.body:find("AreaCode", 1, true) or nil)
    end
  end)

  it("buys from several area codes, in their order", function()
    local codes = { "--area-code", "907", "--area-code", "415" }
    local out, code, err = run(codes[1], codes[2], codes[3], codes[4], "--count", "4", "-y")
    assert.equal(0, code)
    assert.matches(" 4 local numbers in US with area code 907 or 415,", err, 1, true)
    assert.equal(3, select(2, out:gsub("%f[^\n]%+1907", "")))
    assert.equal(1, select(2, out:gsub("%f[^\n]%+1415", "")))
    out, code = run("--area-code", "907", "--area-code", "510", "-y", "--json")
    assert.equal(0, code)
    assert.matches("^%+1510", cjson.decode(out).phone_number)
  end)

  it("buys from a place farther away with --widen", function()
    local place = { "--near-number", "(415) 555-0100", "--in-locality", "Sacramento" }
    local function near(...)
      return run(place[1], place[2], place[3], place[4], "-y", ...)
    end
    assert.equal(1, (select(2, near())))
    local out, code, err = near("--widen")
    assert.equal(0, code)
    assert.matches("\n%+1916", out)
    assert.matches("within 25, 100 or 500 miles", err, 1, true)
    assert.equal(2, (select(2, run("--widen", "-y"))))
  end)

  it("refuses invalid or duplicate area codes before it asks: 2", function()
    for codes, words in pairs { ["415 415"] = "lists 415 twice", ["415 62"] = 'got "62"' } do
      local first, second = codes:match("(%d+) (%d+)")
      local out, code, err = run("--area-code", first, "--area-code", second, "-y")
      assert.same({ "", 2 }, { out, code })
      assert.matches(words, err, 1, true)
      assert.is_nil(err:find("About to buy", 1, true))
    end
  end)

  it("prints settings that could not be applied for programs", function()
    local words = { "-y", "--json", "--set", "emergency_address_sid=AD" .. ("0"):rep(32) }
    for _, numbers in ipairs { { "+14155550174" }, { "+14155550175", "+14155550176" } } do
      local ignored =
        { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST", times = 9 }
      twilio:fault(ignored)
      for i = 1, #numbers do
        words[4 + i] = numbers[i]
      end
      local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(0, code)
      assert.matches("did not set emergency_address_sid", err)
      local value = cjson.decode(out)
      for i = 1, #numbers do
        local number = value.results and value.results[i].number or value
        assert.equal(numbers[i], number.phone_number)
        assert.equal("emergency_address_sid", number.incomplete.differences[1].name)
        assert.is_nil(value.results and value.results[i].error)
      end
      twilio:clear()
    end
  end)

  it("parses options by the parameters' types", function()
    local _, code = run("+14155550132", "-y", "--set", "voice_caller_id_lookup=true")
    assert.equal(0, code)
    assert.is_true(show("+14155550132").voice_caller_id_lookup)
  end)

  it("buys for a subaccount", function()
    local out = run("+14155550133", "-y", "--json", "--account-sid", twilio.subaccount_sid)
    assert.equal(twilio.subaccount_sid, cjson.decode(out).account_sid)
  end)

  it("refuses, rather than hangs, without a terminal to ask in: 2", function()
    local out, code, err = run("+14155550134")
    assert.same({ "", 2 }, { out, code })
    assert.matches("^About to buy %+14155550134, for account AC", err)
    assert.matches("nothing was done: add %-%-yes to go ahead without a question\n$", err)
    assert.equal(0, twilio:state().posts)
  end)

  it("prints a refusal: 1", function()
    local out, code, err = run("+15005550000", "-y")
    assert.same({ "", 1 }, { out, code })
    assert.matches("error 21422", err)
    out, code = run("+15005550000", "-y", "--json")
    assert.equal(1, code)
    local problem = cjson.decode(out).error
    assert.same({ 21422, "no" }, { problem.code, problem.purchased })
  end)

  it("refuses to change a number that the account owns, unless told to: 1", function()
    run("+14155550135", "-y")
    local _, code, err = run("+14155550135", "-y")
    assert.equal(1, code)
    assert.matches("the account already owns %+%d+, as PN", err)
    assert.equal(1, twilio:state().posts)
    _, code = run("+14155550135", "-y", "--even-if-owned", "--set", "friendly_name=New")
    assert.equal(0, code)
    assert.equal("New", show("+14155550135").friendly_name)
  end)

  it("reports that there is no matching number: 1", function()
    local _, code, err = run("--area-code", "999", "-y")
    assert.equal(1, code)
    assert.matches("no number matches the filter", err)
  end)

  it("reports wrong usage before it asks or sends: 2", function()
    for message, words in pairs {
      ["say what to buy"] = {},
      ["not both"] = { "+14155550136", "--area-code", "415" },
      ["must be in E.164 form"] = { "41555" },
      ["is named twice"] = { "+14155550136", "+14155550136" },
      ["three digits"] = { "--area-code", "41" },
      ["two capital letters"] = { "--country", "usa" },
      ["did you mean friendly_name?"] = { "+14155550136", "--set", "frendly_name=x" },
      ["absolute http or https URL"] = { "--area-code", "415", "--set", "sms_url=x" },
      ["give name=value"] = { "+14155550136", "--set", "sms_url" },
      ["give the number as an argument"] = { "--area-code", "415", "--set", "phone_number=+1" },
      ["--count must be a whole number"] = { "--area-code", "415", "--count", "0" },
      ["--account-sid must be AC"] = { "+14155550136", "--account-sid", "ACx" },
      ['there is no option "--auth-token"'] = { "+14155550136", "--auth-token", "x" },
      ["--no-sms-enabled cannot go with --sms-enabled"] = { "--sms-enabled", "--no-sms-enabled" },
    } do
      local out, code, err = run("-y", (table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ "", 2 }, { out, code }, message)
      assert.is_truthy(err:find(message, 1, true), err)
      assert.is_nil(err:find("traceback", 1, true))
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("reports that money may have been spent: 3", function()
    -- the purchase is made, but its response and those of all look-ups are lost
    twilio:fault { fault = "close_after_commit", method = "POST", times = 50 }
    twilio:fault { fault = "status", status = 403, method = "GET", skip = 1, times = 50 }
    local out, code, err = run("+14155550137", "-y")
    assert.same({ "", 3 }, { out, code })
    assert.matches("A number may have been bought", err)
    assert.matches(
      "See what the account owns: twilio%-numbers list %-%-phone%-number %+14155550137\n$",
      err
    )
    assert.same({ "+14155550137" }, owned())
  end)

  it("reports a number that was bought and whose description was lost: 3", function()
    twilio:fault { fault = "empty", method = "POST" }
    twilio:fault { fault = "status", status = 403, method = "GET", skip = 1, times = 50 }
    local out, code = run("+14155550138", "-y", "--json")
    assert.equal(3, code)
    assert.equal("yes", cjson.decode(out).error.purchased)
  end)

  it("prints what it would do in a dry run, and sends no POST", function()
    local out, code, err =
      run("--area-code", "415", "--count", "3", "--dry-run", "--set", "friendly_name=Desk")
    assert.equal(0, code)
    assert.matches("\n%+1415555%d+ .-\n%+1415555%d+ .-\n%+1415555%d+ ", out)
    assert.matches("nothing is bought. Would buy such as these, and set:\n", err)
    assert.matches("friendly_name = Desk", err)
    out = run("+14155550139", "--dry-run", "--json", "--set", "friendly_name=Desk")
    assert.equal("FriendlyName=Desk&PhoneNumber=%2B14155550139", cjson.decode(out)[1].body)
    out, code, err = run("--area-code", "907", "--count", "5", "--dry-run", "--json")
    assert.same({ 1, 3 }, { code, #cjson.decode(out) })
    assert.matches("only 3 of 5 numbers match\n", err)
    assert.equal(0, twilio:state().posts)
  end)

  it("distinguishes a failed search in a dry run from one that finds too few numbers", function()
    local path = "/2010-04-01/Accounts/%s/AvailablePhoneNumbers/US/Local.json?Page=1"
    local first_page = {
      fault = "status",
      status = 200,
      method = "GET",
      content_type = "application/json",
      body = cjson.encode {
        available_phone_numbers = { { phone_number = "+14155550100" } },
        next_page_uri = path:format(twilio.account_sid),
      },
    }
    for name, fault in pairs {
      status = { fault = "status", status = 403, code = 20003, method = "GET", times = 9 },
      kind = { fault = "html", method = "GET", times = 9 },
    } do
      twilio:fault(first_page)
      twilio:fault(fault)
      local out, code = run("--area-code", "415", "--count", "3", "--dry-run", "--json")
      local problem = cjson.decode(out).error
      assert.equal(1, code)
      assert.equal(name == "status" and 403 or "response", problem[name])
      twilio:clear()
    end
  end)

  it("finds more numbers in a dry run than Twilio's default page size", function()
    twilio:limits { search = 1000 }
    local out, code = run("--area-code", "415", "--count", "300", "--dry-run", "--json")
    assert.same({ 0, 300 }, { code, #cjson.decode(out) })
  end)

  --- Makes the next search return the given number of numbers, like Twilio, however many there are.
  ---@param unfit? integer how many of them need an address
  local function show_candidates(count, unfit)
    local candidates = {}
    for i = 1, count do
      candidates[i] = {
        phone_number = ("+1415555%04d"):format(100 + i),
        address_requirements = i <= (unfit or 0) and "any" or "none",
      }
    end
    twilio:fault {
      fault = "status",
      status = 200,
      method = "GET",
      content_type = "application/json",
      body = cjson.encode { available_phone_numbers = candidates },
    }
  end

  it("mentions in a dry run that the purchase will search again after a full page", function()
    show_candidates(30)
    local out, code, err = run("--area-code", "415", "--count", "40", "--dry-run", "--json")
    assert.same({ 0, 30 }, { code, #cjson.decode(out) })
    assert.matches("A search shows 30 numbers: the purchase searches again for the other 10.", err)
    show_candidates(3)
    out, code, err = run("--area-code", "415", "--count", "40", "--dry-run", "--json")
    assert.same({ 1, 3 }, { code, #cjson.decode(out) })
    assert.matches("only 3 of 40 numbers match\n", err)
  end)

  it("explains in a dry run why too few numbers would be bought, without those it shows", function()
    show_candidates(5, 2)
    local out, code, err = run("--area-code", "415", "--count", "9", "--dry-run", "--json")
    assert.same({ 1, 3 }, { code, #cjson.decode(out) })
    assert.matches("only 3 of 9 numbers match: 2 need an address", err)
    assert.is_nil(err:find("not accepted", 1, true))
  end)

  it("explains in a dry run why no number would be bought: 1", function()
    local words = { "--country", "DE", "--count", "2" }
    words[#words + 1] = "--dry-run"
    local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.same({ "", 1 }, { out, code })
    assert.matches(
      "no number matches the filter: %d+ needs? an address: give address_sid or bundle",
      err
    )
  end)

  it("prints in a dry run which owned numbers it would refuse: 1", function()
    run("+14155550167", "-y")
    local words = { "+14155550167", "+14155550168", "--dry-run", "--json" }
    local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.equal(1, code)
    assert.matches("%+14155550167: the account owns it already, as PN", err)
    local list = cjson.decode(out)
    assert.same({ 1, "+14155550168" }, { #list, list[1].phone_number })
    words[5] = "--even-if-owned"
    out, code = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.same({ 0, 2 }, { code, #cjson.decode(out) })
    twilio:fault { fault = "status", status = 403, code = 20003, method = "GET" }
    out, code = run("+14155550167", "--dry-run", "--json")
    assert.same({ 1, 20003 }, { code, cjson.decode(out).error.code })
  end)

  it("buys many and prints a line for each without a terminal: 0", function()
    local out, code, err = run("--area-code", "415", "--count", "4", "-y")
    assert.equal(0, code)
    local _, rows = out:gsub("\n%+1415", "")
    assert.equal(4, rows)
    assert.matches("^About to buy 4 local numbers in US with area code 415, for account AC", err)
    assert.matches("\n1/4 bought; %+1415%d+: bought\n", err)
    assert.matches("\n4/4 bought; %+1415%d+: bought\n$", err)
    assert.is_nil(err:find("[\r\27]"))
    assert.equal(4, #owned())
  end)

  it("buys the given numbers, and prints which could not be bought: 1", function()
    local out, code = run("+14155550140", "+15005550000", "-y", "--json")
    assert.equal(1, code)
    local report = cjson.decode(out)
    assert.same({ 2, 1, 1, 0 }, { report.wanted, report.bought, report.refused, report.unknown })
    assert.equal("+14155550140", report.results[1].number.phone_number)
    assert.equal(21422, report.results[2].error.code)
    assert.same({ "+14155550140" }, owned())
  end)

  it("reports that not all numbers were available: 1", function()
    local _, code, err = run("--area-code", "907", "--count", "5", "-y")
    assert.equal(1, code)
    assert.matches("3 of 5 bought", err)
  end)

  it("keeps nothing with --all-or-nothing unless all were bought: 1", function()
    local out, code, err = run("--area-code", "907", "--count", "5", "-y", "--all-or-nothing")
    assert.same({ "", 1 }, { out, code })
    assert.matches("3 released", err)
    assert.same({}, owned())
  end)

  it("reports that some of many may have been bought: 3", function()
    twilio:fault {
      fault = "hang",
      method = "POST",
      skip = 1,
      times = 50,
      commit = true,
      seconds = 0.1,
    }
    twilio:fault {
      fault = "status",
      status = 403,
      method = "GET",
      path = "Incoming",
      skip = 2,
      times = 50,
    }
    local out, code = run("+14155550141", "+14155550142", "-y", "--json")
    local report = cjson.decode(out)
    assert.same({ 3, 1, 1 }, { code, report.bought, report.unknown })
  end)

  --- Starts the command, presses Ctrl-C once the given number of purchases was read, and optionally again
  --- when it has printed that it finishes requests in flight.
  ---@return string output of both streams
  ---@return integer code
  local function interrupt(posts, again, ...)
    local words = { "buy", "-y", ... }
    local line = command.line(command.settings(twilio), words)
    local script = "sh -c 'echo $$; exec " .. line:gsub("'", "'\\''") .. "' 2>&1; echo exit $?"
    local pipe = assert(io.popen(script))
    local pid = assert(pipe:read("*l"):match("^%d+$"))
    local function press()
      os.execute("kill -INT " .. pid)
    end
    flights.until_(function()
      return twilio:state().posts >= posts
    end, "the purchases were sent")
    press()
    local lines = {}
    for text in pipe:lines() do
      lines[#lines + 1] = text
      if again and text:find("^Finishing ") then
        press()
      end
    end
    pipe:close()
    return table.concat(lines, "\n"), tonumber(lines[#lines]:match("^exit (%d+)$"))
  end

  it("reports at Ctrl-C that money may have been spent: 3", function()
    twilio:fault { fault = "hang", method = "POST" }
    local output, code = interrupt(1, false, "+14155550143")
    assert.matches("interrupted\n.*A number may have been bought", output)
    assert.equal(3, code)
  end)

  it("finishes purchases in flight at Ctrl-C, and starts no more", function()
    twilio:limits { latency = 0.2 }
    local output, code = interrupt(3, false, "--area-code", "415", "--count", "150")
    assert.matches(
      "\nFinishing %d+ requests already sent %(Ctrl%-C again to give up%)...\n",
      output
    )
    local bought, rest =
      output:match("(%d+) of 150 bought, 0 refused, 0 unknown, 0 released, (%d+) not")
    assert.is_truthy(bought, output)
    assert.equal(150, bought + rest)
    assert.same({ tonumber(bought), 1 }, { #owned(), code })
  end)

  it("releases what was bought at Ctrl-C with --all-or-nothing", function()
    twilio:limits { latency = 0.1 }
    local output, code =
      interrupt(3, false, "--area-code", "415", "--count", "150", "--all-or-nothing")
    assert.matches("\nFinishing %d+ requests already sent", output)
    assert.matches("0 of 150 bought, 0 refused, 0 unknown, %d+ released, %d+ not begun", output)
    assert.same({ 0, 1 }, { #owned(), code })
  end)

  for name, words in pairs {
    ["one number"] = { "+14155550144" },
    ["several numbers"] = { "+14155550145", "+14155550146" },
  } do
    it("prints what it bought although Ctrl-C comes just before, 0: " .. name, function()
      local settings = command.settings(twilio)
      local program = ([[
        local process = require("spec_process")
        local streams = require("twilio.numbers.command.streams")
        local print = streams.print
        function streams.print(text)
          process.kill(process.pid(), 2)
          print(text)
        end
        os.exit(require("twilio.numbers.command").run {
          "buy", "--yes", "--json", "--base-url", "%s", "%s"
        })
      ]]):format(settings.base_url, table.concat(words, '", "'))
      settings.base_url = nil
      local output, code = interpreter.result(program, 30, { variables = settings })
      assert.equal(0, code, output)
      local sids = select(2, output:gsub('"sid":"PN', ""))
      assert.same({ #words, #words }, { sids, #owned() })
    end)
  end

  it("stops at the second Ctrl-C, and names all numbers that may have been bought: 3", function()
    twilio:fault { fault = "hang", method = "POST", skip = 2, times = 50 }
    local words = { "--area-code", "415", "--count", "14", "--set", "friendly_name=The Pool" }
    local output, code = interrupt(14, true, (table.unpack or unpack)(words)) -- luacheck: ignore
    assert.matches("\nFinishing 12 requests already sent", output)
    assert.matches("interrupted\n", output)
    assert.matches("2 of 14 bought, 0 refused, 12 unknown", output)
    local named = output:match("\n  12 numbers: [^\n]+\n(    .-)\nSee")
    local count = select(2, named:gsub("%+1415555%d%d%d%d", ""))
    assert.equal(12, count)
    assert.matches("twilio%-numbers list %-%-friendly%-name 'The Pool'\n", output)
    assert.same({ 2, 3 }, { #owned(), code })
  end)
end)
