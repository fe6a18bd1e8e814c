--- A journal in PostgreSQL: how it is created and found, and what it refuses.
local postgresql = require("spec.support.postgresql")
if postgresql.is_missing("spec/journal/postgresql_refused_spec.lua") then
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

  --- The message of a store that cannot be used, after checking that certainly nothing was written.
  local function refusal(refused)
    local entries, message = refused:read { "a" }
    local applied, same, is_certain = refused:apply { { key = "a", version = 0, value = "1" } }
    assert.is_nil(entries)
    assert.is_nil(applied)
    assert.equal(message, same)
    assert.is_true(is_certain)
    refused:close()
    return message
  end

  describe("refuses", function()
    it("a server without fsync", function()
      store:read { "a" }
      server:set("fsync", "off")
      local message = refusal(server:open())
      local _, open_too = store:read { "a" }
      server:set("fsync", "on")
      assert.truthy(message:find("fsync = off", 1, true))
      assert.equal(message, open_too)
      assert.is_truthy(store:read { "a" })
    end)

    it("a standby", function()
      local standby = server:standby()
      assert.truthy(refusal(standby:open()):find("read-only", 1, true))
      local message = refusal(standby:open("user=buyer target_session_attrs=any"))
      assert.truthy(message:find("the server is a standby", 1, true))
    end)

    it("a table that is not permanent", function()
      local set = "ALTER TABLE " .. TABLE .. " SET "
      with(set .. "UNLOGGED", set .. "LOGGED", function()
        assert.truthy(refusal(store):find("not a permanent table", 1, true))
      end)
    end)

    it("a view", function()
      with(
        "CREATE SCHEMA other; GRANT ALL ON SCHEMA other TO buyer;"
          .. ("CREATE VIEW other.%s AS SELECT * FROM %s"):format(TABLE, TABLE),
        "DROP SCHEMA other CASCADE",
        function()
          local other = server:open("user=buyer options='-c search_path=other'")
          assert.truthy(refusal(other):find("not a permanent table", 1, true))
        end
      )
    end)

    it("a table that hides rows", function()
      local alter = "ALTER TABLE " .. TABLE
      with(alter .. " ENABLE ROW LEVEL SECURITY", alter .. " DISABLE ROW LEVEL SECURITY", function()
        assert.truthy(refusal(store):find("row-level security", 1, true))
      end)
    end)

    it("a newer format", function()
      local comment = "COMMENT ON TABLE " .. TABLE .. " IS 'twilio-numbers journal, format %d'"
      with(comment:format(2), comment:format(1), function()
        assert.truthy(refusal(store):find("newer version", 1, true))
      end)
    end)

    it("a table with other columns, or without its key", function()
      local alter = "ALTER TABLE " .. TABLE
      with(alter .. " RENAME version TO v", alter .. " RENAME v TO version", function()
        assert.truthy(refusal(store):find("other columns", 1, true))
      end)
      store = server:open()
      local constraint = ("%s DROP CONSTRAINT %s_pkey"):format(alter, TABLE)
      with(constraint, alter .. " ADD PRIMARY KEY (key)", function()
        local _, message, is_certain = store:apply { { key = "a", version = 0, value = "1" } }
        assert.truthy(message:find("no primary key", 1, true))
        assert.is_true(is_certain)
      end)
    end)

    it("a search_path without the table, and names the command that makes it", function()
      local message = refusal(server:open("user=buyer options='-c search_path=nowhere'"))
      assert.truthy(message:find("twilio-numbers journal init", 1, true))
    end)

    it("a role without permission", function()
      local message = refusal(server:open("user=stranger"))
      assert.truthy(message:find("permission denied for table " .. TABLE, 1, true))
    end)
  end)

  describe("when it is created", function()
    it("leaves an existing table unchanged", function()
      assert.is_true(store:apply { { key = "a", version = 0, value = "1" } })
      local created = server:open("user=buyer", true)
      assert.same({ 1, "1" }, { created:get("a") })
      created:close()
    end)

    it("creates one table for concurrent clients", function()
      local path = "options='-c search_path=fresh'"
      with(
        "CREATE SCHEMA fresh; GRANT ALL ON SCHEMA fresh TO owner",
        "DROP SCHEMA fresh CASCADE",
        function()
          local stores = {}
          for i = 1, 8 do
            stores[i] = server:open("user=owner " .. path, true)
            stores[i]:submit(20, "apply", { { key = "a", version = 0, value = "1" } })
          end
          local made = 0
          for _, one in ipairs(stores) do
            local applied, message = one:take()
            assert(applied ~= nil, message)
            made = made + (applied and 1 or 0)
            one:close()
          end
          assert.equal(1, made)
          assert.equal(
            "twilio-numbers journal, format 1|p|C",
            server:sql([[
              SELECT obj_description(c.oid), relpersistence, collname FROM pg_class c
              JOIN pg_attribute a ON attrelid = c.oid AND attname = 'key'
              JOIN pg_collation l ON l.oid = attcollation
              WHERE c.oid = 'fresh.twilio_numbers_journal'::regclass]])
          )
        end
      )
    end)

    it("reports why it cannot be created", function()
      local created = server:open("user=buyer options='-c search_path=nowhere'", true)
      assert.truthy(refusal(created):find("no schema has been selected", 1, true))
    end)
  end)

  describe("is found by", function()
    local function opens(conninfo)
      local opened = postgresql.open(conninfo)
      local entries, message = opened:read { "a" }
      opened:close()
      return assert(entries, message)
    end

    it("a URL with a password", function()
      opens(("postgresql://guarded:hunter2@127.0.0.1:%d/postgres"):format(server.port))
    end)

    it("several hosts, of which one does not answer", function()
      local dead = server.port == 1 and 2 or 1
      opens(("postgresql://buyer@127.0.0.1:%d,127.0.0.1:%d/postgres"):format(dead, server.port))
    end)

    it("several hosts, of which one is a standby", function()
      local standby = server:standby()
      opens(
        ("postgresql://buyer@127.0.0.1:%d,127.0.0.1:%d/postgres"):format(standby.port, server.port)
      )
    end)

    it("a service", function()
      local process = require("spec_process")
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write("[shop]\n", (server:conninfo():gsub(" ", "\n")), "\n")
      file:close()
      process.setenv("PGSERVICEFILE", path)
      opens("service=shop")
      process.setenv("PGSERVICEFILE", nil)
      os.remove(path)
    end)
  end)

  describe("never repeats a password in a message", function()
    for what, conninfo in pairs {
      ["that is wrong"] = "postgresql://guarded:sesame7@127.0.0.1:%d/postgres",
      ["beside a host that is not there"] = "postgresql://guarded:sesame7@127.0.0.1:1/postgres",
      ["with an @"] = "postgresql://guarded:x@sesame7@127.0.0.1:%d/postgres",
      ["with a /"] = "postgresql://guarded:sesame7/x@127.0.0.1:%d/postgres",
      ["with a %"] = "postgresql://guarded:sesame7%%zz@127.0.0.1:%d/postgres",
      ["in words that cannot be read"] = "host=127.0.0.1 port=%d 'sesame7",
      ["in a word of no use"] = "sesame7",
    } do
      it(what, function()
        local message = refusal(postgresql.open(conninfo:format(server.port)))
        assert.is_nil(message:find("sesame7", 1, true))
        assert.is_true(#message > 20)
      end)
    end
  end)
end)
