-- A journal in SQLite that fails during a purchase, after each of its steps. Before its choice is
-- durable nothing is sent; what was bought after that is returned; and when the journal works again, the same
-- key ends with the one number.
local cjson = require("cjson")
local journals = require("spec.support.journals")
local keyed = require("spec.support.keyed")
local simulator = require("spec.support.simulator")

if journals.without_mounts("spec/journal/bad_sqlite_spec.lua") then
  return
end

local BEGUN, NOTED = 6, 8 -- steps: read, search, read, look, read, begin, send, note

-- Shell commands that break and repair the journal, on a disk of its own; and the error message.
local FAULTS = {
  ["is on a full disk"] = {
    breaks = "cat /dev/zero >filler 2>/dev/null || true",
    repairs = "rm filler",
    words = "the disk is full",
    reads = true,
  },
  ["is on a disk that is read-only"] = {
    breaks = "mount -o remount,ro .",
    repairs = "mount -o remount,rw .",
    last = 0, -- a disk on which a file is open for writing does not become so
    words = "is read-only",
    reads = true,
  },
  ["is missing"] = {
    breaks = "mv purchases.db away",
    repairs = "mv away purchases.db",
    words = "is missing",
  },
  ["is garbage"] = {
    breaks = "mv purchases.db away; echo garbage >purchases.db",
    repairs = "mv away purchases.db",
    words = "is not a journal",
  },
  ["has a newer format"] = {
    breaks = "cp purchases.db new; printf '\\0\\0\\0\\2' | dd of=new bs=1 seek=60 conv=notrunc status=none;"
      .. " mv purchases.db away; mv new purchases.db",
    repairs = "mv away purchases.db",
    words = "newer format",
  },
  ["is a folder"] = {
    breaks = "mv purchases.db away; mkdir purchases.db",
    repairs = "rmdir purchases.db; mv away purchases.db",
    words = "is a folder",
  },
  ["is on a disk that fails"] = {
    breaks = "touch bad",
    repairs = "rm bad",
    words = "the disk reports an error",
    reads = true,
    is_unheard = true,
  },
}

-- Buys, breaks the journal after the nth step, and buys again when it works; a line of JSON for each n.
local PROGRAM = [[
  local simulator = require("spec.support.simulator")
  local breaks, repairs, last = %q, %q, %d
  local disk = folder .. "/disk"
  local function shell(command)
    assert(os.execute(("unset LD_PRELOAD; cd '%%s' && { %%s; }"):format(disk, command)))
  end
  os.execute(("mkdir '%%s' && mount -t tmpfs -o size=400k none '%%s'"):format(disk, disk))
  twilio = simulator.of(twilio)
  for n = 0, last do
    twilio:reset()
    shell("rm -rf ./*")
    journal = keyed.new_journal(disk)
    local steps = keyed.at_steps(function(count)
      if count == n then shell(breaks) end
    end)
    local client = client_of { on_event = steps.on_event, deadline = 20 }
    if n == 0 then shell(breaks) end
    local first = cjson.decode(keyed.line(keyed.buy(client)))
    local posts = twilio:state().posts
    steps.check()
    shell(repairs)
    local second = cjson.decode(keyed.line(keyed.buy(client)))
    client:close()
    client = client_of {}
    local third = cjson.decode(keyed.line(keyed.buy(client)))
    client:close()
    local purchases = twilio:state().purchases
    io.write(cjson.encode { first = first, second = second, third = third, posts = posts,
      purchases = purchases }, "\n")
  end
]]

