-- client:forget() and client:prune(): finished orders leave the journal, unfinished ones never.
local age = require("twilio.numbers.journal.age")
local records = require("twilio.numbers.journal.records")

local World = require("spec.support.world")
local cjson = require("cjson")

local A, B, C = "+14155550101", "+14155550102", "+14155550103"
local OTHER = "+5215512345678"
local HOUR = 3600 * 1000

describe("a journal", function()
  local world, client, scope

  before_each(function()
    world = World.new { A, B, C }
    client = world:client()
    scope = records.scope("https://api.example", world.account_sid)
  end)

  after_each(function()
    client:close()
  end)

  local function buy(key, number)
    return assert(client:purchase({ phone_number = number }, { idempotency_key = key }))
  end

  local function refuse(key, number)
    world.on_post = function()
      return "refused"
    end
    client:purchase({ phone_number = number }, { idempotency_key = key })
    world.on_post = false
  end

  --- A purchase whose answer is lost, and whose look-up finds nothing.
  local function leave_unfinished(key, number)
    world.on_post = function()
      return "lost"
    end
    local dying = world:client { retries = 0, deadline = 20 }
    dying:purchase({ phone_number = number }, { idempotency_key = key })
    dying:close()
    world.on_post = false
  end

  local function row(key)
    return world.store.rows[key]
  end

  local function keys()
    local list = {}
    for key in pairs(world.store.rows) do
      list[#list + 1] = key:match("^%a+") .. key:match("/[^/]*$")
    end
    table.sort(list)
    return list
  end

  local function pass(milliseconds)
    world.store.now = world.store.now + milliseconds
  end

  it("forgets a bought order with its claim, so that its key can buy again", function()
    buy("order-1", A)
    pass(HOUR)
    assert.is_true(client:forget("order-1"))
    assert.is_nil(row(records.order(scope, "order-1")))
    assert.is_nil(row(records.number(scope, A)))
    assert.is_truthy(world.owned[A])
    buy("order-1", B)
    assert.equal(2, world.purchases)
  end)

  it("forgets an open order", function()
    refuse("order-1", A)
    pass(HOUR)
    assert.is_true(client:forget("order-1"))
    assert.is_nil(row(records.order(scope, "order-1")))
  end)

  it("forgets no unfinished order, however old", function()
    leave_unfinished("order-1", A)
    pass(1000 * HOUR)
    local forgotten, message, err = client:forget("order-1")
    assert.is_nil(forgotten)
    assert.same({ "invalid", "no", A }, { err.kind, err.purchased, err.phone_number })
    assert.matches("may have bought %+14155550101: repeat its call", message)
    assert.equal(0, client:prune(0))
    assert.equal("trying", world:order("order-1").state)
  end)

  it("forgets no order whose purchase may still arrive", function()
    buy("order-1", A)
    local _, message, err = client:forget("order-1")
    assert.equal("in_progress", err.kind)
    assert.equal("no", err.purchased)
    assert.is_true(err.retry_after >= 299) -- the deadline of the call, and the settle time
    assert.matches(("in progress: try again in %d s"):format(err.retry_after), message, 1, true)
    pass(err.retry_after * 1000)
    assert.is_true(client:forget("order-1"))
  end)

  it("restarts the time of senders of another era before it forgets their order", function()
    buy("order-1", A)
    world.store.era, world.store.now = "era 2", 10 * HOUR
    local record = world:order("order-1")
    record.changed_at, record.v = record.changed_at - HOUR, nil
    row(records.order(scope, "order-1")).value = records.encode(record)
    local _, _, err = client:forget("order-1")
    assert.equal("in_progress", err.kind)
    assert.equal("era 2", world:order("order-1").senders[1].era)
    pass(err.retry_after * 1000 + 1)
    assert.is_true(client:forget("order-1"))
  end)

  it("forgets no order that changes meanwhile", function()
    buy("order-1", A)
    pass(HOUR)
    world.store.on_apply = function()
      row(records.order(scope, "order-1")).version = 77
    end
    local _, _, err = client:forget("order-1")
    assert.equal("in_progress", err.kind)
    assert.is_truthy(row(records.order(scope, "order-1")))
    assert.is_truthy(row(records.number(scope, A)))
  end)

  --- Buys a number that the response names in another spelling.
  local function buy_in_another_spelling(key)
    world.on_post = function()
      world:remove(A)
      local body = cjson.encode(world:give(OTHER))
      return { status = 201, body = body, headers = { date = "Sun, 29 Nov 2026 10:00:00 GMT" } }
    end
    local _, _, err = client:purchase({ phone_number = A }, { idempotency_key = key })
    world.on_post = false
    assert.same({ "yes", OTHER }, { err.purchased, err.phone_number })
    assert.same({ key, key }, { world:claim(A), world:claim(OTHER) })
    pass(HOUR)
  end

  for name, remove in pairs {
    ["forget()"] = function()
      return client:forget("order-1")
    end,
    ["prune()"] = function()
      return client:prune(60)
    end,
  } do
    it("loses both claims of a number that was bought in another spelling: " .. name, function()
      buy_in_another_spelling("order-1")
      assert(remove())
      assert.same({ nil, nil }, { world:claim(A), world:claim(OTHER) })
      local number, _, info = client:purchase({ phone_number = OTHER }, { idempotency_key = "k" })
      assert.same({ OTHER, true }, { number.phone_number, info.adopted })
    end)
  end

  it("keeps the claim of the other spelling if another order has it", function()
    buy_in_another_spelling("order-1")
    local claim = { order = records.order(scope, "order-2") }
    world:write("number", OTHER, claim)
    assert.is_true(client:forget("order-1"))
    assert.same({ nil, "order-2" }, { world:claim(A), world:claim(OTHER) })
  end)

  it("leaves a claim that another order has taken over", function()
    buy("order-1", A)
    pass(HOUR)
    world:release(A)
    buy("order-2", A)
    pass(HOUR)
    assert.is_true(client:forget("order-1"))
    local claim = assert(records.decode(row(records.number(scope, A)).value))
    assert.equal(records.order(scope, "order-2"), claim.order)
  end)

  it("forgets all numbers of purchase_many, or none", function()
    assert(client:purchase_many({ A, B }, {}, { idempotency_key = "m" }))
    buy("single", C)
    pass(HOUR)
    local slot = row(records.slot(scope, 2, "m"))
    local record = assert(records.decode(slot.value))
    record.state, record.v = "trying", nil
    slot.value = records.encode(record)
    local _, _, err = client:forget("m")
    assert.equal("invalid", err.kind)
    assert.equal(0, client:prune(1e9))
    assert.is_truthy(row(records.slot(scope, 1, "m")))
    record.state = "bought"
    slot.value = records.encode(record)
    assert.is_true(client:forget("m"))
    assert.same({ "number/" .. C, "order/single" }, {
      keys()[2],
      keys()[3],
    })
    assert.equal(3, #keys())
  end)

  it("forgets purchase_many in one write, so that a failure leaves all of it", function()
    local function buy_two()
      return client:purchase_many({ country = "US", count = 2 }, {}, { idempotency_key = "m" })
    end
    local bought = assert(buy_two())
    pass(HOUR)
    local before, writes = keys(), 0
    world.store.on_apply = function()
      writes = writes + 1
      return writes > 1 and "failed" or nil
    end
    assert.is_true(client:forget("m"))
    assert.equal(1, writes)
    world.store.on_apply = false
    assert.same({ keys()[1] }, { "limit" .. before[1]:match("/.*") })
    assert.equal(2, bought.bought)
  end)

  it("reports an unknown key and an invalid key", function()
    local _, message, err = client:forget("nothing")
    assert.equal("invalid", err.kind)
    assert.matches("no order of the account has that key", message)
    assert.matches("key must be a string", select(2, client:forget(5)))
  end)

  it("reports a failed write", function()
    buy("order-1", A)
    pass(HOUR)
    world.store.on_apply = function()
      return "failed"
    end
    local _, message, err = client:forget("order-1")
    assert.same({ "journal", "no" }, { err.kind, err.purchased })
    assert.matches("disk full", message)
    world.store.on_read = function()
      return "no such disk"
    end
    _, _, err = client:forget("order-1")
    assert.same({ "journal", "no" }, { err.kind, err.purchased })
  end)

  it("prunes bought and open orders that have not changed for the given time", function()
    buy("old", A)
    refuse("open", B)
    pass(50 * HOUR)
    buy("young", C)
    pass(HOUR)
    assert.equal(0, client:prune(52 * 3600))
    assert.equal(2, client:prune(50 * 3600))
    assert.same({ "limit", "number/" .. C, "order/young" }, {
      keys()[1]:match("^%a+"),
      keys()[2],
      keys()[3],
    })
    assert.equal(0, client:prune(50 * 3600))
  end)

  it("prunes nothing younger than the settle time, whatever age is given", function()
    refuse("open", B)
    assert.equal(0, client:prune(0))
    pass(181 * 1000)
    assert.equal(1, client:prune(0))
  end)

  it("prunes by the wall clock if the store's clock restarted", function()
    refuse("open", B)
    world.store.era, world.store.now = "era 2", 100 * HOUR
    assert.equal(0, client:prune(3600))
    local record = world:order("open")
    record.changed_at, record.v = record.changed_at - 2 * HOUR, nil
    row(records.order(scope, "open")).value = records.encode(record)
    assert.equal(1, client:prune(3600))
  end)

  it(
    "prunes old orders after each restart of the store's clock, without waiting for senders",
    function()
      buy("order-1", A)
      local key = records.order(scope, "order-1")
      local record = world:order("order-1")
      record.changed_at, record.v = record.changed_at - 48 * HOUR, nil
      record.senders[1].at = record.senders[1].at - 47 * HOUR
      row(key).value = records.encode(record)
      world.store.era = "era 2"
      assert.equal(0, client:prune(47.5 * 3600)) -- a sender is not as old
      assert.equal("era 2", world:order("order-1").senders[1].era)
      assert.equal(record.changed_at, world:order("order-1").changed_at)
      world.store.era = "era 3"
      assert.equal(1, client:prune(46 * 3600))
      assert.is_nil(row(key))
    end
  )

  it("prunes the numbers of purchase_many together, with their header", function()
    assert(client:purchase_many({ A, B }, {}, { idempotency_key = "m" }))
    pass(10 * HOUR)
    local record = assert(records.decode(row(records.slot(scope, 2, "m")).value))
    record.changed, record.v = world.store.now, nil
    row(records.slot(scope, 2, "m")).value = records.encode(record)
    assert.equal(0, client:prune(9 * 3600))
    assert.equal(1, (select(2, table.concat(keys(), " "):gsub("slot/m slot/m", ""))))
    pass(10 * HOUR)
    assert.equal(2, client:prune(9 * 3600))
    assert.is_nil(table.concat(keys(), " "):match("m "))
  end)

  it("prunes the counts of days long past", function()
    local yesterday, today = os.date("!%Y-%m-%d", os.time() - 86400), os.date("!%Y-%m-%d")
    for _, day in ipairs { "2020-01-01", "2020-01-02", yesterday, today } do
      local value = records.encode { numbers = 1 }
      world.store.rows[records.limit(scope, day)] = { version = 1, value = value }
    end
    assert.equal(0, client:prune(0))
    assert.same({ "limit/" .. yesterday, "limit/" .. today }, keys())
  end)

  it("refuses to prune by an invalid age", function()
    for _, seconds in ipairs { -1, 0 / 0, 1 / 0, "7", false } do
      local _, message, err = client:prune(seconds)
      assert.equal("invalid", err.kind)
      assert.matches("give the age in seconds", message)
    end
  end)

  it("forgets and prunes in flight", function()
    refuse("open", B)
    refuse("open-2", B)
    pass(HOUR)
    assert.is_true(assert(client:forget_async("open")):wait())
    local got
    assert(client:prune_async(0, function(count)
      got = count
    end)):wait()
    client:poll()
    assert.equal(1, got)
  end)
end)

describe("a journal in another era of its clock", function()
  after_each(World.stop_clocks)

  it("restarts the time of all senders of purchase_many at once", function()
    World.start_clocks()
    local world = World.new { A, B }
    local client = world:client()
    assert(client:purchase_many({ A, B }, {}, { idempotency_key = "m" }))
    world:pass(3600)
    world.store.era = "era 2"
    local _, _, err = client:forget("m")
    assert.equal("in_progress", err.kind)
    world:pass(err.retry_after)
    assert.is_true(client:forget("m"))
  end)
end)

describe("the age of a record", function()
  it("is that of the store's clock within its era, and of the wall clock across eras", function()
    local record = {}
    age.stamp(record, 1000, "era 1", 5000)
    assert.equal(500, age.of(record, 1500, "era 1", 9000))
    assert.equal(4000, age.of(record, 1500, "era 2", 9000))
    assert.equal(0, age.of(record, 500, "era 1", 9000))
    assert.equal(0, age.of(record, 500, "era 2", 1000))
    assert.equal(600, age.of({ at = 400 }, 500, "era 1", 1000))
    assert.equal(0, age.of({}, 500, "era 2", 1000))
  end)
end)
