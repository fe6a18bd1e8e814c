-- A child of fork() takes no part in its parent's journal: the parent's calls in flight are cancelled there,
-- it writes nothing for them, and it opens its own handle.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local records = require("twilio.numbers.journal.records")
local simulator = require("spec.support.simulator")

local PROGRAM = [[
  local journals = require("spec.support.journals")
  local simulator = require("spec.support.simulator").of(twilio)
  local path = %q
  local FILTER = { country = "US", area_code = "415" }
  local client = clients.of(twilio, { journal = path })
  assert(client:purchase_available(FILTER, nil, { idempotency_key = "before" }))
  simulator:limits { hold = 1 }
  local future = client:purchase_available_async(FILTER, nil, { idempotency_key = "parent's" })
  flights.until_(function()
    client:poll()
    return simulator:state().unfinished == 1
  end, "it is sent")

  -- The state of that order in the journal.
  local function record()
    local journal = assert(journals.open(path))
    local list = assert(journal:scan(journals.call(), "order/", nil, 100))
    journal:close(5)
    for _, entry in ipairs(list) do
      if entry.key:match("parent's$") then
        return entry.version .. entry.value
      end
    end
  end

  local function child()
    %s
  end

  local function ends_well(f)
    local pid = process.fork()
    if pid == 0 then
      local good, why = pcall(f)
      if not good then
        print(why)
        io.stdout:flush()
      end
      process.leave(good and 0 or 1)
    end
    return process.wait(pid) == 0
  end

  local before = record()
  assert(before:find('"trying"', 1, true), before)
  assert(ends_well(child), "the child did not do well")
  assert(not %s or record() == before, "the child has written for its parent")
  simulator:limits {}
  local number, message = future:wait()
  assert(number, message)
  assert(not future.cancelled)
  client:close()
]]

-- What the child does, and whether its parent's order stays unchanged.
local CHILDREN = {
  {
    "has its parent's call cancelled",
    [[
      local number, message, err = future:wait()
      assert(not number and err.kind == "cancelled" and err.purchased == "unknown", message)
      assert(err.idempotency_key == "parent's")
    ]],
    true,
  },
  {
    "cancels it, and closes the client",
    [[
      future:cancel()
      client:close()
    ]],
    true,
  },
  {
    "buys with the client for itself",
    [[
      local number, message = client:purchase_available(FILTER, nil, { idempotency_key = "child's" })
      assert(number, message)
      local again, _, info = client:purchase_available(FILTER, nil, { idempotency_key = "child's" })
      assert(again.sid == number.sid and info.replayed)
      local old, _, info_of_old = client:purchase_available(FILTER, nil, { idempotency_key = "before" })
      assert(old and info_of_old.replayed)
      client:close()
    ]],
    true,
  },
  {
    "buys in flight, and finds what it has bought",
    [[
      local own = client:purchase_available_async(FILTER, nil, { idempotency_key = "child's" })
      local number, message = own:wait()
      assert(number, message)
      client:close()
    ]],
    true,
  },
  {
    "buys with its parent's key: the number that its parent is buying",
    [[
      simulator:limits {}
      local number, message = client:purchase_available(FILTER, nil, { idempotency_key = "parent's" })
      assert(number, message)
      client:close()
    ]],
    false,
  },
}

describe("a child of fork(), while its parent buys with a key,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, path

  before_each(function()
    folder = journals.new_folder()
    path = folder .. "/journal.db"
    local journal = assert(journals.open(path, { create = true }))
    assert(journal:read(journals.call(), { "key" }))
    journal:close(5)
  end)

  after_each(function()
    journals.remove(folder)
  end)

  --- Checks that each order is bought, and that each number belongs to one order.
  local function check_books()
    local journal, state = assert(journals.open(path)), twilio:state()
    local sids, count = {}, 0
    for _, entry in ipairs(assert(journal:scan(journals.call(), "order/", nil, 100))) do
      local record = assert(records.decode(entry.value))
      assert.equal("bought", record.state)
      sids[record.sid], count = true, count + 1
    end
    journal:close(5)
    assert.same({ count, count }, { state.purchases, #state.owned })
    for _, number in ipairs(state.owned) do
      assert.is_true(sids[number.sid])
    end
  end

  for _, row in ipairs(CHILDREN) do
    it(row[1], function()
      local program = PROGRAM:format(path, row[2], tostring(row[3]))
      local output, status = interpreter.result(flights.program(twilio, program), 60)
      assert.equal("", output)
      assert.equal(0, status)
      check_books()
    end)
  end
end)