describe("a journal in SQLite, during a purchase,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder

  before_each(function()
    folder = journals.new_folder()
  end)

  after_each(function()
    journals.remove(folder)
  end)

  --- The outcomes of purchases with a journal that broke after step 0, step 1 and so on.
  local function run(fault, variables)
    local given = {
      twilio = twilio,
      folder = folder,
      journal = folder .. "/disk/purchases.db",
      before = journals.unshare .. " timeout 100",
      library = "spec_disk",
      variables = variables,
    }
    local last = fault.last or NOTED
    local program = PROGRAM:format(fault.breaks, fault.repairs, last)
    local output, rows = keyed.start(given, program):output(), {}
    for line in output:gmatch("[^\n]+") do
      local decoded, row = pcall(cjson.decode, line)
      rows[#rows + 1] = decoded and row or error(output)
    end
    assert.equal(last + 1, #rows, output)
    return rows
  end

  --- Checks that one number was bought, which every successful call returned.
  local function check_end(row, where)
    assert.equal(1, row.purchases, where)
    assert.equal("replayed", row.third.outcome, where)
    assert.equal(row.third.sid, row.second.sid, where)
    if row.first.sid then
      assert.equal(row.third.sid, row.first.sid, where)
    end
  end

  local function check(row, n, fault)
    local where = ("after step %d: %s"):format(n, tostring(row.first.message))
    if n >= NOTED then
      assert.same({ "bought", "replayed" }, { row.first.outcome, row.second.outcome }, where)
    elseif n >= BEGUN then
      assert.equal("bought, not noted", row.first.outcome, where)
      assert.matches(fault.words, row.first.journal, 1, true)
      assert.equal("replayed", row.second.outcome, where)
    else
      assert.equal(
        n == 0 and not fault.reads and "journal unknown" or "journal no",
        row.first.outcome,
        where
      )
      assert.matches(fault.words, row.first.message, 1, true)
      assert.equal(0, row.posts, where)
      assert.equal("bought", row.second.outcome, where)
    end
    check_end(row, where)
  end

  for name, fault in pairs(FAULTS) do
    if not fault.is_unheard then
      it(name .. ", after each step: the call buys once, and hides nothing", function()
        for i, row in ipairs(run(fault)) do
          check(row, i - 1, fault)
        end
      end)
    end
  end

  it(
    "is on a disk that fails from its nth write on, after each step: the call buys once",
    function()
      local fault, outcomes = FAULTS["is on a disk that fails"], {}
      for count = 1, 8 do
        local disk = folder .. "/disk"
        local rows = run(fault, {
          DISK = disk .. "/purchases.db",
          DISK_FAIL = ("%d"):format(count),
          DISK_FROM = disk .. "/bad",
        })
        for i, row in ipairs(rows) do
          local where = ("write %d, after step %d: %s"):format(
            count,
            i - 1,
            tostring(row.first.message)
          )
          outcomes[row.first.outcome] = (outcomes[row.first.outcome] or 0) + 1
          if row.first.kind then
            assert.equal("journal", row.first.kind, where)
            assert.equal(0, row.posts, where)
          end
          check_end(row, where)
        end
        journals.remove(folder)
        folder = journals.new_folder()
      end
      for _, outcome in ipairs { "bought", "bought, not noted", "journal no", "journal unknown" } do
        assert.is_truthy(outcomes[outcome], outcome .. " never happened")
      end
    end
  )

  -- Buys while another process holds the journal locked, and buys again.
  local LOCKED = [[
    local journals = require("spec.support.journals")
    local other
    local steps = keyed.at_steps(function(count)
      if count == %d then
        journals.hang(folder)
        other = journals.start(folder, [=[
          local journal = assert(journals.open(folder .. "/purchases.db"))
          journal:apply(journals.call(60), { { key = "theirs", version = 0, value = "{}" } })
        ]=], { DISK = folder .. "/purchases.db" })
        journals.until_hung(folder)
      end
    end)
    local client = client_of { on_event = steps.on_event }
    print_line(keyed.buy(client, { deadline = 2 }))
    io.write(("%%d\n"):format(require("spec.support.simulator").of(twilio):state().posts))
    steps.check()
    journals.let_go(folder)
    other:read("*a")
    other:close()
    print_line(keyed.buy(client))
  ]]

  for name, case in pairs {
    ["before its choice is written, sends nothing"] = { 5, "journal no", 0, "bought" },
    ["before its outcome is written, returns what was bought"] = {
      6,
      "bought, not noted",
      1,
      "replayed",
    },
  } do
    it("is locked by another process for longer than the deadline " .. name, function()
      local given = { twilio = twilio, folder = folder, journal = keyed.new_journal(folder) }
      local output = keyed.start(given, LOCKED:format(case[1])):output()
      local first, posts, second = output:match("^(.-)\n(%d+)\n(.-)\n$")
      assert.is_truthy(first, output)
      first, second = cjson.decode(first), cjson.decode(second)
      assert.same({ case[2], case[3] }, { first.outcome, tonumber(posts) }, first.message)
      assert.matches("is locked by another process", first.message, 1, true)
      assert.equal(case[4], second.outcome)
      assert.is_true(not first.sid or first.sid == second.sid)
      assert.equal(1, twilio:state().purchases)
    end)
  end

  it(
    "is on a network disk: a client is refused, and sends nothing if it becomes one later",
    function()
      local given = {
        twilio = twilio,
        folder = folder,
        journal = keyed.new_journal(folder),
        library = "spec_network_disk",
        variables = { NETWORK_DISK = folder .. "/network" },
      }
      local output = keyed
        .start(
          given,
          [[
      local client = client_of()
      keyed.touch(folder .. "/network")
      print_line(keyed.buy(client))
      local _, message, err = numbers.client {
        account_sid = twilio.account_sid, auth_token = twilio.auth_token, journal = journal,
      }
      print(err.kind, message)
      print((select(2, numbers.journal(folder .. "/new.db", { create = true }))))
      os.remove(folder .. "/network")
      print_line(keyed.buy(client))
    ]]
        )
        :output()
      local pattern = "^(.-)\n(%a+)\t(.-)\n([^\n]*)\n([^\n]*)\n$"
      local first, kind, message, uncreated, second = output:match(pattern)
      assert.is_truthy(first, output)
      first, second = cjson.decode(first), cjson.decode(second)
      assert.equal("journal unknown", first.outcome)
      assert.matches("NFS", first.message, 1, true)
      assert.equal("invalid", kind)
      assert.matches("NFS", message, 1, true)
      assert.matches("would be on NFS: it needs a local disk", uncreated, 1, true)
      assert.equal("bought", second.outcome)
      assert.equal(1, twilio:state().posts)
    end
  )
end)
