-- twilio-numbers with a journal in PostgreSQL.
local cjson = require("cjson")
local command = require("spec.support.command")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")
if postgresql.is_missing("spec/command/journal_postgresql_spec.lua") then
  return
end

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers with a journal in PostgreSQL", function()
  local twilio = simulator.shared(BLOCK)
  local server, settings

  setup(function()
    server = postgresql.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:sql("DROP TABLE IF EXISTS twilio_numbers_journal")
    settings = command.settings(twilio)
    settings.TWILIO_NUMBERS_JOURNAL = "postgresql:" .. server:conninfo("user=postgres")
  end)

  local function run(...)
    return command.run(settings, ...)
  end

  it("creates it, buys once, and keeps it", function()
    local _, code, err = run("journal", "list")
    assert.equal(1, code)
    assert.matches("the journal cannot be used", err)
    local out
    out, code, err = run("journal", "init", "--json")
    assert.same({ '{"created":true}\n', 0 }, { out, code }, err)
    assert.equal('{"created":false}\n', (run("journal", "init", "--json")))
    for _ = 1, 2 do
      out, code, err = run("buy", "--key", "order-1", "--area-code", "415", "-y", "--json")
      assert.equal(0, code, err)
    end
    assert.is_true(cjson.decode(out).replayed)
    assert.equal(1, twilio:state().purchases)
    local order = cjson.decode((run("journal", "show", "order-1", "--json")))
    assert.equal("bought", order.state)
    assert.is_true(math.abs(order.at / 1000 - os.time()) < 100)
    assert.equal(0, (select(2, run("journal", "audit"))))
    assert.equal('{"removed":0}\n', (run("journal", "prune", "--older-than", "1d", "-y", "--json")))
  end)

  it("explains that it is missing, and that the command bought nothing: 1", function()
    for _, words in ipairs {
      { "list" },
      { "show", "order-1" },
      { "recover" },
      { "audit" },
      { "prune", "--older-than", "1d", "-y" },
    } do
      local out, code, err = run("journal", "--json", (table.unpack or unpack)(words)) -- luacheck: ignore
      local problem = cjson.decode(out).error
      assert.same({ "journal", "no", 1 }, { problem.kind, problem.purchased, code }, words[1])
      assert.matches("run `twilio-numbers journal init`", err, 1, true)
      assert.not_matches("may have been bought", problem.message .. err, 1, true)
      assert.not_matches("--key", err, 1, true)
    end
  end)

  it("prints no password from the environment", function()
    settings.TWILIO_NUMBERS_JOURNAL = "postgresql://me:hunter2@127.0.0.1:1/shop"
    for _, words in ipairs {
      { "journal", "init" },
      { "journal", "list", "--verbose" },
      { "buy", "--key", "k", "+14155550130", "-y", "--json" },
    } do
      local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(words[1] == "buy" and 3 or 1, code)
      assert.is_nil((out .. err):find("hunter2", 1, true))
    end
  end)
end)
