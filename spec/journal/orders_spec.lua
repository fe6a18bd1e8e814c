-- client:orders(): the journal's orders, as a list.
local records = require("twilio.numbers.journal.records")

local World = require("spec.support.world")

local A, B, C = "+14155550101", "+14155550102", "+14155550103"

describe("client:orders()", function()
  local world, client

  before_each(function()
    world = World.new { A, B, C }
    client = world:client()
  end)

  after_each(function()
    client:close()
  end)

  local function buy(key, number)
    return assert(client:purchase({ phone_number = number }, { idempotency_key = key }))
  end

  local function keys(filter)
    local list = {}
    for i, entry in ipairs(assert(assert(client:orders(filter)):all())) do
      list[i] = entry.key .. (entry.slot and "/" .. entry.slot or "")
    end
    return list
  end

  it("gives each order to one of the coroutines that read the list together", function()
    buy("b", A)
    buy("a", B)
    local scan, list, readers, seen = world.store.scan, assert(client:orders()), {}, {}
    function world.store.scan(...)
      coroutine.yield()
      return scan(...)
    end
    for i = 1, 2 do
      readers[i] = coroutine.create(function()
        local entry = list:next()
        while entry do
          seen[#seen + 1], entry = entry.key, list:next()
        end
      end)
    end
    local is_running = true
    while is_running do
      is_running = false
      for _, reader in ipairs(readers) do
        if coroutine.status(reader) == "suspended" then
          assert(coroutine.resume(reader))
          is_running = true
        end
      end
    end
    table.sort(seen)
    assert.same({ "a", "b" }, seen)
  end)

  it("iterates all orders, in the order of their keys", function()
    buy("b", A)
    buy("a", B)
    local seen = {}
    for entry in client:orders() do
      seen[#seen + 1] = entry.key
      assert.equal("bought", entry.state)
      assert.equal("purchase", entry.op)
      assert.equal(world.owned[entry.phone_number].sid, entry.sid)
    end
    assert.same({ "a", "b" }, seen)
  end)

  it("returns the numbers of purchase_many after their order, with their slots", function()
    buy("z", A)
    assert(client:purchase_many({ B, C }, {}, { idempotency_key = "m" }))
    assert.same({ "z", "m/1", "m/2" }, keys())
    assert.same({ "m/1", "m/2" }, keys { key = "m" })
    assert.same({}, keys { key = "n" })
  end)

  it("filters by state and by key prefix", function()
    buy("order-1", A)
    buy("other-1", C)
    world.on_post = function()
      return "refused"
    end
    client:purchase({ phone_number = B }, { idempotency_key = "order-2" })
    assert.same({ "order-1", "order-2", "other-1" }, keys())
    assert.same({ "order-2" }, keys { state = "open" })
    assert.same({ "order-1" }, keys { state = "bought", key = "order-" })
    assert.same({}, keys { state = "trying" })
    assert.same({ "order-1" }, keys { limit = 1 })
  end)

  it("reads many pages, including those without a match", function()
    local scope = records.scope("https://api.example", world.account_sid)
    for i = 1, 450 do
      local state = i > 445 and "bought" or "open"
      local value = { op = "purchase", state = state, number = A }
      local key = records.order(scope, ("k%03d"):format(i))
      world.store.rows[key] = { version = 1, value = records.encode(value) }
    end
    assert.equal(5, #keys { state = "bought" })
    assert.equal(450, #keys())
  end)

  it("reports an invalid filter", function()
    local list, message, err = client:orders { state = "closed", keys = "x" }
    assert.is_nil(list)
    assert.equal("invalid", err.kind)
    assert.matches('state must be "open" or "trying" or "bought"', message)
    assert.matches("there is no option", message)
    assert.matches("key must be a string", select(2, client:orders { key = 5 }))
  end)

  it("ends with the journal's error", function()
    world.store.scan = function()
      return nil, "disk gone"
    end
    local item, message, err
    for one, why, problem in client:orders() do
      item, message, err = one, why, problem
    end
    assert.is_false(item)
    assert.matches("disk gone", message)
    assert.equal("journal", err.kind)
  end)

  it("are read completely for a callback", function()
    buy("a", A)
    local got
    assert(client:orders_async({ state = "bought" }, function(items)
      got = items
    end)):wait()
    client:poll()
    assert.equal("a", got[1].key)
  end)

  it("can be fetched by key", function()
    buy("a", A)
    buy("ab", B)
    local found = assert(client:order("a"))
    assert.same({ "a", A, "bought" }, { found.key, found.phone_number, found.state })
    assert.equal(B, assert(client:order_async("ab")):wait().phone_number)
    assert.is_false(client:order("abc"))
    assert.matches("key must be a string", select(2, client:order(7)))
  end)

  it("of purchase_many are fetched without a purchase of one number that failed before", function()
    world.on_post = function()
      return "refused"
    end
    client:purchase({ phone_number = A }, { idempotency_key = "m" })
    assert.same({ "open", nil }, { client:order("m").state, client:order("m").numbers })
    world.on_post = false
    assert(client:purchase_many({ B, C }, {}, { idempotency_key = "m" }))
    local found, numbers = assert(client:order("m")), {}
    for i, one in ipairs(found.numbers) do
      numbers[i] = { one.slot, one.phone_number }
    end
    assert.same({ "bought", 2, { { 1, B }, { 2, C } } }, { found.state, found.count, numbers })
    world.store.now = world.store.now + 3600 * 1000
    assert.is_true(client:forget("m")) -- both
    assert.same({}, keys())
  end)

  it("of purchase_many are fetched completely", function()
    world.on_post = function(number)
      return number == C and "refused" or nil
    end
    client:purchase_many({ B, C }, {}, { idempotency_key = "m" })
    local found = assert(client:order("m"))
    assert.same({ "purchase_many", 2, "open" }, { found.op, found.count, found.state })
    assert.same({ 1, B, "bought" }, {
      found.numbers[1].slot,
      found.numbers[1].phone_number,
      found.numbers[1].state,
    })
    world.on_post = function()
      return "lost"
    end
    local dying = world:client { retries = 0, deadline = 20 }
    dying:purchase_many({ B, C }, {}, { idempotency_key = "m" })
    dying:close()
    assert.equal("trying", client:order("m").state)
    world.on_post = false
    world.store.now = world.store.now + 60000
    assert(client:purchase_many({ B, C }, {}, { idempotency_key = "m" }))
    assert.equal("bought", client:order("m").state)
  end)

  it("have purchased = unknown if the journal cannot be read", function()
    world.store.on_read = function()
      return "disk gone"
    end
    local found, message, err = client:order("a")
    assert.is_nil(found)
    assert.matches("disk gone", message)
    assert.same({ "journal", "unknown" }, { err.kind, err.purchased })
  end)
end)
