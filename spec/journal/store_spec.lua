-- The contract of a journal's store, and the names of stores.
local contract = require("twilio.numbers.journal.contract")
local core = require("twilio.numbers.core")
local journals = require("spec.support.journals")

local Call = require("twilio.numbers.http.call")

describe("the contract of a store", function()
  local folder

  before_each(function()
    folder = journals.new_folder()
  end)

  after_each(function()
    journals.remove(folder)
  end)

  it("is kept by SQLite", function()
    local kept, message = contract.check(function()
      return journals.as_store(assert(journals.open(folder .. "/journal.db", { create = true })))
    end)
    assert.same(nil, message)
    assert.is_true(kept)
  end)

  it("is kept by a Lua table of four functions", function()
    local records = {}
    assert(contract.check(function()
      return journals.in_memory(records)
    end))
    assert(contract.check(function()
      return journals.as_store(assert(journals.open(journals.in_memory(records))))
    end))
    assert.same({}, records) -- it has cleaned up
  end)

  --- Stores that break it, each in one way.
  local BROKEN = {
    ["does not insert a record that exists"] = function(memory, records)
      local apply = memory.apply
      function memory.apply(self, writes)
        for _, write in ipairs(writes) do
          if write.version == 0 then
            records[write.key] = nil
          end
        end
        return apply(self, writes)
      end
    end,
    ["writes several records, or none"] = function(memory)
      local apply = memory.apply
      function memory.apply(self, writes)
        local all = true
        for _, write in ipairs(writes) do
          all = apply(self, { write }) and all
        end
        return all
      end
    end,
    ["keeps values unchanged, whatever bytes they have"] = function(memory)
      local apply = memory.apply
      function memory.apply(self, writes)
        for _, write in ipairs(writes) do
          write.value = write.value and write.value:gsub("[\128-\255]", "?")
        end
        return apply(self, writes)
      end
    end,
    ["scans after a key, and returns no more than the limit"] = function(memory)
      local scan = memory.scan
      function memory.scan(self, prefix, _, limit)
        return scan(self, prefix, nil, limit)
      end
    end,
    ["returns the time in milliseconds, and its era"] = function(memory)
      local read = memory.read
      function memory.read(self, keys)
        return read(self, keys), core.now(), "seconds"
      end
    end,
    ["deletes a record that has the given version, and no other"] = function(memory)
      local apply = memory.apply
      function memory.apply(self, writes)
        for _, write in ipairs(writes) do
          if not write.value then
            return true
          end
        end
        return apply(self, writes)
      end
    end,
  }

  for name, make_broken in pairs(BROKEN) do
    it("detects a store that breaks it: " .. name, function()
      local records = {}
      local kept, message = contract.check(function()
        local memory = journals.in_memory(records)
        make_broken(memory, records)
        return memory
      end)
      assert.is_nil(kept)
      assert.matches(name, message, 1, true)
    end)
  end

  it("detects a store whose handles do not see each other", function()
    local kept, message, failed = contract.check(function()
      return journals.in_memory {}
    end)
    assert.is_nil(kept)
    assert.equal(1, #failed)
    assert.equal("the store breaks the contract:\n  " .. failed[1], message)
    assert.matches("shows one handle what another has written", failed[1], 1, true)
  end)

  it("detects a store that raises", function()
    local kept, message = contract.check(function()
      local memory = journals.in_memory()
      function memory.read()
        error("on purpose")
      end
      return memory
    end)
    assert.is_nil(kept)
    assert.matches("on purpose", message, 1, true)
  end)
end)

describe("the name of a journal", function()
  it("is refused if it is invalid", function()
    local refused = {
      [{ 5 }] = "got a number",
      [{ true }] = "got a boolean",
      [{ "" }] = "is empty",
      [{ "sqlite:" }] = "is empty",
      [{ "sqlite://purchases.db" }] = "sqlite:// is no journal: write sqlite:PATH",
      [{ "sqlite:///purchases.db" }] = "sqlite:// is no journal: write sqlite:PATH",
      [{ "a\0b" }] = "NUL byte",
      [{ "/tmp/journal.db\n" }] = "control characters",
      [{ "sqlite:/tmp/jour\27[2Jnal.db" }] = "control characters",
      [{ "mysql://host/db" }] = 'no journal "mysql:"',
      [{ "redis:x" }] = 'no journal "redis:"',
      [{ "host=db dbname=shop" }] = "write postgresql: before it",
      [{ {} }] = "no function read",
      [{ { read = print, apply = print, scan = print } }] = "no function close",
      [{ "/tmp" }] = "is a folder",
      [{ "/dev/null" }] = "is a device",
    }
    for given, words in pairs(refused) do
      local journal, message, kind = journals.open(given[1])
      assert.is_nil(journal)
      assert.matches(words, message, 1, true)
      assert.equal("invalid", kind)
    end
  end)

  it("is distinguished from a missing file", function()
    for _, given in ipairs { "/tmp/no-such-journal", "sqlite:/tmp/no-such-folder/journal" } do
      local journal, message, kind = journals.open(given)
      assert.is_nil(journal)
      assert.matches("is missing", message, 1, true)
      assert.equal("journal", kind)
    end
  end)

  it("may be a connection string, which is never shown", function()
    for _, given in ipairs {
      "postgresql://user:hunter2@127.0.0.1:1/shop",
      "postgresql:host=127.0.0.1 port=1 password=hunter2",
    } do
      local journal = assert(journals.open(given))
      assert.equal("postgresql", journal.kind)
      local shown = { tostring(journal) }
      for name, value in pairs(journal) do
        shown[#shown + 1] = tostring(name) .. tostring(value)
      end
      local records, message = journal:read(journals.call(5), { "a" })
      assert.is_nil(records)
      shown[#shown + 1] = message
      assert.is_nil(table.concat(shown, "\n"):find("hunter2", 1, true))
      journal:close()
    end
  end)
end)

describe("a table of four functions as a journal", function()
  local memory, journal

  before_each(function()
    memory = journals.in_memory()
    journal = assert(journals.open(memory))
  end)

  local function raises()
    error({}, 0)
  end

  it("may raise, which leaves the outcome unknown", function()
    memory.read, memory.apply, memory.scan = raises, raises, raises
    assert.same({ n = 2 }, { n = select("#", journal:read(nil, { "a" })) })
    local written, message, is_certain = journal:apply(nil, {})
    assert.is_nil(written)
    assert.equal("string", type(message))
    assert.is_false(is_certain)
    assert.is_nil((journal:scan(nil, "", nil, 1)))
  end)

  it("may return an invalid result, which leaves the outcome unknown", function()
    local wrong = {
      read = { { 5 }, { {}, "now", "era" }, { {}, 5 }, { { a = 5 }, 5, "era" }, {} },
      apply = { { 1 }, { "yes" }, {} },
      scan = { { true }, { { { key = 5 } } }, {} },
    }
    local arguments = { read = { { "a" } }, apply = { {} }, scan = { "", nil, 1 } }
    for name, cases in pairs(wrong) do
      for _, returned in ipairs(cases) do
        memory[name] = function()
          return returned[1], returned[2], returned[3]
        end
        local given = arguments[name]
        local result, message = journal[name](journal, nil, given[1], given[2], given[3])
        assert.is_nil(result)
        assert.equal("string", type(message))
      end
    end
  end)
end)

describe("a write of a call that sleeps in its host while it waits", function()
  local folder, journal, sleeps

  before_each(function()
    folder, sleeps = journals.new_folder(), 0
    journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    assert(journal:read(journals.call(), { "none" })) -- opens the file
    local handle = journal.handle
    journal.handle = setmetatable({}, {
      __index = function(_, name)
        return function(_, ...)
          if name == "take" and sleeps < 3 then
            return nil
          end
          return handle[name](handle, ...)
        end
      end,
    })
  end)
  after_each(function()
    journal:close(5)
    journals.remove(folder)
  end)

  local function write(grace)
    local call = setmetatable({
      loop = {
        sleep = function(seconds)
          sleeps = sleeps + 1
          core.sleep(seconds)
        end,
      },
      client = { scheduler = { get_io_thread = function() end } },
      cancelled = false,
      ends = core.now() + 10,
    }, Call)
    local submit = journal.handle.submit
    journal.handle.submit = function(...)
      call.cancelled = "cancelled"
      return submit(...)
    end
    return journal:apply(call, { { key = "a", version = 0, value = "1" } }, grace)
  end

  it("waits for its result although the call was cancelled, if it records a purchase", function()
    assert.is_true(write(10))
    assert.is_true(sleeps >= 3)
  end)

  it("does not wait any longer once the call is cancelled, if it records none", function()
    local written, message, is_certain = write(nil)
    assert.is_nil(written)
    assert.same({ "cancelled", false, 0 }, { message, is_certain, sleeps })
  end)
end)
