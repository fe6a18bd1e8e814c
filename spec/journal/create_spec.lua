-- numbers.journal(spec, { create = true }), as a set-up script calls it.
local journals = require("spec.support.journals")
local numbers = require("twilio.numbers")
local write_file = require("spec.support.files").write

describe("numbers.journal with create", function()
  local folder, path

  before_each(function()
    folder = journals.new_folder()
    path = folder .. "/purchases.db"
  end)

  after_each(function()
    journals.remove(folder)
  end)

  local function create(spec)
    return numbers.journal(spec or path, { create = true })
  end

  local function files()
    return journals.shell(("ls '%s'"):format(folder))
  end

  it("creates the journal before it returns", function()
    assert(create()):close()
    assert.equal("purchases.db\n", files())
    local journal = assert(numbers.journal(path))
    assert(journal:read(journals.call(), { "a" }))
    journal:close(5)
  end)

  it("leaves an existing journal unchanged", function()
    local journal = assert(create())
    local write = { key = "a", version = 0, value = "{}" }
    assert.is_true((journal:apply(journals.call(), { write })))
    journal:close(5)
    journal = assert(create())
    assert.equal(1, assert(journal:read(journals.call(), { "a" })).a.version)
    journal:close(5)
  end)

  it("refuses options that it does not have, and creates nothing", function()
    for _, row in ipairs {
      { 5, "options must be a plain table, got a number" },
      { "create", "options must be a plain table, got a string" },
      { { create = 1 }, "create must be true or false" },
      { { creat = true }, "did you mean create?" },
    } do
      local journal, message, err = numbers.journal(path, row[1])
      assert.is_nil(journal)
      assert.equal("invalid", err.kind)
      assert.matches(row[2], message, 1, true)
    end
    assert.equal("", files())
  end)

  it("returns an error if the journal cannot be created", function()
    write_file(folder .. "/text", ("no database"):rep(1000))
    journals.shell(("ln -s missing/purchases.db '%s/link'"):format(folder))
    local refused = {
      [folder .. "/link"] = { "journal", "is a symbolic link to a file that does not exist" },
      [folder .. "/missing/purchases.db"] = { "journal", "is missing, create that first" },
      [folder .. "/text"] = { "journal", "is not a journal" },
      [folder] = { "invalid", "is a folder" },
      ["postgresql://me:hunter2@127.0.0.1:1/shop"] = { "journal", "the journal cannot be used" },
    }
    for spec, expected in pairs(refused) do
      local journal, message, err = create(spec)
      assert.is_nil(journal)
      assert.same({ expected[1], "no" }, { err.kind, err.purchased })
      assert.matches(expected[2], message, 1, true)
      assert.is_nil(message:find("hunter2", 1, true))
    end
    assert.equal("link\ntext\n", files())
  end)

  it("does not create a journal again that was lost before its first use", function()
    local journal = assert(create())
    os.remove(path)
    local client = journals.client { journal = journal }
    local order, message, err = client:order("k")
    client:close()
    journal:close(5)
    assert.is_nil(order)
    assert.equal("journal", err.kind)
    assert.matches("is missing", message, 1, true)
    assert.equal("", files())
  end)

  it("neither reads nor closes a table of four functions", function()
    local function fail()
      error("it was called", 0)
    end
    assert(create { read = fail, apply = fail, scan = fail, close = fail })
  end)
end)
