-- A journal in SQLite on a disk that is full, read-only, fails or hangs, and what is queued while it hangs. A
-- failed write is reported as not written.
local journals = require("spec.support.journals")
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

  local function create()
    return disk:create()
  end

  --- Runs a program on a file system of its own.
  local function on_disk(size, program)
    journals.shell(("mkdir -p '%s/disk'"):format(folder))
    local mount = ("mount -t tmpfs -o size=%s none '%s/disk'"):format(size, folder)
    local names = 'path = folder .. "/disk/journal.db"\n'
    return journals.result(folder, names .. program, nil, mount)
  end

  if
    not journals.without_mounts("spec/journal/sqlite_disks_spec.lua: full and read-only disks")
  then
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

    it("writes those of many queued requests for which a full disk has room", function()
      local output = journals.result(
        folder,
        [[
        path = folder .. "/disk/journal.db"
        local client = journals.client()
        local journal = assert(journals.open(path, { create = true }))
        assert(journal:read(journals.call(), {}))
        journals.hang(folder)
        local pendings = {}
        local function begin(key, value)
          pendings[#pendings + 1] = journals.begin(client, function(call)
            return journal:apply(call, { { key = key, version = 0, value = value } })
          end)
        end
        begin("first", "{}") -- hangs in its commit, while the others queue up
        assert(io.open(folder .. "/hang.reached"):read("*l") == "hung")
        begin("small", "{}")
        begin("large", ("x"):rep(4000000)) -- more than SQLite keeps in memory until the commit
        begin("other", "{}")
        journals.let_go(folder)
        for _, pending in ipairs(pendings) do
          local written, message, is_certain = pending:wait()
          print(written, message and message:match("the disk is full"), is_certain)
        end
        print(#journal:scan(journals.call(), "", nil, 1000))
      ]],
        { DISK = folder .. "/disk/journal.db" },
        ("mkdir '%s/disk' && mount -t tmpfs -o size=1m none '%s/disk'"):format(folder, folder)
      )
      local full = "nil\tthe disk is full\ttrue\n"
      assert.equal("true\tnil\tnil\ntrue\tnil\tnil\n" .. full .. "true\tnil\tnil\n3\n0\n", output)
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
