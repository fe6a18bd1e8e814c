-- A journal in SQLite: bad files, bad disks, other processes. A failed write is reported as not written.
local core = require("twilio.numbers.core")
local journals = require("spec.support.journals")
local process = require("spec_process")
local stores = require("twilio.numbers.stores")

describe("a journal in SQLite", function()
  local folder, path, open_journals

  before_each(function()
    folder = journals.new_folder()
    path = folder .. "/journal.db"
    open_journals = {}
  end)

  after_each(function()
    for _, journal in ipairs(open_journals) do
      journal:close(5)
    end
    journals.remove(folder)
  end)

  local function open(options, at)
    local journal = assert(journals.open(at or path, options))
    open_journals[#open_journals + 1] = journal
    return journal
  end

  local function create()
    local journal = open { create = true }
    assert(journal:read(journals.call(), { "a" }))
    return journal
  end

  local function insert(journal, key, seconds)
    return journal:apply(journals.call(seconds), { { key = key, version = 0, value = "{}" } })
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

  -- ---- files ----

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

  -- ---- other processes ----

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

  it("lets fork() run between two writes, however many are queued", function()
    create():close(1)
    local store = stores.open { kind = "sqlite", path = path }
    for i = 1, 30000 do
      local writes = { { key = ("k%05d"):format(i), version = 0, value = "{}" } }
      assert(store:submit(i, core.now() + 60, "apply", writes))
    end
    assert(store:wait(10) == nil and store:take()) -- its thread is at work
    local child = process.fork()
    if child == 0 then
      local done, why = pcall(function()
        assert(open():read(journals.call(), { "a" }))
      end)
      if not done then
        io.stderr:write(tostring(why), "\n")
      end
      process.leave(done and 0 or 1)
    end
    local status = process.wait(child)
    store:close(0)
    assert.equal(0, status)
  end)

  -- ---- disks ----

  --- Runs a program on a file system of its own.
  local function on_disk(size, program)
    journals.shell(("mkdir -p '%s/disk'"):format(folder))
    local mount = ("mount -t tmpfs -o size=%s none '%s/disk'"):format(size, folder)
    local names = 'path = folder .. "/disk/journal.db"\n'
    return journals.result(folder, names .. program, nil, mount)
  end

  if not journals.without_mounts("spec/journal/sqlite_spec.lua: full and read-only disks") then
    it("reports a full disk, writes nothing then, and works again when there is room", function()
      local output = on_disk(
        "200k",
        [[
        local journal = assert(journals.open(path, { create = true }))
        assert(journal:read(journals.call(), {}))
        local function insert(key, value)
          return journal:apply(journals.call(), { { key = key, version = 0, value = value } })
        end
        assert(insert("first", "{}"))
        local written, message, is_certain = insert("large", ("x"):rep(400000))
        print(written, message:match("the disk is full"), is_certain)
        print((insert("second", "{}")))
        local records = journal:read(journals.call(), { "first", "second", "large" })
        print(records.first.version, records.second.version, records.large)
      ]]
      )
      assert.equal("nil\tthe disk is full\ttrue\ntrue\n1\t1\tnil\n0\n", output)
    end)

    it(
      "is refused if it is mounted alone, without a folder for SQLite's rollback journal",
      function()
        create():close(1)
        local mount = "(cd '%s' && mkdir own && touch own/file && ln -s file own/link"
          .. " && mount --bind journal.db own/file)"
        local output = journals.result(
          folder,
          [[
        for _, name in ipairs { "journal.db", "own/file", "own/link" } do
          local journal, message, kind = journals.open(folder .. "/" .. name)
          print(name, journal and "opened" or message:match("is mounted alone"), kind)
        end
      ]],
          nil,
          mount:format(folder)
        )
        assert.equal(
          "journal.db\topened\tnil\nown/file\tis mounted alone\tinvalid\n"
            .. "own/link\tis mounted alone\tinvalid\n0\n",
          output
        )
      end
    )

    it("is not created on a full disk, and leaves nothing behind", function()
      local output = on_disk(
        "4k",
        [[
        local journal = assert(journals.open(path, { create = true }))
        local records, message = journal:read(journals.call(), {})
        print(records, message:match("disk is full"))
        print(journals.shell("ls " .. folder .. "/disk"))
      ]]
      )
      assert.equal("nil\tdisk is full\n\n0\n", output)
    end)

    it("can be read on a read-only disk, but not written", function()
      local output = on_disk(
        "1m",
        [[
        local journal = assert(journals.open(path, { create = true }))
        assert(journal:apply(journals.call(), { { key = "a", version = 0, value = "{}" } }))
        journal:close(1)
        journals.shell("mount -o remount,ro " .. folder .. "/disk")
        journal = assert(journals.open(path))
        print(journal:read(journals.call(), { "a" }).a.version)
        local written, message, is_certain =
          journal:apply(journals.call(), { { key = "b", version = 0, value = "{}" } })
        print(written, message:match("is read%-only"), is_certain)
      ]]
      )
      assert.equal("1\nnil\tis read-only\ttrue\n0\n", output)
    end)
  end

  --- Runs it with a disk that fails from its nth write on.
  local function with_bad_disk(count)
    local output = journals.result(
      folder,
      [[
      local journal = assert(journals.open(path))
      assert(journal:read(journals.call(), {}))
      io.open(folder .. "/bad", "w"):close()
      local writes = { { key = "a", version = 0, value = "{}" } }
      local written, message, is_certain = journal:apply(journals.call(), writes)
      print(written, is_certain, message and message:match("the disk reports an error"))
      os.remove(folder .. "/bad")
      local records, why = journal:read(journals.call(), { "a" })
      print(records and (records.a and "there" or "not there") or why)
    ]],
      { DISK_FAIL = tostring(count), DISK_FROM = folder .. "/bad" }
    )
    return output:match("^(.-)\n(.-)\n0\n$")
  end

  it("reports what is certain when the disk fails, and works again afterwards", function()
    local outcomes = {}
    for count = 1, 20 do
      journals.shell(("rm -f '%s'*"):format(path))
      create():close(1)
      local written, after = with_bad_disk(count)
      assert.is_truthy(written, "the program has ended in another way")
      outcomes[written] = (outcomes[written] or 0) + 1
      assert.is_truthy(after == "there" or after == "not there", after)
      if written:find("^true") then
        assert.equal("there", after)
      elseif written:find("^nil\ttrue") then
        assert.equal("not there", after)
      end
    end
    assert.is_truthy(outcomes["true\tnil\tnil"])
    assert.is_truthy(outcomes["nil\tfalse\tthe disk reports an error"])
  end)

  it("is closed in time while the disk hangs, and the process ends", function()
    create():close(1)
    journals.hang(folder)
    local pipe = journals.start(
      folder,
      [[
      local client = journals.client()
      local journal = assert(journals.open(path))
      local pending = journals.begin(client, function(call)
        return journal:apply(call, { { key = "a", version = 0, value = "{}" } })
      end)
      assert(io.open(folder .. "/hang.reached"):read("*l") == "hung")
      journal:close(0.05)
      print(pending:wait())
      client:close()
    ]]
    )
    assert.equal("nil\tthe journal is closed\tfalse\n0\n", pipe:read("*a"))
    pipe:close()
  end)

  it("is left to the collector while the disk hangs, and the process ends", function()
    create():close(1)
    journals.hang(folder)
    local output = journals.result(
      folder,
      [[
      local client = journals.client()
      local journal = assert(journals.open(path))
      journals.begin(client, function(call)
        return journal:apply(call, { { key = "a", version = 0, value = "{}" } })
      end)
      assert(io.open(folder .. "/hang.reached"):read("*l") == "hung")
    ]]
    )
    assert.equal("0\n", output)
  end)

  it("is unconfirmed at the deadline while the disk hangs", function()
    create():close(1)
    journals.hang(folder)
    local output = journals.result(
      folder,
      [[
      local journal = assert(journals.open(path))
      print(journal:apply(journals.call(0.2), { { key = "a", version = 0, value = "{}" } }))
    ]],
      { DISK_HANG = folder .. "/hang" },
      ("(cat '%s/hang.reached' >/dev/null &)"):format(folder)
    )
    assert.equal("nil\tthe journal did not respond in time\tfalse\n0\n", output)
  end)

  it("returns reads while the disk hangs in a later write", function()
    create():close(1)
    journals.hang(folder)
    local output = journals.result(
      folder,
      [[
      local stores = require("twilio.numbers.stores")
      local store = stores.open { kind = "sqlite", path = path }
      local reached = io.open(folder .. "/hang.reached", "r+")
      local function submit(tag, ...)
        assert(store:submit(tag, core.now() + 60, ...))
      end
      local function take(go_on)
        local tag, result
        while not tag do
          if go_on then go_on() end
          store:wait(go_on and 0.01 or 10)
          tag, result = store:take()
        end
        return tag, type(result)
      end
      submit(1, "apply", { { key = "a", version = 0, value = "{}" } })
      assert(reached:read("*l") == "hung")
      submit(2, "read", { "a" })
      submit(3, "apply", { { key = "b", version = 0, value = "{}" } })
      local hung = 1
      -- each sync of the first write, and the first sync of the other one, which keeps hanging
      local function go_on()
        local fifo = io.open(folder .. "/hang", "w")
        fifo:close()
        assert(reached:read("*l") == "hung")
        hung = hung + 1
      end
      print(take(go_on))
      print(take())
      journals.let_go(folder)
      print(take())
    ]]
    )
    assert.equal("1\tboolean\n2\ttable\n3\tboolean\n0\n", output)
  end)

  -- ---- group commit ----

  it(
    "writes all queued requests in one transaction, in which only a differing one fails",
    function()
      assert.is_true((insert(create(), "taken")))
      journals.hang(folder)
      local output = journals.result(
        folder,
        [[
      local client = journals.client()
      local journal = assert(journals.open(path))
      local pendings = {}
      local function begin(key)
        pendings[#pendings + 1] = journals.begin(client, function(call)
          return journal:apply(call, { { key = key, version = 0, value = "{}" } })
        end)
      end
      begin("first") -- hangs in its commit, while the others queue up
      assert(io.open(folder .. "/hang.reached"):read("*l") == "hung")
      for i = 1, 20 do begin("k" .. i) end
      begin("taken")
      begin("k1")
      for i = 21, 40 do begin("k" .. i) end
      journals.let_go(folder)
      local counts = {}
      for _, pending in ipairs(pendings) do
        local written = tostring((pending:wait()))
        counts[written] = (counts[written] or 0) + 1
      end
      print(counts["true"], counts["false"])
      print(#journal:scan(journals.call(), "k", nil, 1000))
    ]]
      )
      assert.equal("41\t2\n40\n0\n", output)
    end
  )
end)
