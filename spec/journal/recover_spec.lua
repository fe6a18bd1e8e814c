-- client:recover(): looks up and records what a crash left in the journal, and buys nothing.
local cjson = require("cjson")
local records = require("twilio.numbers.journal.records")

local World = require("spec.support.world")

local A, B = "+14155550101", "+14155550102"
local DAY = 86400 * 1000

describe("client:recover()", function()
  local world, client

  before_each(function()
    world = World.new { A, B }
    client = world:client()
  end)

  after_each(function()
    client:close()
  end)

  --- A purchase whose call ends without a response to the purchase or its look-up.
  ---@param what "unheard"|"lost" whether Twilio has carried it out
  local function crash(key, number, what)
    world.on_post = function()
      return what
    end
    world.on_look = function(looked)
      return #world.posts > 0 and looked == number
    end
    local dying = world:client { retries = 0, deadline = 20 }
    dying:purchase({ phone_number = number }, { idempotency_key = key })
    dying:close()
    world.on_post, world.on_look, world.posts = false, false, {}
  end

  local function claim(number)
    local scope = records.scope("https://api.example", world.account_sid)
    return world.store.rows[records.number(scope, number)]
  end

  it("records a number that was bought, and buys nothing", function()
    crash("order-1", A, "unheard")
    assert.equal("trying", world:order("order-1").state)
    local report = assert(client:recover())
    assert.same({ 1, 0, 0 }, { #report.bought, #report.open, #report.trying })
    local entry = report.bought[1]
    assert.same(
      { "order-1", "purchase", "bought", A, world.owned[A].sid },
      { entry.key, entry.op, entry.state, entry.phone_number, entry.sid }
    )
    assert.equal("string", type(entry.by))
    assert.is_true(math.abs(entry.at / 1000 - os.time()) < 60)
    assert.equal("bought", world:order("order-1").state)
    assert.same({ 1, 0 }, { world.purchases, #world.posts })
    local number, _, info = client:purchase({ phone_number = A }, { idempotency_key = "order-1" })
    assert.equal(world.owned[A].sid, number.sid)
    assert.is_true(info.replayed)
  end)

  it("leaves the settings to the next call with the key, which completes them", function()
    crash("order-1", A, "unheard")
    assert(client:recover())
    assert.is_nil(world:order("order-1").whole)
  end)

  it("reports a number that was owned before the order as adopted", function()
    crash("order-1", A, "lost")
    world:give(A, { date_created = "Sun, 29 Nov 2026 09:00:00 +0000" })
    local report = assert(client:recover())
    assert.is_true(report.bought[1].adopted)
    assert.is_true(world:order("order-1").adopted)
  end)

  it("keeps a number that is not found as long as that proves nothing", function()
    crash("order-1", A, "lost")
    for _ = 1, 2 do
      local report = assert(client:recover())
      assert.same({ 0, 0, 1 }, { #report.bought, #report.open, #report.trying })
      assert.equal("trying", world:order("order-1").state)
      world.store.now = world.store.now + DAY - 1000
    end
    assert.is_truthy(claim(A))
  end)

  it("gives up a number that is not found a day after the last call's time was over", function()
    crash("order-1", A, "lost")
    local ends = world:order("order-1").senders[1].ends
    world.store.now = ends + DAY - 1
    assert.equal(1, #assert(client:recover()).trying)
    world.store.now = ends + DAY + 1
    local report = assert(client:recover())
    assert.same({ 0, 1, 0 }, { #report.bought, #report.open, #report.trying })
    assert.same({ A }, report.open[1].tried)
    assert.is_nil(report.open[1].phone_number)
    local order = world:order("order-1")
    assert.same({ "open", { A } }, { order.state, order.tried })
    assert.is_nil(claim(A))
    assert.equal(0, world.purchases)
  end)

  it("does not wait for senders all of whose purchases were refused", function()
    crash("order-1", A, "lost")
    local scope = records.scope("https://api.example", world.account_sid)
    local row = world.store.rows[records.order(scope, "order-1")]
    local record = assert(records.decode(row.value))
    local first = record.senders[1]
    record.senders[2] = {
      token = "another",
      refused = true,
      ends = first.ends + 10 * DAY,
      term = first.term,
      settle = first.settle,
      era = first.era,
      at = first.at,
    }
    row.value = records.encode(record)
    world.store.now = first.ends + DAY + 1
    assert.equal(1, #assert(client:recover()).open)
  end)

  it("leaves another order's claim", function()
    crash("order-1", A, "lost")
    claim(A).value = records.encode { order = "order/elsewhere@x/another" }
    world.store.now = world:order("order-1").senders[1].ends + DAY + 1
    assert.equal(1, #assert(client:recover()).open)
    assert.is_truthy(claim(A))
  end)

  it("returns the day's limit along with the number", function()
    crash("order-1", A, "lost")
    local charged = world:order("order-1").charged
    local function count()
      return assert(records.decode(world.store.rows[charged].value)).numbers
    end
    assert.equal(1, count())
    world.store.now = world:order("order-1").senders[1].ends + DAY + 1
    assert(client:recover())
    assert.equal(0, count())
  end)

  it("counts the day by the wall clock if the store's clock restarted", function()
    crash("order-1", A, "lost")
    world.store.era, world.store.now = "era 2", 5000
    assert.equal(1, #assert(client:recover()).trying)
    local sender = world:order("order-1").senders[1]
    assert.same({ "era 2", 5000 + sender.term, true }, { sender.era, sender.ends, sender.renewed })
    world.store.now = sender.ends + sender.settle + 1
    assert.equal(1, #assert(client:recover()).trying) -- the wall clock has not moved
    -- a day earlier by the wall clock
    local scope = records.scope("https://api.example", world.account_sid)
    local row = world.store.rows[records.order(scope, "order-1")]
    local record = assert(records.decode(row.value))
    record.senders[1].at = record.senders[1].at - DAY - sender.term - 60000
    row.value = records.encode(record)
    assert.equal(1, #assert(client:recover()).open)
  end)

  it("does not trust the wall clock within an era", function()
    crash("order-1", A, "lost")
    local scope = records.scope("https://api.example", world.account_sid)
    local row = world.store.rows[records.order(scope, "order-1")]
    local record = assert(records.decode(row.value))
    record.senders[1].at = record.senders[1].at - 30 * DAY
    row.value = records.encode(record)
    local sender = record.senders[1]
    world.store.now = sender.ends + sender.settle + 1
    assert.equal(1, #assert(client:recover()).trying)
  end)

  it("waits for the time of senders of another era before it relies on a look-up", function()
    crash("order-1", A, "lost")
    local scope = records.scope("https://api.example", world.account_sid)
    local row = world.store.rows[records.order(scope, "order-1")]
    local record = assert(records.decode(row.value))
    record.senders[1].at = record.senders[1].at - 30 * DAY
    row.value = records.encode(record)
    world.store.era, world.store.now = "era 2", 30 * DAY
    assert.equal(1, #assert(client:recover()).trying)
    assert.equal("era 2", world:order("order-1").senders[1].era)
    local sender = world:order("order-1").senders[1]
    world.store.now = sender.ends + sender.settle + 1
    assert.equal(1, #assert(client:recover()).open)
  end)

  it("records nothing from a look-up that started before the order changed (rule R5)", function()
    crash("order-1", A, "unheard")
    local looks = 0
    world.on_look = function()
      looks = looks + 1
      if looks == 1 then -- another call joins meanwhile
        local scope = records.scope("https://api.example", world.account_sid)
        local row = world.store.rows[records.order(scope, "order-1")]
        row.version = row.version + 1
      end
    end
    local report = assert(client:recover())
    assert.equal(2, looks)
    assert.equal(1, #report.bought)
  end)

  it("gives nothing up after a look-up that started before the order changed", function()
    crash("order-1", A, "lost")
    world.store.now = world:order("order-1").senders[1].ends + DAY + 1
    local scope = records.scope("https://api.example", world.account_sid)
    local looks = 0
    world.on_look = function()
      looks = looks + 1
      if looks == 1 then -- another call buys it meanwhile
        world:give(A)
        local row = world.store.rows[records.order(scope, "order-1")]
        row.version = row.version + 1
        return true
      end
    end
    local report = assert(client:recover())
    assert.same({ 1, 0, 0 }, { #report.bought, #report.open, #report.trying })
  end)

  it("finishes the numbers of purchase_many, each with its slot", function()
    world.on_post = function(number)
      return number == B and "unheard" or nil
    end
    world.on_look = function(number)
      return #world.posts > 0 and number == B
    end
    local dying = world:client { retries = 0, deadline = 20 }
    dying:purchase_many({ A, B }, {}, { idempotency_key = "many-1" })
    dying:close()
    world.on_post, world.on_look = false, false
    local report = assert(client:recover())
    assert.equal(1, #report.bought)
    assert.same({ "many-1", 2, B }, {
      report.bought[1].key,
      report.bought[1].slot,
      report.bought[1].phone_number,
    })
    assert.equal(2, world.purchases)
  end)

  it("reports orders that could not be looked up, and continues with the others", function()
    crash("order-1", A, "unheard")
    crash("order-2", B, "unheard")
    world.on_look = function(number)
      return number == A and { status = 500, body = "", headers = {} }
    end
    client:close()
    client = world:client { retries = 0 }
    local report, message, err = client:recover()
    assert.same({ 1, 1 }, { #report.bought, #report.trying })
    assert.matches("^1 of 2 unfinished orders could not be looked up; the first: ", message)
    assert.equal("api", err.kind)
    assert.equal("unknown", err.purchased)
    assert.equal("order-1", report.trying[1].key)
    assert.matches("status 500", report.trying[1].last_error)
  end)

  it("ignores the orders of other accounts and realms", function()
    crash("order-1", A, "unheard")
    local other = world:client { realm = "elsewhere" }
    assert.same({ bought = {}, open = {}, trying = {} }, other:recover())
    other:close()
    local sid = "AC" .. ("f"):rep(32)
    assert.same({ bought = {}, open = {}, trying = {} }, client:recover { account_sid = sid })
    assert.equal("trying", world:order("order-1").state)
  end)

  it("reads journals of many pages", function()
    for i = 1, 450 do
      local scope = records.scope("https://api.example", world.account_sid)
      local value = { op = "purchase", state = "bought", number = A, sid = "PN" .. ("0"):rep(32) }
      local key = records.order(scope, ("k%03d"):format(i))
      world.store.rows[key] = { version = 1, value = records.encode(value) }
    end
    crash("order-1", A, "unheard")
    crash("zzz", B, "unheard")
    local report = assert(client:recover())
    assert.equal(2, #report.bought)
  end)

  it("reports that the journal cannot be read", function()
    world.store.scan = function()
      return nil, "disk gone"
    end
    local report, message, err = client:recover()
    assert.is_nil(report)
    assert.matches("disk gone", message)
    assert.same({ "journal", "no" }, { err.kind, err.purchased })
  end)

  it("refuses a record that a newer version wrote", function()
    local scope = records.scope("https://api.example", world.account_sid)
    local value = cjson.encode { v = 2 }
    world.store.rows[records.order(scope, "new")] = { version = 1, value = value }
    local _, message, err = client:recover()
    assert.equal("journal", err.kind)
    assert.matches("newer version", message)
  end)

  it("can run in flight, and be waited for", function()
    crash("order-1", A, "unheard")
    local got
    local pending = assert(client:recover_async(function(report)
      got = report
    end))
    pending:wait()
    client:poll()
    assert.equal(1, #got.bought)
  end)

  it("needs a journal", function()
    local plain = world:client { journal = false }
    for _, name in ipairs { "recover", "orders", "audit", "forget", "prune" } do
      for _, twin in ipairs { name, name .. "_async" } do
        local value, message, err = plain[twin](plain)
        assert.is_nil(value)
        assert.matches("journal", message)
        assert.equal("invalid", err.kind)
      end
    end
    plain:close()
  end)
end)
