-- twilio-numbers journal, with a journal in SQLite.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local command = require("spec.support.command")
local journal_shop = require("spec.support.journal_shop")
local journals = require("spec.support.journals")
local records = require("twilio.numbers.journal.records")
local simulator = require("spec.support.simulator")

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

  it("takes any file of sqlite:, whatever its name looks like", function()
    local spec = ("sqlite:%s/password=a"):format(folder)
    assert.equal(0, (select(2, run("journal", "init", spec))))
    local _, code, err = run("journal", "list", "--journal", spec)
    assert.same({ 0, "No orders.\n" }, { code, err })
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

    it("show names the numbers of an order that were given up", function()
      local client = clients.of(twilio)
      local key = records.order(records.scope(client.config.realm, twilio.account_sid), "order-1")
      client:close()
      local record = { op = "purchase", state = "open", tried = { "+14155550130", "+14155550131" } }
      local store = assert(journals.open(path))
      local write = { key = key, version = 0, value = records.encode(record) }
      assert.is_true(store:apply(journals.call(), { write }))
      store:close(5)
      local out, code = journal("show", "order-1")
      assert.equal(0, code)
      assert.matches("\ntried +%+14155550130 %+14155550131\n", out)
    end)

    it("prints CSV only where it prints a table: else 2", function()
      buy("--key", "order-1", "+14155550130", "-y")
      local out, code = journal("list", "--csv", "--columns", "key,state")
      assert.same({ "key,state\norder-1,bought\n", 0 }, { out, code })
      local err
      out, code, err = journal("show", "order-1", "--csv")
      assert.same({ "", 2 }, { out, code })
      assert.matches("--csv cannot be used: this command prints no table", err, 1, true)
    end)

    it("is named by a purchase of several without a key that may have bought: 3", function()
      twilio:fault { fault = "close_after_commit", method = "POST", times = 50 }
      twilio:fault { fault = "status", status = 403, method = "GET", skip = 2, times = 50 }
      local _, code, err = buy("--area-code", "415", "--count", "1", "-y")
      assert.equal(3, code)
      assert.matches("\nTo see what was bought: twilio%-numbers journal recover\n$", err)
      twilio:clear()
      assert.equal(1, #cjson.decode((journal("recover", "--json"))).bought)
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
      assert.matches("Owned, but no order names them:\nNUMBER .-\n%+14155550131 ", out)
      assert.matches("Bought, but no longer owned:\nKEY .-\norder%-1 ", out)
      twilio:fault { fault = "status", status = 403, code = 20003, method = "GET", times = 9 }
      out, code, err = journal("audit")
      assert.same({ "", 1 }, { out, code })
      assert.matches("error 20003", err)
      twilio:clear()
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

    it("refuses a KEY that no order can have before it asks: 2", function()
      for _, action in ipairs { "show", "forget" } do
        local out, code, err = journal(action, "")
        assert.same({ "", 2 }, { out, code })
        assert.matches("^twilio%-numbers: KEY must have from 1 to 255 bytes, got 0\n", err)
      end
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
