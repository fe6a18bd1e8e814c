-- The journal of the examples (docs/money.md): its contents after a process was killed.
local clients = require("spec.support.clients")
local crashes = require("spec.support.crashes")
local journal = require("examples.journal")
local simulator = require("spec.support.simulator")

describe("A journal of orders in a file", function()
  local path

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function write(text)
    local file = assert(io.open(path, "ab"))
    file:write(text)
    file:close()
  end

  local function read()
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  it("lists orders without an end that were started or ended as unknown", function()
    local book = journal.open(path)
    for _, order in ipairs { "a", "b", "c", "d", "e" } do
      book:intend(order)
    end
    book:settle("b", { sid = "PN1", phone_number = "+1" })
    book:settle("c", nil, { purchased = "no" })
    book:settle("d", nil, { purchased = "unknown" })
    book:settle("e", nil, { purchased = "yes" })
    local open, sids = journal.open(path):read()
    assert.same({ "a", "d", "e" }, open)
    assert.same({ PN1 = true }, sids)
  end)

  it("is on the disk, line by line, before anything else happens", function()
    local book = journal.open(path)
    book:intend("a")
    assert.matches("^intent\ta\t%S+Z\n$", read())
    book:settle("a", { sid = "PN1", phone_number = "+1" })
    assert.matches("\nbought\ta\tPN1\t%+1\n$", read())
  end)

  it("skips a partially written line, and continues after it", function()
    local whole = "intent\ta\t1\nintent\tb\t1\n"
    local line = "bought\ta\tPN1\t+1\n"
    for length = 1, #line - 1 do
      local file = assert(io.open(path, "wb"))
      file:write(whole, line:sub(1, length))
      file:close()
      local book = journal.open(path)
      book:settle("b", { sid = "PN2", phone_number = "+1" })
      local open, sids = journal.open(path):read()
      assert.same({ { "a" }, { PN2 = true } }, { open, sids })
    end
  end)

  -- A file on a disk with room for so many bytes more: what is beyond is not written.
  local function full_file(room)
    local file = assert(io.open(path, "ab"))
    return {
      write = function(self, line)
        file:write(line:sub(1, room))
        self.is_full = #line > room
        room = room - #line
        return not self.is_full or nil, "No space left on device"
      end,
      flush = function()
        return file:flush()
      end,
      close = function()
        file:close()
      end,
    }
  end

  it("hides no order after a line that was cut off by a full disk", function()
    local entry = "no\tOrder 59\t2026-11-28T00:00:00Z\n"
    for room = 0, #entry - 1 do
      os.remove(path)
      local book = journal.open(path)
      book:intend("Order 59")
      local whole = book.file
      book.file = full_file(room)
      assert.has_error(function()
        book:settle("Order 59", nil, { purchased = "no" })
      end)
      book.file:close()
      book.file = whole -- there is room again
      book:intend("Order 60")
      assert.same({ "Order 59", "Order 60" }, (journal.open(path):read()))
    end
  end)

  it("gives each order a unique name that Twilio accepts", function()
    local one, other = journal.new_order(), journal.new_order()
    assert.not_equal(one, other)
    assert.matches("^Order %x+$", one)
    assert.is_true(#one <= 64)
  end)

  it("raises if it cannot be written, so that nothing is bought", function()
    local book = journal.open(path)
    book.file:close()
    book.file = assert(io.open("/dev/full", "ab"))
    assert.has_error(function()
      book:intend("a")
    end)
  end)

  it("is synchronized to the disk if luaposix is installed", function()
    local synchronized = {}
    package.preload["posix.unistd"] = function()
      return {
        fsync = function(fd)
          synchronized[#synchronized + 1] = fd .. " " .. read():match("^%a*")
          return 0
        end,
      }
    end
    package.preload["posix.stdio"] = function()
      return {
        fileno = function()
          return 7
        end,
      }
    end
    package.loaded["examples.journal"] = nil
    require("examples.journal").open(path):intend("a")
    for _, name in ipairs { "posix.unistd", "posix.stdio" } do
      package.preload[name], package.loaded[name] = nil, nil
    end
    package.loaded["examples.journal"] = journal
    assert.same({ "7 intent" }, synchronized)
  end)

  describe("of a program", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

    local function run(name, ...)
      return crashes.run(twilio, twilio.base_url, name, { path, ... })
    end

    it("prevents buying while an order has no end", function()
      write("intent\tOrder 1\t1\n")
      assert.matches(
        "Look first: lua examples/after_a_crash.lua",
        run("buy_with_journal", "1", "415")
      )
      assert.equal(0, twilio:state().posts)
      assert.equal("1 open orders of 1\nnot bought: Order 1\n", run("after_a_crash"))
      assert.matches("1 bought, 0 not\n$", run("buy_with_journal", "1", "415"))
    end)

    it("without open orders is distinguished from a missing one", function()
      local book = journal.open(path)
      for i = 1, 3 do
        book:intend("Order " .. i)
        book:settle("Order " .. i, nil, { purchased = "no" })
      end
      assert.equal("0 open orders of 3\n", run("after_a_crash"))
      for _, how in ipairs { "", "all" } do
        local missing = path .. ".typo"
        local output, status = crashes.result("after_a_crash", { missing, how })
        assert.equal("cannot open " .. missing .. ": No such file or directory\n", output)
        assert.equal(1, status)
        assert.is_nil(io.open(missing))
      end
    end)

    it("reports that nothing is certain if Twilio cannot be reached", function()
      write("intent\tOrder 1\t1\n")
      twilio:fault { fault = "status", status = 403, method = "GET" }
      assert.matches("\nNothing is certain, try again: ", run("after_a_crash"))
      assert.same({ "Order 1" }, (journal.open(path):read()))
    end)

    it("finds everything that one call bought under its name", function()
      local book = journal.open(path)
      local order = journal.new_order()
      book:intend(order)
      local client = clients.of(twilio)
      local report = client:purchase_many(
        { country = "US", area_code = "415", count = 3 },
        { friendly_name = order }
      )
      client:close()
      assert.equal(3, report.bought)
      local found = crashes.sids(run("after_a_crash"))
      assert.same(crashes.owned(twilio), found)
      assert.same({ {}, found, 1 }, { journal.open(path):read() })
    end)

    it("finds a purchase that ended in doubt", function()
      twilio:fault { fault = "close_after_commit", method = "POST" }
      assert.matches("0 bought, 1 not\n$", run("buy_with_journal", "1", "415"))
      assert.matches("\nfound %+1415%d+ %(PN%x+%): Order %x+\n$", run("after_a_crash"))
      assert.same({}, (journal.open(path):read()))
    end)
  end)
end)
