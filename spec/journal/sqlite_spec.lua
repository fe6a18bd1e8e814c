-- A journal in SQLite: its file, and bad ones. Other processes are in sqlite_processes_spec.lua, bad disks in
-- sqlite_disks_spec.lua.
local journals = require("spec.support.journals")
local process = require("spec_process")
local sqlite = require("spec.support.sqlite")

local insert = sqlite.insert

describe("a journal in SQLite", function()
  local disk, folder, path

  before_each(function()
    disk = sqlite.new()
    folder, path = disk.folder, disk.path
  end)

  after_each(function()
    disk:remove()
  end)

  local function open(options)
    return disk:open(options)
  end

  local function create()
    return disk:create()
  end

  --- Checks that nothing can be read or written, for certain.
  local function refuses(journal, words)
    local records, message = journal:read(journals.call(), { "a" })
    assert.is_nil(records)
    assert.matches(words, message, 1, true)
    local written, why, is_certain = insert(journal, "a")
    assert.is_nil(written)
    assert.matches(words, why, 1, true)
    assert.is_true(is_certain)
    local list, reason = journal:scan(journals.call(), "", nil, 1)
    assert.is_nil(list)
    assert.matches(words, reason, 1, true)
  end

  local function write(text, at, mode)
    local file = assert(io.open(path, mode or "wb"))
    file:seek("set", at or 0)
    file:write(text)
    file:close()
  end

  local function contents()
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  it("is created once, for its owner alone", function()
    create()
    assert.equal("600\n", journals.shell(("stat -c %%a '%s'"):format(path)))
    assert.equal("journal.db\n", journals.shell(("cd '%s'; ls | grep -v journal$"):format(folder)))
  end)

  it("is left unchanged if it is to be created and exists", function()
    assert.is_true((insert(create(), "a")))
    local records = assert(open({ create = true }):read(journals.call(), { "a" }))
    assert.equal(1, records.a.version)
  end)

  it("is created by one of several concurrent processes, and used by all", function()
    local children = {}
    for i = 1, 8 do
      children[i] = process.fork()
      if children[i] == 0 then
        local done = pcall(function()
          assert(insert(assert(journals.open(path, { create = true })), "key" .. i) == true)
        end)
        process.leave(done and 0 or 1)
      end
    end
    for _, child in ipairs(children) do
      assert.equal(0, process.wait(child))
    end
    assert.equal(8, #assert(open():scan(journals.call(), "key", nil, 100)))
  end)

  it("is not created in a missing folder", function()
    path = folder .. "/none/purchases.db"
    refuses(
      assert(journals.open(path, { create = true })),
      "its folder is missing, create that first"
    )
  end)

  it("is refused if it is missing at the first use or later", function()
    local journal = create()
    os.remove(path)
    refuses(journal, "is missing")
  end)

  it("is refused if another file has replaced it", function()
    local journal = create()
    os.rename(path, folder .. "/old")
    write("something else")
    refuses(journal, "is not a journal")
  end)

  it("is refused if it is an empty file or garbage, even with create", function()
    for _, text in ipairs { "", "garbage", ("garbage"):rep(1000) } do
      for _, create_it in ipairs { false, true } do
        write(text)
        refuses(open { create = create_it }, "is not a journal")
        assert.equal(text, contents())
      end
    end
  end)

  it("is refused if it is another program's database", function()
    create():close(1)
    write("\0\0\0\7", 68, "r+b") -- application_id
    local before = contents()
    refuses(open { create = true }, "is not a journal: it is another file, which is left unchanged")
    assert.equal(before, contents())
  end)

  it("is refused in a newer format", function()
    create():close(1)
    write("\0\0\0\2", 60, "r+b") -- user_version
    refuses(open(), "has a newer format (2)")
  end)

  it("is refused if it is corrupt", function()
    local journal = create()
    for i = 1, 100 do
      insert(journal, ("k"):rep(100) .. i)
    end
    journal:close(1)
    write(("\255"):rep(4096), 4096, "r+b")
    local written, message, is_certain = insert(open(), "a")
    assert.is_nil(written)
    assert.matches(path .. " is corrupt", message, 1, true)
    assert.is_true(is_certain)
  end)

  it("raises the error that interrupts a wait for it, such as Ctrl-C", function()
    local journal = create()
    function journal.deliver()
      error("interrupted!", 0)
    end
    local called, why = pcall(journal.read, journal, journals.call(), { "a" })
    journal.deliver = nil
    assert.same({ false, "interrupted!" }, { called, why })
  end)

  it("is refused if it is cut short, also within a page", function()
    local journal = create()
    for i = 1, 30 do
      insert(journal, ("k"):rep(100) .. i)
    end
    journal:close(1)
    local whole = contents()
    for _, left in ipairs { 100, #whole / 2, #whole - 4096, #whole - 2000, #whole - 1 } do
      write(whole:sub(1, left))
      refuses(open(), path .. " is corrupt: stop the processes that use it, then restore it")
    end
    write(whole)
    assert.equal(30, #assert(open():scan(journals.call(), "k", nil, 100)))
  end)

  it("takes over what another program has left in a log of SQLite's", function()
    insert(create(), "a")
    local program = [[
import os, sqlite3
db = sqlite3.connect("%s", isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE other (value)")
db.execute("INSERT INTO other VALUES (zeroblob(100000))")
os._exit(0)
]]
    journals.shell(("python3 -c '%s'"):format(program:format(path)))
    assert.is_true(process.entries(folder) > 2)
    assert.equal("{}", assert(open():read(journals.call(), { "a" })).a.value)
  end)

  for name, use in pairs {
    read = function(journal)
      return journal:read(journals.call(), { "a" })
    end,
    scanned = function(journal)
      return journal:scan(journals.call(), "", nil, 1)
    end,
    written = insert,
  } do
    it("is refused if it is emptied while it is in use, and then " .. name, function()
      local journal = create()
      insert(journal, "a")
      write("")
      local value, message = use(journal, "b")
      assert.is_nil(value)
      assert.matches("has lost its table: stop the processes that use it", message, 1, true)
    end)
  end

  it("may have a relative path, which chdir() does not affect", function()
    local output = journals.result(
      folder,
      [[
      local journal = assert(journals.open("journal.db", { create = true }))
      assert(journal:read(journals.call(), { "a" }))
      print("done")
    ]],
      nil,
      ("cd '%s'; ln -s '%s'/* ."):format(folder, journals.shell("pwd"):gsub("\n", ""))
    )
    assert.equal("done\n0\n", output)
    assert.matches("journal.db", journals.shell("ls " .. folder), 1, true)
  end)
end)
