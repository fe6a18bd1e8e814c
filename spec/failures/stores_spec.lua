-- A store of a journal while each of its system calls fails once: what it reports about a write is true.
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")

local PROGRAM = [[
  local core, failing = require("twilio.numbers.core"), require("spec_failing")
  failing.load(library)
  failing.load(module)
  assert(#failing.attach(attached, group) > 0)
  local stores = require("twilio.numbers.stores")
  failing.limit(100)

  --- A request with its result, or nil: it was not queued.
  local function ask(store, ...)
    if not store:submit(1, core.now() + 20, ...) then
      return nil
    end
    local results
    repeat
      local called
      called, results = pcall(function() return { store:take() } end)
      results = called and results or {}
      if results[1] == nil then store:wait(10) end
    until results[1] ~= nil
    return results
  end

  local function writes(n)
    local list = {}
    for i = 1, 3 do
      list[i] = { key = ("%05d/%d"):format(n, i), version = 0, value = ("x"):rep(3000) }
    end
    return list
  end

  local function open()
    local opened, store = pcall(stores.open, { kind = "sqlite", path = path, create = true })
    return opened and store or nil
  end

  local function scenario(n)
    local store, applied = open(), nil
    if store then
      applied = ask(store, "apply", writes(n))
      ask(store, "read", { "a", "b" })
      ask(store, "scan", "", nil, 5)
      store:close(20)
    end
    return applied
  end

  local function count(n)
    local store = open()
    local found = #ask(store, "scan", ("%05d/"):format(n), nil, 5)[2]
    store:close(20)
    return found
  end

  local said = {}
  local spared, n = 0, 0
  scenario(99999)
  while spared < 2 do
    n = n + 1
    failing.arm(group, n, false)
    local applied = scenario(n)
    local failed, name = failing.disarm()
    spared = failed == 0 and spared + 1 or 0
    local word = not applied and "not queued" or applied[2] and "written"
      or applied[2] == false and "differs" or applied[4] and "certain" or "unheard"
    local found = count(n)
    said[word] = (said[word] or 0) + 1
    if word == "differs" or (found ~= 3 and (word == "written" or found ~= 0))
      or (found == 3 and (word == "certain" or word == "not queued")) then
      print(n, name, word, found, applied and applied[3])
    end
  end
  local words = {}
  for word in pairs(said) do words[#words + 1] = word end
  table.sort(words)
  io.write(table.concat(words, ", "))
]]

describe("a store whose calls fail", function()
  for what, row in pairs {
    ["for memory"] = { "memory", "not queued, written" },
    ["of the system"] = { "system", "certain, not queued, written" },
    ["for memory, of SQLite's"] = { "libcurl_memory", "certain, written", "libsqlite3.so.0" },
  } do
    it("reports the truth, and neither hangs nor crashes: calls " .. what, function()
      local folder = journals.new_folder()
      local names = ("local path, module, library = %q, %q, %q\n"):format(
        folder .. "/journal.db",
        interpreter.path_of("twilio/numbers/stores"),
        "libsqlite3.so.0"
      ) .. ("local attached, group = %s, %q\n"):format(
        row[3] and "library" or "module",
        row[1]
      )
      local output, status = interpreter.result(names .. PROGRAM, 110)
      journals.remove(folder)
      assert.equal(row[2], output)
      assert.equal(0, status)
    end)
  end
end)
