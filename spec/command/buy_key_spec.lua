-- twilio-numbers buy --key, with a journal in SQLite.
local cjson = require("cjson")
local command = require("spec.support.command")
local journal_shop = require("spec.support.journal_shop")
local journals = require("spec.support.journals")
local records = require("twilio.numbers.journal.records")
local simulator = require("spec.support.simulator")
local terminal = require("spec.support.terminal")

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local BLOCK =
  { setup = setup, teardown = teardown, before_each = before_each, after_each = after_each }

describe("twilio-numbers with a journal", function()
  local twilio = simulator.shared(BLOCK)
  local shop = journal_shop(twilio, BLOCK)
  local run, journal, buy = shop.run, shop.journal, shop.buy
  local crash, state_of = shop.crash, shop.state_of
  local folder, path

  before_each(function()
    folder, path = shop.folder, shop.path
  end)

  local function buy_in_terminal(...)
    local words = { "buy", "--journal", path, ... }
    return terminal.run(command.line(command.settings(twilio), words))
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

    it("names the order that has the number: 2", function()
      assert.equal(0, select(2, buy("--key", "order 1", "+14155550188", "-y")))
      local _, code, err = buy("--key", "order-2", "+14155550188", "-y")
      assert.equal(2, code)
      assert.matches("+14155550188 belongs to the order of another", err, 1, true)
      assert.matches("\nSee that order: twilio%-numbers journal show 'order 1'\n", err)
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

    --- Hangs the journal's disk, runs a purchase until it says so, and presses Ctrl-C.
    local function interrupt_at_journal(...)
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
      local words = { "buy", "--journal", path_of_other, "+14155550130", "-y", ... }
      local screen = terminal.run(command.line(command.settings(twilio), words))
      screen:wait("waiting for the journal, ")
      screen:type("C-c")
      local text = screen:wait("exit")
      screen:close()
      journals.let_go(folder)
      other:close()
      assert.equal(0, twilio:state().posts)
      return text
    end

    it("shows that it waits for the journal; Ctrl-C leaves the outcome unknown: 3", function()
      local text = interrupt_at_journal("--key", "order-1")
      assert.matches("repeat the command with %-%-key order%-1", text)
      assert.matches("exit 3", text)
    end)

    it("shows that a purchase without a key waits for the journal, and not for Twilio", function()
      local text = interrupt_at_journal()
      assert.is_nil(text:find("waiting for Twilio", 1, true), text)
      assert.matches("Nothing was bought", text)
      assert.matches("exit 1", text)
    end)

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
      assert.matches(
        "--key needs a journal: give --journal FILE|URL, or set TWILIO_NUMBERS_",
        err,
        1,
        true
      )
      _, code, err = run("buy", "--finish", "+14155550130", "-y")
      assert.equal(2, code)
      assert.matches("%-%-finish needs %-%-key", err)
      local words = { "--key", "k", "--all-or-nothing", "--area-code", "415", "--count", "2", "-y" }
      _, code, err = buy(unpack(words))
      assert.equal(2, code)
      assert.matches("%-%-all%-or%-nothing cannot go with %-%-key", err)
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
      assert.matches(
        "--key needs a journal: give --journal FILE|URL: with --simulate, ",
        err,
        1,
        true
      )
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
end)
