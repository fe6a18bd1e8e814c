--- A journal in PostgreSQL while the network, the server, its standby or its pooler fail: what it reports
--- about a write, and whether that was made.
local contract = require("twilio.numbers.journal.contract")
local cut_link = require("spec.support.cut_link")
local postgresql = require("spec.support.postgresql")
local process = require("spec_process")
if postgresql.is_missing("spec/journal/postgresql_faults_spec.lua") then
  return
end

local TABLE = "twilio_numbers_journal"
local SIGCONT, SIGSTOP = 18, 19
local SOON = 0.5 -- seconds: a deadline that passes

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
    assert(store:read { "a" })
  end)

  after_each(function()
    store:close()
  end)

  local function write(version, value)
    return { { key = "a", version = version, value = value } }
  end

  --- The contents of the table, whatever the journal reports: "1=value"; or "".
  local function kept()
    return server:sql(("SELECT version || '=' || value FROM %s WHERE key = 'a'"):format(TABLE))
  end

  local function assert_unheard(applied, message, is_certain)
    assert.is_nil(applied)
    assert.is_true(#message > 20)
    assert.is_false(is_certain)
    return message
  end

  local function assert_failed(applied, message, is_certain)
    assert.is_nil(applied)
    assert.is_true(is_certain)
    return message
  end

  local function backend(condition)
    return ("(SELECT pid FROM pg_stat_activity WHERE usename = 'buyer' AND %s)"):format(condition)
  end

  describe("over a link", function()
    local link, linked

    before_each(function()
      link = cut_link.start(server.port)
      linked = server:open(("user=buyer port=%d"):format(link.port))
      assert(linked:read { "a" })
    end)

    after_each(function()
      linked:close()
      link:stop()
    end)

    it(
      "that is cut before the query arrives: the outcome is unknown, and nothing was written",
      function()
        link:set("query")
        assert_unheard(linked:apply(write(0, "lost")))
        assert.equal("", kept())
        assert.is_true(linked:apply(write(0, "new")))
      end
    )

    it("that is cut within the query: no transaction and no lock remains", function()
      assert.is_true(store:apply(write(0, "old")))
      link:set("part")
      assert_unheard(linked:apply(write(1, "lost")))
      assert.is_true(store:ask(SOON, "apply", write(1, "new")))
      assert.equal("2=new", kept())
    end)

    it(
      "that is cut before the response arrives: the outcome is unknown, and it was written",
      function()
        link:set("answer")
        assert_unheard(linked:apply(write(0, "lost")))
        assert.equal("1=lost", kept())
        assert.is_false(linked:apply(write(0, "new")))
      end
    )

    it("that goes silent: the outcome is unknown at the deadline, and it was written", function()
      link:set("silence")
      local message = assert_unheard(linked:ask(SOON, "apply", write(0, "lost")))
      assert.truthy(message:find("in time", 1, true))
      assert.equal("1=lost", kept())
      link:set("pass")
      assert.is_truthy(linked:read { "a" })
    end)

    it("that accepts no more bytes: the server certainly did not get the whole query", function()
      link:set("deaf")
      assert_failed(linked:ask(SOON, "apply", write(0, ("x"):rep(15000000))))
      link:set("pass")
      assert.is_true(linked:apply(write(0, "new")))
      assert.equal("1=new", kept())
    end)

    it("that is cut during a read: it reads again over another connection", function()
      for _, mode in ipairs { "query", "answer" } do
        link:set(mode)
        assert.same({}, (linked:read { "a" }))
      end
    end)

    it("that prevents connecting: it gives up at the deadline", function()
      link:set("silence")
      local silent = server:open(("user=buyer port=%d"):format(link.port))
      local message = assert_failed(silent:ask(SOON, "apply", write(0, "lost")))
      assert.truthy(message:find("in time", 1, true))
      silent:close()
    end)

    it("that acknowledges nothing: the kernel gives up", function()
      assert.same({ 10000 }, process.user_timeouts(link.port))
    end)
  end)

  describe("whose server", function()
    it("stops: certainly nothing was written, and it works again after a restart", function()
      server:halt()
      local applied, message, is_certain = store:apply(write(0, "lost"))
      local entries = store:read { "a" }
      server:resume()
      assert.is_nil(entries)
      assert.truthy(assert_failed(applied, message, is_certain):find("refused", 1, true))
      assert.is_true(store:apply(write(0, "new")))
    end)

    it("closes an idle connection: it opens another one before it writes", function()
      server:sql(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'buyer'"
      )
      assert.is_true(store:apply(write(0, "new")))
    end)

    it(
      "closes the connection within a transaction: the outcome is unknown, and nothing was written",
      function()
        assert.is_true(store:apply(write(0, "old")))
        server:sql(("BEGIN; SELECT FROM %s FOR UPDATE; PREPARE TRANSACTION 'lock'"):format(TABLE))
        store:submit(20, "apply", write(1, "lost"))
        server:until_(backend("wait_event_type = 'Lock'") .. " > 0")
        server:sql(("SELECT pg_terminate_backend(%s)"):format(backend("wait_event_type = 'Lock'")))
        local applied, message, is_certain = store:take()
        server:sql("ROLLBACK PREPARED 'lock'")
        assert_unheard(applied, message, is_certain)
        assert.truthy(message:find("terminating connection", 1, true))
        assert.equal("1=old", kept())
      end
    )

    it("hangs before it accepts the connection: it gives up at the deadline", function()
      server:signal(SIGSTOP)
      local late = server:open()
      local applied, message, is_certain = late:ask(SOON, "apply", write(0, "lost"))
      server:signal(SIGCONT)
      late:close()
      assert.truthy(assert_failed(applied, message, is_certain):find("in time", 1, true))
      assert.equal("", kept())
    end)

    it("hangs: the outcome is unknown at the deadline, and the write may happen later", function()
      local pid = tonumber(server:sql("SELECT " .. backend("true")))
      process.kill(pid, SIGSTOP)
      local applied, message, is_certain = store:ask(SOON, "apply", write(0, "late"))
      local before = kept()
      process.kill(pid, SIGCONT)
      assert_unheard(applied, message, is_certain)
      assert.equal("", before)
      server:until_(("EXISTS (SELECT FROM %s)"):format(TABLE))
      assert.equal("1=late", kept())
    end)
  end)

  it("reports unknown if a pooler or a distributed server does", function()
    local RAISES = [[
      CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'lost' USING ERRCODE = NEW.value; END $$;
      CREATE TRIGGER doubt BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION doubt()]]
    server:sql(RAISES:format(TABLE))
    local outcomes = {}
    for _, state in ipairs { "08006", "08007", "40003", "40001", "57014" } do
      local applied, message, is_certain = store:apply(write(0, state))
      outcomes[state] = applied == nil and message:find("lost", 1, true) and is_certain
    end
    server:sql("DROP FUNCTION doubt() CASCADE")
    assert.same({
      ["08006"] = false,
      ["08007"] = false,
      ["40003"] = false,
      ["40001"] = true,
      ["57014"] = true,
    }, outcomes)
  end)

  describe("whose synchronous standby", function()
    local WAITING = "wait_event = 'SyncRep'"

    before_each(function()
      server:set("synchronous_standby_names", "standby")
      server:sql("CHECKPOINT") -- by the process that puts the setting into effect for all
    end)

    after_each(function()
      server:set("synchronous_standby_names", "")
    end)

    it("answers or stops: while it is stopped, the outcome is unknown at the deadline", function()
      local standby = server:standby()
      server:until_("EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')")
      local with_standby = { store:apply(write(0, "old")) }
      standby:halt()
      local without = { store:ask(SOON, "apply", write(1, "late")) }
      local before = kept()
      standby:resume()
      server:until_(("(SELECT version FROM %s) = 2"):format(TABLE))
      standby:halt()
      assert.same({ true }, with_standby)
      assert.truthy(assert_unheard(without[1], without[2], without[3]):find("in time", 1, true))
      assert.equal("1=old", before)
    end)

    for what, row in pairs {
      ["is not waited for, since the commit was cancelled"] = {
        "pg_cancel_backend",
        "synchronous replication",
      },
      ["is not waited for, since the connection was ended"] = {
        "pg_terminate_backend",
        "closed the connection",
      },
    } do
      it(what .. ": the outcome is unknown", function()
        store:submit(20, "apply", write(0, "here"))
        server:until_(backend(WAITING) .. " > 0")
        server:sql(("SELECT %s(%s)"):format(row[1], backend(WAITING)))
        local message = assert_unheard(store:take())
        assert.truthy(message:find(row[2], 1, true))
        assert.equal("1=here", kept())
      end)
    end

    it("is not waited for: the warning arrives even if the role suppresses warnings", function()
      server:sql("ALTER ROLE buyer SET client_min_messages = error")
      local deaf = server:open()
      deaf:submit(20, "apply", write(0, "here"))
      server:until_(backend(WAITING) .. " > 0")
      server:sql(("SELECT pg_cancel_backend(%s)"):format(backend(WAITING)))
      server:sql("ALTER ROLE buyer RESET client_min_messages")
      assert_unheard(deaf:take())
      deaf:close()
    end)

    it("delays the commit beyond the role's statement_timeout", function()
      server:sql("ALTER ROLE buyer SET statement_timeout = 100")
      local hurried = server:open()
      hurried:submit(20, "apply", write(0, "new"))
      server:until_(
        backend(WAITING .. " AND clock_timestamp() > xact_start + interval '0.3 s'") .. " > 0"
      )
      server:set("synchronous_standby_names", "")
      server:sql("ALTER ROLE buyer RESET statement_timeout")
      assert.is_true((hurried:take()))
      hurried:close()
    end)
  end)

  describe("behind PgBouncer in transaction mode", function()
    local port

    setup(function()
      port = server:pooler()
    end)

    it("keeps the contract of a store", function()
      assert(contract.check(function()
        return server:open(("user=buyer port=%d"):format(port))
      end))
    end)

    it("writes once for more clients than connections, and leaves no state in these", function()
      local stores, made = {}, 0
      for i = 1, 8 do
        stores[i] = server:open(("user=buyer port=%d"):format(port))
        stores[i]:submit(20, "apply", write(0, tostring(i)))
      end
      for _, one in ipairs(stores) do
        local applied, message = one:take()
        assert(applied ~= nil, message)
        made = made + (applied and 1 or 0)
        one:close()
      end
      assert.equal(1, made)
      local settings = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
        .. "current_setting('client_min_messages'), count(*) FROM pg_prepared_statements"
      for _ = 1, 4 do
        assert.equal("0|0|notice|0", server:sql(settings, port))
      end
    end)
  end)
end)
