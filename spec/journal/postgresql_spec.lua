--- A journal in PostgreSQL: what it writes, and what two of them do at once. What it refuses is in
--- postgresql_refused_spec.lua.
local certificates = require("spec.support.certificates")
local contract = require("twilio.numbers.journal.contract")
local interpreter = require("spec.support.interpreter")
local numbers = require("twilio.numbers")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")
if postgresql.is_missing("spec/journal/postgresql_spec.lua") then
  return
end

local TABLE = "twilio_numbers_journal"

describe("a journal in PostgreSQL", function()
  local server, store

  setup(function()
    server = postgresql.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:sql("DELETE FROM " .. TABLE)
    store = server:open()
  end)

  after_each(function()
    store:close()
  end)

  local function with(...)
    server:with(...)
  end

  it("keeps the contract of a store", function()
    assert(contract.check(function()
      return server:open()
    end))
  end)

  it("has a second client return the number that a first has bought for a key", function()
    local twilio = simulator.start()
    local bought = {}
    for i = 1, 2 do
      local client = assert(numbers.client {
        account_sid = twilio.account_sid,
        auth_token = twilio.auth_token,
        base_url = twilio.base_url,
        ca_file = twilio.ca_file,
        journal = ("postgresql://buyer@127.0.0.1:%d/postgres"):format(server.port),
      })
      local filter, options = { country = "US", area_code = "415" }, { idempotency_key = "order-1" }
      local number, message, info = client:purchase_available(filter, nil, options)
      client:close()
      bought[i] = { number and number.phone_number or message, info and info.replayed }
    end
    twilio:stop()
    assert.truthy(bought[1][1]:find("^%+1415"))
    assert.same({ { bought[1][1] }, { bought[1][1], true } }, bought)
  end)

  it("returns results while a later write still waits for a lock", function()
    for _, key in ipairs { "a", "c" } do
      assert.is_true(store:apply { { key = key, version = 0, value = "old" } })
      local lock = "BEGIN; SELECT FROM %s WHERE key = '%s' FOR UPDATE; PREPARE TRANSACTION '%s'"
      server:sql(lock:format(TABLE, key, key))
    end
    store:submit(20, "apply", { { key = "a", version = 1, value = "new" } })
    local waits = "(SELECT count(*) FROM pg_stat_activity"
      .. " WHERE usename = 'buyer' AND wait_event_type = 'Lock')"
    server:until_(waits .. " = 1")
    store:submit(20, "apply", { { key = "b", version = 0, value = "new" } })
    store:submit(3, "apply", { { key = "c", version = 1, value = "new" } })
    server:sql("ROLLBACK PREPARED 'a'")
    local done = { (store:take()), (store:take()) }
    local waiting = server:sql("SELECT " .. waits)
    server:sql("ROLLBACK PREPARED 'c'")
    assert.is_not_nil(store:take())
    assert.same({ true, true }, done)
    assert.equal("1", waiting)
  end)

  describe("lets a process exit while it connects over TLS,", function()
    -- linger() runs after the exit handler of OpenSSL, which is registered later
    local PROGRAM = [[
      local core, process = require("twilio.numbers.core"), require("spec_process")
      local stores = require("twilio.numbers.stores")
      local function read()
        local store = stores.open { kind = "postgresql", conninfo = %q }
        assert(store:submit(1, core.now() + 20, "read", { "a" }))
        return store
      end
      local function wait_for(store)
        store:wait(10)
        assert(select(2, store:take()))
      end
      process.linger()
      wait_for(read())
      %s
      os.exit(0)
    ]]

    local CROWD = [[
      local others = {}
      for i = 1, 35 do others[i] = read() end
      wait_for(others[1])
      os.execute(%q)
    ]]

    setup(function()
      local issued = certificates.authority():issue()
      server:certify(issued.certificate, issued.key)
    end)

    teardown(function()
      server:set("ssl", "off")
    end)

    local function assert_exits(before, library)
      local conninfo = server:conninfo("user=buyer sslmode=require")
      local program = PROGRAM:format(conninfo, before)
      local output, status = interpreter.result(program, nil, { library = library })
      assert.same({ "", 0 }, { output, status })
    end

    it("and the others continue", function()
      assert_exits(CROWD:format("true"))
    end)

    it("and the server delays them for longer than exit() waits", function()
      local all = ("$(ps -o pid= --ppid %d) %d"):format(server.pid, server.pid)
      local slow = "unset LD_PRELOAD; kill -STOP %s; (sleep 0.5; kill -CONT %s) >/dev/null 2>&1 &"
      assert_exits(CROWD:format(slow:format(all, all)))
    end)

    local STEP = [[
      process.setenv("SLOW_TLS_BEGUN", %q)
      process.setenv("SLOW_TLS_MS", "%d")
      local other, file = read(), nil
      while not file do file = io.open(%q) end
      file:close()
    ]]

    --- Ends the process within a step of a handshake that takes so many milliseconds.
    local function assert_exits_within_a_step(milliseconds, before)
      local begun = os.tmpname()
      os.remove(begun)
      assert_exits(before .. STEP:format(begun, milliseconds, begun), "spec_slow_tls")
      os.remove(begun)
    end

    it("and a step of the handshake takes longer than that", function()
      assert_exits_within_a_step(500, "")
    end)

    it("and a step of the handshake hangs, however many journals are open", function()
      assert_exits_within_a_step(
        600000,
        [[
          local others = {}
          for i = 1, 35 do
            others[i] = read()
            wait_for(others[i])
          end
        ]]
      )
    end)
  end)

  it("that no call has used is closed by a host that closes its Lua state at exit", function()
    local output, status = interpreter.result([[
      require("spec_process").close_at_exit()
      unused = require("twilio.numbers.stores").open { kind = "postgresql", conninfo = "host=x" }
      os.exit(0)
    ]])
    assert.same({ "", 0 }, { output, status })
  end)

  describe("writes", function()
    it("a record whose version grows by one with each write", function()
      assert.is_true(store:apply { { key = "a", version = 0, value = "first" } })
      assert.is_true(store:apply { { key = "a", version = 1, value = "second" } })
      assert.same({ a = { version = 2, value = "second" } }, (store:read { "a", "b" }))
    end)

    it("all records of a transaction or none", function()
      assert.is_true(store:apply { { key = "b", version = 0, value = "1" } })
      local writes =
        { { key = "a", version = 0, value = "1" }, { key = "b", version = 2, value = "2" } }
      assert.is_false(store:apply(writes))
      assert.same({ b = { version = 1, value = "1" } }, (store:read { "a", "b" }))
    end)

    it("nothing over an existing record", function()
      assert.is_true(store:apply { { key = "a", version = 0, value = "1" } })
      assert.is_false(store:apply { { key = "a", version = 0, value = "2" } })
      assert.same({ 1, "1" }, { store:get("a") })
    end)

    it("no record over the version of a deleted one", function()
      assert.is_true(store:apply { { key = "a", version = 0, value = "1" } })
      assert.is_true(store:apply { { key = "a", version = 1 } })
      assert.is_nil(store:get("a"))
      assert.is_false(store:apply { { key = "a", version = 1, value = "2" } })
      assert.is_false(store:apply { { key = "a", version = 1 } })
    end)

    it("on condition that another record is absent", function()
      local writes = { { key = "a", version = 0, value = "1" }, { key = "b", version = 0 } }
      assert.is_true(store:apply(writes))
      assert.same({ a = { version = 1, value = "1" } }, (store:read { "a", "b" }))
      writes = { { key = "a", version = 0 }, { key = "b", version = 0, value = "1" } }
      assert.is_false(store:apply(writes))
      assert.is_nil(store:get("b"))
    end)

    it("every byte of UTF-8 but NUL, whatever it means in SQL", function()
      local key, value = "o'r\\der/%_\"$1\n\240\159\152\128", "'); DROP TABLE x; -- \\ \1 \127 é"
      assert.is_true(store:apply { { key = key, version = 0, value = value } })
      assert.same({ 1, value }, { store:get(key) })
    end)

    it("the same for a role without standard_conforming_strings", function()
      local value = "\\' \\\\ '"
      with(
        "ALTER ROLE buyer SET standard_conforming_strings = off",
        "ALTER ROLE buyer RESET standard_conforming_strings",
        function()
          assert.is_true(store:apply { { key = "a\\", version = 0, value = value } })
          assert.same({ 1, value }, { store:get("a\\") })
        end
      )
    end)

    it("neither a NUL byte nor invalid UTF-8, with an error", function()
      for _, value in ipairs { "a\0b", "\255" } do
        local applied, message, is_certain =
          store:apply { { key = "a", version = 0, value = value } }
        assert.is_nil(applied)
        assert.truthy(message:find("UTF-8", 1, true))
        assert.is_true(is_certain)
      end
      assert.is_nil(store:get("a"))
    end)
  end)

  describe("lists", function()
    before_each(function()
      for _, key in ipairs { "a/1", "a/10", "a/2", "a/B", "a/a", "a%", "a%/1", "b" } do
        assert.is_true(store:apply { { key = key, version = 0, value = key:upper() } })
      end
    end)

    local function keys(...)
      local list = {}
      for i, record in ipairs((assert(store:scan(...)))) do
        list[i] = record.key
        assert.equal(1, record.version)
        assert.equal(record.key:upper(), record.value)
      end
      return list
    end

    it("the keys with a prefix in the order of their bytes", function()
      assert.same({ "a/1", "a/10", "a/2", "a/B", "a/a" }, keys("a/", nil, 100))
      assert.equal(8, #keys("", nil, 100))
    end)

    it("a limited number after one of them", function()
      assert.same({ "a/10", "a/2" }, keys("a/", "a/1", 2))
      assert.same({}, keys("a/", "a/a", 2))
    end)

    it("no others for a prefix with an SQL wildcard", function()
      assert.same({ "a%", "a%/1" }, keys("a%", nil, 100))
      assert.same({}, keys("a_", nil, 100))
    end)
  end)

  it("reads the server's clock, and an era of its system identifier and timeline", function()
    local before = tonumber(server:sql("SELECT extract(epoch FROM clock_timestamp()) * 1000"))
    local _, now, era = store:read { "a" }
    assert.is_true(now >= before - 1 and now < before + 60000)
    local identifier = server:sql("SELECT system_identifier FROM pg_control_system()")
    assert.equal(identifier .. "/00000001", era)
  end)

  describe("with several connections", function()
    local stores

    before_each(function()
      stores = {}
      for i = 1, 8 do
        stores[i] = server:open()
        stores[i]:read { "a" }
      end
    end)

    after_each(function()
      for _, one in ipairs(stores) do
        one:close()
      end
    end)

    -- The result of each store for the same concurrent write.
    local function race(writes_of)
      local counts = { [true] = 0, [false] = 0 }
      for i, one in ipairs(stores) do
        one:submit(20, "apply", writes_of(i))
      end
      for _, one in ipairs(stores) do
        local applied, message = one:take()
        assert(applied ~= nil, message)
        counts[applied] = counts[applied] + 1
      end
      return counts
    end

    it("creates a record once", function()
      for round = 1, 10 do
        local counts = race(function(i)
          return { { key = "key" .. round, version = 0, value = tostring(i) } }
        end)
        assert.same({ [true] = 1, [false] = 7 }, counts)
      end
    end)

    it("replaces a version once", function()
      assert.is_true(store:apply { { key = "a", version = 0, value = "0" } })
      for version = 1, 10 do
        local counts = race(function(i)
          return { { key = "a", version = version, value = tostring(i) } }
        end)
        assert.same({ [true] = 1, [false] = 7 }, counts)
      end
    end)

    it("never deadlocks, in whatever order the keys are given", function()
      for version = 0, 20 do
        local counts = race(function(i)
          local writes = {}
          for j = 1, 5 do
            local key = "key" .. (i % 2 == 0 and j or 6 - j)
            writes[j] = { key = key, version = version, value = tostring(i) }
          end
          return writes
        end)
        assert.same({ [true] = 1, [false] = 7 }, counts)
      end
    end)
  end)

  it("stops waiting for a lock before the deadline, with nothing written for certain", function()
    store:apply { { key = "a", version = 0, value = "1" } }
    with(
      "BEGIN; SELECT FROM " .. TABLE .. " FOR UPDATE; PREPARE TRANSACTION 'lock'",
      "ROLLBACK PREPARED 'lock'",
      function()
        local writes = { { key = "a", version = 1, value = "2" } }
        local applied, message, is_certain = store:ask(1, "apply", writes)
        assert.is_nil(applied)
        assert.truthy(message:find("lock timeout", 1, true))
        assert.is_true(is_certain)
      end
    )
    assert.is_true(store:apply { { key = "a", version = 1, value = "3" } })
  end)

  -- The value of a setting that a trigger sees in the transaction of a write.
  local function seen(setting)
    server:sql(
      ([[
      CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'it is <%%>', current_setting('%s'); END $$;
      CREATE TRIGGER tell BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION tell()]]):format(
        setting,
        TABLE
      )
    )
    local _, message = store:apply { { key = "a", version = 0, value = "1" } }
    server:sql("DROP FUNCTION tell CASCADE")
    return message:match("<(.*)>")
  end

  for level, wanted in pairs {
    off = "on",
    ["local"] = "on",
    remote_write = "on",
    on = "on",
    remote_apply = "remote_apply",
  } do
    it(("commits with synchronous_commit %s if the role has %s"):format(wanted, level), function()
      with(
        "ALTER ROLE buyer SET synchronous_commit = " .. level,
        "ALTER ROLE buyer RESET synchronous_commit",
        function()
          assert.equal(wanted, seen("synchronous_commit"))
        end
      )
    end)
  end

  it("is read committed even if the role's default is serializable", function()
    with(
      "ALTER ROLE buyer SET default_transaction_isolation = 'serializable'",
      "ALTER ROLE buyer RESET default_transaction_isolation",
      function()
        assert.equal("read committed", seen("transaction_isolation"))
      end
    )
  end)
end)
