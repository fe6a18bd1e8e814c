-- A journal in SQLite that several handles, processes and children of fork() use at once.
local core = require("twilio.numbers.core")
local journals = require("spec.support.journals")
local process = require("spec_process")
local sqlite = require("spec.support.sqlite")
local stores = require("twilio.numbers.stores")

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

  it("is written by two handles at once, each write once", function()
    local first, second = create(), open()
    for i = 1, 20 do
      assert.is_true((insert(first, "a" .. i)))
      assert.is_false((insert(second, "a" .. i)))
      assert.is_true((insert(second, "b" .. i)))
    end
  end)

  it("counts exactly while several processes write one record", function()
    local ROUNDS, CHILDREN, children = 25, 4, {}
    create():close(1)
    for i = 1, CHILDREN do
      children[i] = process.fork()
      if children[i] == 0 then
        local done = pcall(function()
          local journal = assert(journals.open(path))
          for _ = 1, ROUNDS do
            repeat
              local records = assert(journal:read(journals.call(30), { "n" }))
              local version = records.n and records.n.version or 0
              local writes = { { key = "n", version = version, value = "{}" } }
              local written, why = journal:apply(journals.call(30), writes)
              assert(written ~= nil, why)
            until written
          end
        end)
        process.leave(done and 0 or 1)
      end
    end
    for _, child in ipairs(children) do
      assert.equal(0, process.wait(child))
    end
    local records = assert(open():read(journals.call(), { "n" }))
    assert.equal(ROUNDS * CHILDREN, records.n.version)
  end)

  local HANGS = [[
    local journal = assert(journals.open(path))
    local writes = { { key = "theirs", version = 0, value = "{}" } }
    print((journal:apply(journals.call(60), writes)))
  ]]

  it("that another process has locked is waited for, until the deadline", function()
    local journal = create()
    journals.hang(folder)
    local other = journals.start(folder, HANGS)
    journals.until_hung(folder)
    local records, why = journal:read(journals.call(2), { "a" })
    assert.is_nil(records)
    assert.matches("is locked by another process", why, 1, true)
    local written, message, is_certain = insert(journal, "a", 2)
    assert.is_nil(written)
    assert.matches("is locked by another process", message, 1, true)
    assert.is_true(is_certain)
    journals.let_go(folder)
    assert.is_true((insert(journal, "a", 30)))
    assert.equal("true\n0\n", other:read("*a"))
    other:close()
    records = assert(journal:read(journals.call(), { "a", "theirs" }))
    assert.equal(1, records.a.version)
    assert.equal(1, records.theirs.version)
  end)

  it("is waited for by each write until its own deadline, while opening too", function()
    create():close(1)
    journals.hang(folder)
    local other = journals.start(folder, HANGS)
    journals.until_hung(folder)
    local store = stores.open { kind = "sqlite", path = path }
    local first = core.now() + 0.4
    local function submit(tag, deadline, ...)
      assert(store:submit(tag, deadline, ...))
    end
    submit(1, first - 0.2, "read", { "a" }) -- meanwhile the others come together
    submit(2, first, "apply", { { key = "a", version = 0, value = "{}" } })
    submit(3, first + 30, "apply", { { key = "b", version = 0, value = "{}" } })
    repeat
      store:wait(0.1)
    until core.now() > first + 0.1
    journals.let_go(folder)
    local results = {}
    while #results < 3 do
      local tag, result, _, is_certain = store:take()
      if tag then
        results[#results + 1] = ("%d %s %s"):format(tag, tostring(result), tostring(is_certain))
      else
        store:wait(10)
      end
    end
    store:close(1)
    other:read("*a")
    other:close()
    assert.same({ "1 nil nil", "2 nil true", "3 true nil" }, results)
  end)

  it("is reopened by a child of fork(), and both continue", function()
    local journal = create()
    assert.is_true((insert(journal, "before")))
    local child = process.fork()
    if child == 0 then
      local done, why = pcall(function()
        assert(insert(journal, "child"))
        assert(insert(journal, "before") == false)
      end)
      if not done then
        io.stderr:write(tostring(why), "\n")
      end
      process.leave(done and 0 or 1)
    end
    assert.is_true((insert(journal, "parent")))
    assert.equal(0, process.wait(child))
    local records = assert(journal:read(journals.call(), { "child", "parent" }))
    assert.equal(1, records.child.version)
    assert.equal(1, records.parent.version)
  end)

  it("is not used by a child that was forked within a write, which would misread locks", function()
    create():close(1)
    journals.hang(folder)
    local program = [[
      local client = journals.client()
      local journal = assert(journals.open(path))
      local writes = { { key = "a", version = 0, value = "{}" } }
      local pending = journals.begin(client, function(call)
        return journal:apply(call, writes)
      end)
      local hung = io.open(folder .. "/hang.reached")
      assert(hung:read("*l") == "hung")
      local child = process.fork()
      if child == 0 then
        print(pending:wait())
        print(journal:read(journals.call(), { "a" }))
        os.exit(0, true)
      end
      assert(process.wait(child) == 0)
      journals.let_go(folder)
      print((pending:wait()))
    ]]
    local output = journals.result(folder, program)
    local child, refused, parent = output:match("^(.-)\n(.-)\n(.-)\n0\n$")
    assert.matches("^nil\tforked\tfalse", child)
    assert.matches("forked while a journal was being written", refused, 1, true)
    assert.equal("true", parent)
  end)

  local function read(journal_path)
    assert(assert(journals.open(journal_path)):read(journals.call(), { "a" }))
  end

  it("lets fork() run between two writes, however many are queued", function()
    local memory = journals.new_folder("/dev/shm") -- fork() does not wait long for a slow disk
    local there = memory .. "/journal.db"
    local store = stores.open { kind = "sqlite", path = there, create = true }
    for i = 1, 30000 do
      local writes = { { key = ("k%05d"):format(i), version = 0, value = "{}" } }
      assert(store:submit(i, core.now() + 60, "apply", writes))
    end
    assert(store:wait(10) == nil and store:take()) -- its thread is at work
    local status
    for _ = 1, 3 do -- it does not wait long for a slow machine either
      local child = process.fork()
      if child == 0 then
        local done, why = pcall(read, there)
        if not done then
          io.stderr:write(tostring(why), "\n")
        end
        process.leave(done and 0 or 1)
      end
      status = process.wait(child)
      if status == 0 then
        break
      end
    end
    store:close(0)
    journals.remove(memory)
    assert.equal(0, status)
  end)
end)
