-- twilio-numbers buy --key, and twilio-numbers journal: with a journal in SQLite.
local cjson = require("cjson")
local command = require("spec.support.command")
local journals = require("spec.support.journals")
local records = require("twilio.numbers.journal.records")
local simulator = require("spec.support.simulator")
local terminal = require("spec.support.terminal")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers with a journal", function()
  local twilio = simulator.shared(BLOCK)
  local folder, path

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  local function journal(action, ...)
    return run("journal", action, "--journal", path, ...)
  end

  local function buy(...)
    return run("buy", "--journal", path, ...)
  end

  local function buy_in_terminal(...)
    local words = { "buy", "--journal", path, ... }
    return terminal.run(command.line(command.settings(twilio), words))
  end

  before_each(function()
    folder = journals.new_folder()
    path = folder .. "/purchases.db"
    local _, code, err = command.run({}, "journal", "init", path)
    assert.same({ "Created the journal.\n", 0 }, { err, code })
  end)

  after_each(function()
    journals.remove(folder)
  end)

  --- A purchase that Twilio may carry out, without a response to the command.
  local function crash(key, number, is_carried_out)
    local fault = is_carried_out and "close_after_commit" or "close_after_read"
    twilio:fault { fault = fault, method = "POST", times = 50 }
    twilio:fault { fault = "status", status = 403, method = "GET", skip = 1, times = 50 }
    local out, code, err = buy("--key", key, number, "-y")
    twilio:clear()
    assert.same({ "", 3 }, { out, code }, err)
    return err
  end

  local function state_of(key)
    return cjson.decode((journal("show", key, "--json"))).state
  end

  --- Changes the record of one number of an order of several.
  local function change_slot(key, slot, change)
    local store = assert(journals.open(path))
    local scope = records.parse(assert(store:scan(journals.call(), "slot/", nil, 1))[1].key).scope
    local slot_key = records.slot(scope, slot, key)
    local found = assert(store:read(journals.call(), { slot_key }))[slot_key]
    local record = assert(records.decode(found.value))
    change(record)
    local write =
      { key = slot_key, version = found.version, value = assert(records.encode(record)) }
    assert.is_true((store:apply(journals.call(), { write })))
    store:close(5)
  end

  describe("buy --key", function()
    it("buys once, however often it runs", function()
      local out, code = buy("--key", "order-1", "--area-code", "415", "-y", "--json")
      assert.equal(0, code)
      local first = cjson.decode(out)
      assert.is_nil(first.replayed)
      local err
      out, code, err = buy("--key", "order-1", "--area-code", "415", "--json")
      local second = cjson.decode(out)
      assert.same({ 0, first.sid, true }, { code, second.sid, second.replayed })
      assert.equal(("The order order-1 has been bought: %s.\n"):format(first.phone_number), err)
      assert.equal(1, twilio:state().purchases)
    end)

    it("counts the numbers of an unfinished order that were begun", function()
      twilio:fault { fault = "status", status = 503, method = "POST", times = 200 }
      twilio:fault { fault = "status", status = 403, path = "/Incoming", skip = 30, times = 200 }
      local words = { "--key", "pool", "--area-code", "415", "--count", "40", "-y" }
      local _, code = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(3, code)
      twilio:clear()
      local out, err
      out, code, err = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(0, code, err)
      assert.matches("^The order pool is unfinished: 40 numbers %(%d+ begun: %+1415", err)
      assert.equal(40, select(2, out:gsub("PN%x+", "")))
    end)

    it("names the begun numbers of an unfinished order whose first one was refused", function()
      local words = { "--key", "m", "+14155550130", "+14155550131", "-y" }
      twilio:fault { fault = "status", status = 400, code = 21422, method = "POST", times = 2 }
      assert.equal(1, (select(2, buy((table.unpack or unpack)(words))))) -- luacheck: ignore
      change_slot("m", 2, function(record)
        record.state, record.number, record.senders = "trying", "+14155550131", {}
      end)
      local _, code, err = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.matches("The order m is unfinished: 2 numbers (1 begun: +14155550131).", err, 1, true)
      assert.equal(0, code)
      assert.equal(2, twilio:state().purchases)
    end)

    it("finishes a purchase that an earlier run started, without asking", function()
      local err = crash("order-1", "+14155550130", true)
      assert.matches("To finish it, repeat the command with %-%-key order%-1\n$", err)
      assert.equal("trying", state_of("order-1"))
      local out, code
      out, code, err = buy("--key", "order-1", "+14155550130")
      assert.equal(0, code, err)
      assert.matches("^The order order%-1 is unfinished: %+14155550130.\n", err)
      assert.matches("\n%+14155550130  PN", out)
      assert.equal(1, twilio:state().purchases)
      assert.equal("bought", state_of("order-1"))
    end)

    it("buys another number than commands that run at the same time", function()
      local lines = {}
      for i = 1, 3 do -- of three that there are
        local words = { "buy", "--journal", path, "--area-code", "907", "-y", "--key", "k" .. i }
        lines[i] = command.line(command.settings(twilio), words) .. " & "
      end
      local pipe = assert(io.popen(("{ %s wait; } 2>&1"):format(table.concat(lines))))
      local output = pipe:read("*a")
      pipe:close()
      assert.equal(3, #twilio:state().owned, output)
      for i = 1, 3 do
        assert.equal("bought", state_of("k" .. i))
      end
      assert.equal(0, (select(2, journal("audit"))))
    end)

    it("asks if no purchase was started, or none can have succeeded", function()
      local _, code, err = buy("--key", "order-1", "+14155550130")
      assert.equal(2, code)
      assert.matches("^About to buy %+14155550130", err)
      assert.equal(0, twilio:state().posts)
      twilio:fault { fault = "status", status = 400, code = 21422, method = "POST" }
      _, code = buy("--key", "order-1", "+14155550130", "-y") -- luacheck: ignore
      assert.equal(1, code)
      assert.equal("open", state_of("order-1"))
      _, code, err = buy("--key", "order-1", "+14155550130") -- luacheck: ignore
      assert.equal(2, code)
      assert.matches(
        "^The order order%-1 is open: it has no number yet%.\nAbout to buy %+14155550130",
        err
      )
    end)

    it("tells what an open order has bought, asks about the rest, and buys it", function()
      local words = { "--key", "m", "+14155550130", "+14155550131", "+14155550132" }
      twilio:fault { fault = "status", status = 400, code = 21422, method = "POST" }
      assert.equal(1, (select(2, buy("-y", (table.unpack or unpack)(words))))) -- luacheck: ignore
      local bought, rest = {}, nil
      for _, order in ipairs(cjson.decode((journal("show", "m", "--json"))).numbers) do
        if order.state == "bought" then
          bought[#bought + 1] = order.phone_number
        else
          rest = words[2 + order.slot]
        end
      end
      local said =
        "The order m is open: 2 of 3 numbers bought (%s), the rest is still to be bought.\n"
      said = said:format(table.concat(bought, ", "))
      local out, code, err = buy("--dry-run", "--json", (table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ said, 0 }, { err:sub(1, #said), code })
      local plan = cjson.decode(out)
      assert.same({ 1, rest }, { #plan, plan[1].phone_number })
      local screen = buy_in_terminal((table.unpack or unpack)(words)) -- luacheck: ignore
      local text = screen:wait("[y/N]")
      assert.equal(said, text:sub(1, #said))
      assert.matches("\n  " .. rest .. ", San Francisco, CA, 1.15 USD a month\n", text, 1, true)
      assert.matches("\nBuy 1 number for 1.15 USD a month?", text, 1, true)
      screen:type("y Enter")
      screen:wait("exit 0")
      screen:close()
      assert.equal(3, twilio:state().purchases)
    end)

    it("asks about as many of any numbers as an open order has not bought", function()
      local words = { "--key", "m", "--area-code", "415", "--count", "3" }
      buy("-y", (table.unpack or unpack)(words)) -- luacheck: ignore
      change_slot("m", 2, function(record)
        record.state, record.number, record.sid = "open", nil, nil
      end)
      local screen = buy_in_terminal((table.unpack or unpack)(words)) -- luacheck: ignore
      local text = screen:wait("[y/N]")
      screen:close()
      assert.matches("^The order m is open: 2 of 3 numbers bought %(%+1415%d+, %+1415%d+%), ", text)
      assert.matches("\nBuy 1 number for 1.15 USD a month?", text, 1, true)
    end)

    it("refuses other parameters and prints the number that the key has bought: 3", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local out, code, err = buy("--key", "order-1", "+14155550131", "-y", "--json")
      assert.equal(3, code, err .. out)
      local problem = cjson.decode(out).error
      assert.same({ "conflict", "yes", "+14155550130" }, {
        problem.kind,
        problem.purchased,
        problem.phone_number,
      })
      assert.matches("journal show order%-1\n$", err)
      out, code = buy("--key", "order-1", "+14155550131", "--finish", "--json")
      assert.same({ 0, "+14155550130" }, { code, cjson.decode(out).phone_number })
      assert.equal(1, twilio:state().purchases)
    end)

    it("says how to go on, whatever the number of differences", function()
      buy("--key", "order-1", "--area-code", "415", "-y")
      for _, more in ipairs { { "-y" }, { "-y", "--set", "friendly_name=x" } } do
        local _, code, err =
          buy("--key", "order-1", "--area-code", "510", (table.unpack or unpack)(more)) -- luacheck: ignore
        assert.equal(3, code)
        assert.matches("other values of area_code", err, 1, true)
        assert.matches("--finish", err, 1, true)
        assert.matches("Another key would buy another number.", err, 1, true)
      end
    end)

    it("refuses another key's number: 2, since nothing was bought with this one", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local out, code = buy("--key", "order-2", "+14155550130", "-y", "--json", "--even-if-owned")
      assert.equal("conflict", cjson.decode(out).error.kind)
      assert.equal(2, code)
    end)

    it("buys several numbers, and only the missing ones when it is repeated", function()
      local words = { "--key", "m", "+14155550130", "+14155550131", "--json", "-y" }
      twilio:fault { fault = "status", status = 400, code = 21422, method = "POST" }
      local out, code = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ 1, 1 }, { code, cjson.decode(out).bought })
      assert.equal("open", state_of("m"))
      out, code = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ 0, 2 }, { code, cjson.decode(out).bought })
      assert.equal(2, twilio:state().purchases)
      words[6] = nil
      local _, again, err = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(0, again)
      assert.matches(
        "^The order m has been bought: 2 numbers %(%+14155550130, %+14155550131%)",
        err
      )
      assert.equal(2, twilio:state().purchases)
    end)

    it("says that several numbers were bought before, without progress", function()
      local words = { "--key", "m", "+14155550130", "+14155550131", "-y" }
      local first, _, err = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.matches("2/2 bought; +1415555013", err, 1, true)
      local again, code
      again, code, err = buy((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ first, 0 }, { again, code })
      local said = "The order m has been bought: 2 numbers (+14155550130, +14155550131)."
      assert.equal(said .. "\n", err)
      local screen = buy_in_terminal((table.unpack or unpack)(words)) -- luacheck: ignore
      local text = screen:wait("exit 0")
      screen:close()
      assert.matches(said .. "\nNUMBER ", text, 1, true)
    end)

    it(
      "shows in a terminal that it waits for the journal; Ctrl-C leaves the outcome unknown: 3",
      function()
        journals.hang(folder)
        local path_of_other = folder .. "/journal.db" -- the disk that hangs is that file's
        os.rename(path, path_of_other)
        local other = journals.start(
          folder,
          [[
          local journal = assert(journals.open(path))
          journal:apply(journals.call(60), { { key = "theirs", version = 0, value = "{}" } })
        ]]
        )
        journals.until_hung(folder)
        local words =
          { "buy", "--journal", path_of_other, "--key", "order-1", "+14155550130", "-y" }
        local screen = terminal.run(command.line(command.settings(twilio), words))
        screen:wait("waiting for the journal, ")
        screen:type("C-c")
        local text = screen:wait("exit")
        screen:close()
        journals.let_go(folder)
        other:close()
        assert.matches("repeat the command with %-%-key order%-1", text)
        assert.matches("exit 3", text)
        assert.equal(0, twilio:state().posts)
      end
    )

    it("only reads in a dry run", function()
      local _, code = buy("--key", "order-1", "+14155550130", "--dry-run")
      assert.equal(0, code)
      assert.matches("no order of the account has that key", select(3, journal("show", "order-1")))
      buy("--key", "order-1", "+14155550130", "-y")
      local out
      out, code = buy("--key", "order-1", "+14155550130", "--dry-run", "--json")
      assert.same({ 0, "bought" }, { code, cjson.decode(out).state })
      out, code = buy("--key", "order-1", "+14155550130", "--dry-run")
      assert.equal(0, code)
      assert.matches("\norder%-1 +bought +%+14155550130 +PN", out)
    end)

    it("with an unreadable journal exits with 3 (unknown), without a key with 1", function()
      local out, code
      local file = assert(io.open(path, "w"))
      file:write(("no database"):rep(1000))
      file:close()
      out, code = buy("--key", "order-1", "+14155550130", "-y", "--json")
      local problem = cjson.decode(out).error
      assert.same({ 3, "journal", "unknown" }, { code, problem.kind, problem.purchased })
      code = select(2, buy("+14155550130", "-y"))
      assert.equal(1, code)
      assert.equal(0, twilio:state().posts)
    end)

    it("with a missing journal exits with 3 (unknown), without a key with 1", function()
      os.remove(path)
      assert.equal(1, (select(2, buy("+14155550130", "-y"))))
      local out, code, err = buy("--key", "order-1", "+14155550130", "-y", "--json")
      assert.equal(3, code)
      err = err:match("[^\n]*\n$")
      assert.equal("To finish it, repeat the command with --key order-1\n", err)
      local told = cjson.decode(out).error
      assert.same({ "journal", "unknown", "order-1" }, {
        told.kind,
        told.purchased,
        told.idempotency_key,
      })
    end)

    it("needs a journal, and explains how to create one: 2", function()
      local _, code, err = run("buy", "--key", "order-1", "+14155550130", "-y")
      assert.equal(2, code)
      assert.matches("%-%-key needs %-%-journal FILE|URL or TWILIO_NUMBERS_JOURNAL", err)
      _, code, err = run("buy", "--finish", "+14155550130", "-y")
      assert.equal(2, code)
      assert.matches("%-%-finish needs %-%-key", err)
      _, code, err = buy("--key", "", "+14155550130", "-y")
      assert.equal(2, code)
      assert.matches("%-%-key must have from 1 to 255 bytes", err)
    end)

    it("uses the journal named by the environment", function()
      local settings = command.settings(twilio)
      settings.TWILIO_NUMBERS_JOURNAL = "sqlite:" .. path
      local _, code, err = command.run(settings, "buy", "--key", "order-1", "+14155550130", "-y")
      assert.equal(0, code, err)
      assert.equal("bought", state_of("order-1"))
    end)

    it("with --simulate does not use the environment's journal", function()
      local settings = { TWILIO_NUMBERS_JOURNAL = path }
      local _, code, err = command.run(settings, "--simulate", "buy", "--area-code", "415", "-y")
      assert.equal(0, code, err)
      _, code, err =
        command.run(settings, "--simulate", "buy", "--key", "k", "--area-code", "415", "-y")
      assert.equal(2, code)
      assert.matches("%-%-key needs %-%-journal", err)
      _, code, err = command.run(
        settings,
        "--simulate",
        "buy",
        "--key",
        "k",
        "--journal",
        path,
        "--area-code",
        "415",
        "-y"
      )
      assert.equal(0, code, err)
    end)

    it("prints the journal's steps along with requests", function()
      local _, _, err = buy("--key", "order-1", "+14155550130", "-y", "--verbose")
      for _, step in ipairs { "read", "begin", "settle" } do
        assert.matches("journal: " .. step .. " in %d+%.%d+ s\n", err)
      end
    end)
  end)

  it("refuses a password as an argument without repeating it: 2", function()
    for _, spec in ipairs {
      "postgresql://me:hunter2@127.0.0.1/shop",
      "postgresql:host=127.0.0.1 password=hunter2",
      "postgresql://127.0.0.1/shop?password=hunter2",
    } do
      for _, words in ipairs {
        { "journal", "init", spec },
        { "journal", "list", "--journal", spec },
        { "buy", "--journal", spec, "+14155550130", "-y" },
      } do
        local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
        assert.same({ "", 2 }, { out, code })
        assert.matches("must not hold a password", err)
        assert.matches("TWILIO_NUMBERS_JOURNAL", err)
        assert.matches("PGPASSFILE", err)
        assert.is_nil(err:find("hunter2", 1, true))
      end
    end
    local _, _, err = run("journal", "list", "--journal", "postgresql://me@127.0.0.1:1/a")
    assert.is_nil(err:find("must not hold", 1, true))
  end)

  describe("journal", function()
    it("init leaves an existing journal unchanged: 0", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local out, code, err = command.run({}, "journal", "init", path)
      assert.same({ "", 0 }, { out, code })
      assert.matches("exists already", err)
      assert.equal("bought", state_of("order-1"))
      out, code = command.run({}, "journal", "init", path, "--json")
      assert.same({ 0, { created = false } }, { code, cjson.decode(out) })
      out = command.run({}, "journal", "init", folder .. "/new.db", "--json")
      assert.is_true(cjson.decode(out).created)
      code =
        select(2, command.run({ TWILIO_NUMBERS_JOURNAL = folder .. "/more.db" }, "journal", "init"))
      assert.equal(0, code)
    end)

    it("init fails on any other file: 1, and on an invalid path: 2", function()
      local file = assert(io.open(folder .. "/text", "w"))
      file:write(("no database"):rep(1000))
      file:close()
      local _, code, err = command.run({}, "journal", "init", folder .. "/text")
      assert.equal(1, code)
      assert.matches("the journal cannot be used", err)
      _, code = command.run({}, "journal", "init", folder)
      assert.equal(2, code)
      _, code, err = command.run({}, "journal", "init")
      assert.equal(2, code)
      assert.matches("say which", err)
    end)

    it("list shows all orders, or only those that have not bought", function()
      local out, code, err = journal("list")
      assert.same({ "", 0, "No orders.\n" }, { out, code, err })
      buy("--key", "order-1", "+14155550130", "-y")
      crash("order-2", "+14155550131", false)
      out, code = journal("list")
      assert.equal(0, code)
      assert.matches("^KEY +STATE +NUMBER +SID +BEGUN", out)
      assert.matches(
        "\norder%-1 +bought +%+14155550130 +PN%x+ +%d+%-%d+%-%d+ %d+:%d+:%d+Z +%-\n",
        out
      )
      assert.matches("\norder%-2 +trying +%+14155550131 +%- +%d", out)
      local list = cjson.decode((journal("list", "--open", "--json")))
      assert.same({ 1, "order-2" }, { #list, list[1].key })
      assert.equal(1, #cjson.decode((journal("list", "--limit", "1", "--json"))))
      assert.equal(
        "[]\n",
        (journal("list", "--limit", "1", "--json", "--account-sid", twilio.subaccount_sid))
      )
    end)

    it("show prints all fields of an order, and exits with 1 if there is none", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local out, code = journal("show", "order-1")
      assert.equal(0, code)
      assert.matches("\nphone_number +%+14155550130\n", out)
      assert.matches("\nat +%d%d%d%d%-", out)
      local order = cjson.decode((journal("show", "order-1", "--json")))
      assert.is_true(math.abs(order.at / 1000 - os.time()) < 100)
      local err
      out, code, err = journal("show", "order-2")
      assert.same({ "", 1 }, { out, code })
      assert.matches("no order of the account has that key %(twilio%-numbers journal list", err)
      buy("--key", "m", "+14155550131", "+14155550132", "-y")
      order = cjson.decode((journal("show", "m", "--json")))
      assert.same({ 2, 2, "purchase_many" }, { order.count, #order.numbers, order.op })
      out = journal("show", "m")
      assert.matches("\nm %(2%) +bought +%+14155550132", out)
    end)

    it("recover records numbers that were bought, and buys nothing", function()
      local _, code, err = journal("recover")
      assert.same({ 0, "No order is unfinished.\n" }, { code, err })
      crash("order-1", "+14155550130", true)
      crash("order-2", "+14155550131", false)
      local posts = twilio:state().posts
      local report = cjson.decode((journal("recover", "--json")))
      assert.same({ 1, 0, 1 }, { #report.bought, #report.open, #report.trying })
      assert.equal("order-1", report.bought[1].key)
      assert.equal("bought", state_of("order-1"))
      assert.equal(posts, twilio:state().posts)
      local out
      out, code = journal("recover")
      assert.equal(0, code)
      assert.matches("\norder%-2 +trying", out)
      twilio:fault { fault = "status", status = 403, method = "GET", times = 50 }
      out, code, err = journal("recover", "--json")
      assert.equal(3, code)
      assert.matches("1 of 1 unfinished orders could not be looked up", err)
      assert.matches("status 403", cjson.decode(out).trying[1].last_error)
    end)

    it("audit compares both ways, and exits with 1 if it finds a difference", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local out, code, err = journal("audit")
      assert.same({ "", 0, "The account and the journal agree.\n" }, { out, code, err })
      assert.equal('{"unnamed":[],"stray":[],"gone":[]}\n', (journal("audit", "--json")))
      run("buy", "+14155550131", "-y")
      run("release", "+14155550130", "-y")
      out, code = journal("audit")
      assert.equal(1, code)
      assert.matches("Owned, and no order names them:\nNUMBER .-\n%+14155550131 ", out)
      assert.matches("Bought, and not owned any more:\nKEY .-\norder%-1 ", out)
      out, code = journal("audit", "--json")
      local report = cjson.decode(out)
      assert.same({ 1, "+14155550131", "order-1" }, {
        code,
        report.unnamed[1].phone_number,
        report.gone[1].key,
      })
    end)

    it("forget asks, and refuses orders that are unfinished or may be in flight: 1", function()
      crash("order-1", "+14155550130", true)
      local _, code, err = journal("forget", "order-1")
      assert.equal(2, code)
      assert.matches("About to forget the order order%-1: a command with that key then buys", err)
      _, code, err = journal("forget", "order-1", "-y")
      assert.equal(1, code)
      assert.matches("may have bought %+14155550130", err)
      journal("recover")
      local out
      out, code = journal("forget", "order-1", "-y", "--json")
      assert.equal(1, code)
      assert.equal("in_progress", cjson.decode(out).error.kind)
      _, code, err = journal("forget", "nothing", "-y")
      assert.equal(1, code)
      assert.matches("no order of the account has that key", err)
      assert.equal("bought", state_of("order-1"))
    end)

    it("prune removes records of the given age", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local _, code, err = journal("prune", "--older-than", "400d")
      assert.equal(2, code)
      assert.matches("that have not changed for 400d: ", err, 1, true)
      local out
      out, code, err = journal("prune", "--older-than", "400d", "-y")
      assert.same({ "", 0 }, { out, code })
      assert.matches("\n0 orders removed%.\n$", err)
      assert.equal('{"removed":0}\n', (journal("prune", "--older-than", "0s", "-y", "--json")))
      for _, age in ipairs { "400", "d", "-1d", "4w" } do
        code, err = select(2, journal("prune", "-y", "--older-than=" .. age))
        assert.equal(2, code)
        assert.matches("%-%-older%-than must be a whole number with a unit", err)
      end
      assert.equal(2, (select(2, journal("prune", "-y"))))
    end)

    it("every journal command needs a journal: 2", function()
      for _, words in ipairs { { "list" }, { "show", "k" }, { "recover" }, { "audit" } } do
        local _, code, err = run("journal", (table.unpack or unpack)(words)) -- luacheck: ignore
        assert.equal(2, code)
        assert.matches("give %-%-journal FILE|URL, or set TWILIO_NUMBERS_JOURNAL", err)
      end
      assert.equal(2, (select(2, run("journal"))))
    end)

    it("reports a missing journal, and how to create one: 1", function()
      os.remove(path)
      for _, words in ipairs { { "list" }, { "show", "k" }, { "recover" }, { "audit" } } do
        local _, code, err = journal((table.unpack or unpack)(words)) -- luacheck: ignore
        assert.equal(1, code)
        assert.matches("the journal cannot be used", err)
        assert.matches("twilio%-numbers journal init", err)
      end
    end)
  end)
end)
