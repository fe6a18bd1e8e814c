--- The contract of a journal's store: what its functions read, apply, scan and close must do. Run it on your
--- own store:
---
---   local contract = require("twilio.numbers.journal.contract")
---   assert(contract.check(function() return my_store() end))
---
--- It uses keys that begin with "contract/" and a random number, and deletes them. It cannot test that
--- acknowledged writes survive a power failure.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")

local contract = {}

local BYTES = {}
for byte = 1, 127 do
  BYTES[#BYTES + 1] = string.char(byte)
end

--- The first and the last multi-byte UTF-8 character of each length.
local LONGER = "\194\128\223\191\224\160\128\239\191\191\240\144\128\128\244\143\191\191"

--- A value with all that JSON may contain, escaped or not. It is valid UTF-8 without a NUL byte.
local ANY_BYTES = '{"a":"\\u0000' .. table.concat(BYTES) .. LONGER .. '"}'

---@class twilio.numbers.ContractRun
---@field store table
---@field second table another handle on the same journal, or the same one
---@field prefix string
local Run = {}
Run.__index = Run

local function fail(text, ...)
  error({ contract = text:format(...) }, 0)
end

local function shown(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

local function expect(what, expected, got)
  if expected ~= got then
    fail("%s must be %s, got %s", what, shown(expected), shown(got))
  end
end

function Run:key(name)
  return self.prefix .. name
end

function Run:read(...)
  local keys = { ... }
  for i, name in ipairs(keys) do
    keys[i] = self:key(name)
  end
  local records, now, era = self.store:read(keys)
  if type(records) ~= "table" then
    fail("read must return a table, got %s (%s)", shown(records), tostring(now))
  end
  return records, now, era
end

--- Applies writes, each { name, version, value }, and checks the result.
function Run:apply(expected, writes, store)
  local list = {}
  for i, write in ipairs(writes) do
    list[i] = { key = self:key(write[1]), version = write[2], value = write[3] }
  end
  local written, why = (store or self.store):apply(list)
  if written == nil then
    fail("apply failed: %s", tostring(why))
  end
  expect("what apply returns", expected, written)
end

function Run:expect_record(name, version, value)
  local record = self:read(name)[self:key(name)]
  if version == nil then
    expect("the record of a key that has none", nil, record)
  elseif type(record) ~= "table" then
    fail("there must be a record with version %d, got %s", version, shown(record))
  else
    expect("its version", version, record.version)
    expect("its value", value, record.value)
  end
end

--- The names that a scan of a prefix returns.
function Run:scan(prefix, after, limit)
  local list, why = self.store:scan(self:key(prefix), after and self:key(after), limit)
  if type(list) ~= "table" then
    fail("scan must return a list, got %s (%s)", shown(list), tostring(why))
  end
  local names = {}
  for i, record in ipairs(list) do
    if type(record) ~= "table" or type(record.key) ~= "string" then
      fail("scan must return tables with key, version and value")
    end
    names[i] = record.key:sub(#self.prefix + 1)
  end
  return table.concat(names, " "), list
end

--- The checks, in order.
---@type { [1]: string, [2]: fun(run: twilio.numbers.ContractRun) }[]
contract.CHECKS = {
  {
    "reads nothing under a key that has no record",
    function(run)
      run:expect_record("none")
    end,
  },
  {
    "inserts a record with version 1",
    function(run)
      run:apply(true, { { "a", 0, "{}" } })
      run:expect_record("a", 1, "{}")
    end,
  },
  {
    "does not insert a record that exists",
    function(run)
      run:apply(true, { { "a", 0, "first" } })
      run:apply(false, { { "a", 0, "second" } })
      run:expect_record("a", 1, "first")
    end,
  },
  {
    "replaces a record that has the given version, and increments that",
    function(run)
      run:apply(true, { { "a", 0, "1" } })
      run:apply(true, { { "a", 1, "2" } })
      run:apply(true, { { "a", 2, "2" } })
      run:expect_record("a", 3, "2")
    end,
  },
  {
    "does not replace a record that has another version",
    function(run)
      run:apply(true, { { "a", 0, "1" } })
      run:apply(false, { { "a", 2, "2" } })
      run:apply(true, { { "a", 1, "2" } })
      run:apply(false, { { "a", 1, "3" } })
      run:expect_record("a", 2, "2")
    end,
  },
  {
    "does not replace a record that does not exist",
    function(run)
      run:apply(false, { { "a", 1, "1" } })
      run:expect_record("a")
    end,
  },
  {
    "deletes a record that has the given version, and no other",
    function(run)
      run:apply(true, { { "a", 0, "1" } })
      run:apply(false, { { "a", 2 } })
      run:expect_record("a", 1, "1")
      run:apply(true, { { "a", 1 } })
      run:expect_record("a")
      run:apply(false, { { "a", 1 } })
    end,
  },
  {
    "begins with version 1 again after a deletion",
    function(run)
      run:apply(true, { { "a", 0, "1" } })
      run:apply(true, { { "a", 1 } })
      run:apply(true, { { "a", 0, "2" } })
      run:expect_record("a", 1, "2")
    end,
  },
  {
    "treats a write of version 0 without a value as a check that there is no record",
    function(run)
      run:apply(true, { { "a", 0 }, { "b", 0, "1" } })
      run:expect_record("a")
      run:apply(false, { { "b", 0 } })
      run:expect_record("b", 1, "1")
    end,
  },
  {
    "writes several records, or none",
    function(run)
      run:apply(true, { { "a", 0, "1" }, { "b", 0, "1" }, { "c", 0, "1" } })
      run:apply(false, { { "a", 1, "2" }, { "b", 2, "2" }, { "c", 1 }, { "d", 0, "2" } })
      run:expect_record("a", 1, "1")
      run:expect_record("b", 1, "1")
      run:expect_record("c", 1, "1")
      run:expect_record("d")
      run:apply(true, { { "a", 1, "2" }, { "b", 1 }, { "d", 0, "2" } })
      run:expect_record("a", 2, "2")
      run:expect_record("b")
      run:expect_record("d", 1, "2")
    end,
  },
  {
    "reads several records at once",
    function(run)
      run:apply(true, { { "a", 0, "1" }, { "b", 0, "2" } })
      local records = run:read("a", "none", "b")
      expect("the value of the first", "1", (records[run:key("a")] or {}).value)
      expect("the value of the second", "2", (records[run:key("b")] or {}).value)
      expect("the record of a key that has none", nil, records[run:key("none")])
    end,
  },
  {
    "keeps values unchanged, whatever bytes they have",
    function(run)
      run:apply(true, { { "a", 0, ANY_BYTES }, { "long", 0, ("x"):rep(100000) } })
      run:expect_record("a", 1, ANY_BYTES)
      run:expect_record("long", 1, ("x"):rep(100000))
    end,
  },
  {
    "distinguishes keys by all their bytes",
    function(run)
      run:apply(true, { { "a", 0, "1" }, { "A", 0, "2" }, { "a ", 0, "3" }, { "a%", 0, "4" } })
      run:apply(true, { { "\195\164", 0, "5" }, { "a\204\136", 0, "6" } }) -- two ways to write one letter
      for name, value in pairs { a = "1", A = "2", ["a "] = "3", ["a%"] = "4" } do
        run:expect_record(name, 1, value)
      end
      run:expect_record("\195\164", 1, "5")
      run:expect_record("a\204\136", 1, "6")
    end,
  },
  {
    "scans keys with a prefix, in the order of their bytes",
    function(run)
      run:apply(
        true,
        { { "s/b", 0, "1" }, { "s/B", 0, "1" }, { "s/a", 0, "1" }, { "s/\195\164", 0, "1" } }
      )
      run:apply(true, { { "r/a", 0, "1" }, { "s", 0, "1" }, { "s0", 0, "1" }, { "s/_", 0, "2" } })
      local names, list = run:scan("s/", nil, 100)
      expect("the keys", "s/B s/_ s/a s/b s/\195\164", names)
      expect("a value", "2", list[2].value)
      expect("a version", 1, list[2].version)
    end,
  },
  {
    "scans after a key, and returns no more than the limit",
    function(run)
      run:apply(
        true,
        { { "s/1", 0, "1" }, { "s/2", 0, "1" }, { "s/3", 0, "1" }, { "s/4", 0, "1" } }
      )
      expect("the first two", "s/1 s/2", (run:scan("s/", nil, 2)))
      expect("the next two", "s/3 s/4", (run:scan("s/", "s/2", 2)))
      expect("those after a key that does not exist", "s/3 s/4", (run:scan("s/", "s/25", 9)))
      expect("those behind the last", "", (run:scan("s/", "s/4", 9)))
    end,
  },
  {
    "returns the time in milliseconds, and its era",
    function(run)
      local _, before, era = run:read("none")
      local began = core.now()
      repeat
        core.sleep(0.02)
      until core.now() - began >= 0.02
      local _, after, era_after = run:read("none")
      if type(before) ~= "number" or type(after) ~= "number" then
        fail("read must return a number as its second value, got %s", shown(before))
      elseif type(era) ~= "string" or era == "" then
        fail("read must return a string as its third value, got %s", shown(era))
      end
      expect("the era, a moment later", era, era_after)
      if after - before < 15 or after - before > (core.now() - began) * 1000 + 60000 then
        fail("20 milliseconds later the time was %s more", tostring(after - before))
      end
    end,
  },
  {
    "shows one handle what another has written",
    function(run)
      run:apply(true, { { "a", 0, "1" } }, run.second)
      run:expect_record("a", 1, "1")
      run:apply(true, { { "a", 1, "2" } })
      run:apply(false, { { "a", 1, "3" } }, run.second)
      run:expect_record("a", 2, "2")
    end,
  },
}

--- Deletes the records of a check.
local function clean(run)
  local list = run.store:scan(run.prefix, nil, 1000)
  for _, record in ipairs(type(list) == "table" and list or {}) do
    run.store:apply { { key = record.key, version = record.version } }
  end
end

local function reason(why)
  return type(why) == "table" and why.contract or "raised " .. tostring(why)
end

--- Checks a store.
---@param new_store fun(): table opens the store; called twice, for two handles on the same journal
---@return true? kept
---@return string? message the failed checks, one per line
---@return string[]? failed the same, as a list
function contract.check(new_store)
  local failed, store, second = {}, new_store(), new_store()
  local prefix = ("contract/%d/"):format(math.floor(core.jitter() * 1e9))
  for i, row in ipairs(contract.CHECKS) do
    local run = setmetatable({ store = store, second = second, prefix = prefix .. i .. "/" }, Run)
    local kept, why = compat.pcall(row[2], run)
    if not kept then
      failed[#failed + 1] = row[1] .. ": " .. reason(why)
    end
    compat.pcall(clean, run)
  end
  store:close()
  if second ~= store then
    second:close()
  end
  if #failed > 0 then
    return nil, "the store breaks the contract:\n  " .. table.concat(failed, "\n  "), failed
  end
  return true
end

return contract
