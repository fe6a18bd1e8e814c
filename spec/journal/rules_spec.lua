local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y

describe("a purchase with a journal", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  --- Sets what happens to the nth write.
  local function writes(...)
    local what, n = { ... }, 0
    world.store.on_apply = function()
      n = n + 1
      return what[n]
    end
  end

  --- Sets what happens to the nth purchase.
  local function posts(...)
    local what = { ... }
    world.on_post = function(_, n)
      return what[n]
    end
  end

  local function ends(number, _, err)
    return number and number.phone_number, err and err.kind, err and err.purchased
  end

  -- R1
  it("is written before it is sent, with the number, its claim and its sender", function()
    world.on_post = function(number)
      local order = world:order("k")
      assert.same({ "trying", number, 1 }, { order.state, order.number, #order.senders })
      assert.equal("k", world:claim(number))
      assert.equal(1, world:counted())
    end
    assert(orders.any(world, "k"))
    assert.equal(1, #world.posts)
  end)

  it("is not sent if it may not have been written", function()
    writes("lost", "lost", "lost")
    assert.same({ nil, "journal", "unknown" }, { ends(orders.named(world, X, "k")) })
    assert.equal(0, #world.posts)
  end)

  -- R9
  it("is not sent if it was not written", function()
    writes("failed")
    assert.same({ nil, "journal", "no" }, { ends(orders.named(world, X, "k")) })
    assert.equal(0, #world.posts)
  end)

  it("sends nothing at all if its order cannot be read", function()
    world.store.on_read = function()
      return "disk on fire"
    end
    local number, message, err = orders.any(world, "k")
    assert.is_nil(number)
    assert.same({ "journal", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
    assert.matches("disk on fire", message, 1, true)
    assert.same({}, world.requests)
  end)

  it("has purchased = no if its order cannot be read and it has no key", function()
    world.store.on_read = function()
      return "disk on fire"
    end
    assert.same({ nil, "journal", "no" }, { ends(orders.any(world, nil)) })
  end)

  it(
    "returns a bought number even if that cannot be written, and the next call records it",
    function()
      writes(nil, "failed")
      local number, message, info = orders.named(world, X, "k")
      assert.equal(X, number.phone_number)
      assert.matches("the journal cannot be used", message, 1, true)
      assert.same({ "journal", "yes", "k", X }, {
        info.journal.kind,
        info.journal.purchased,
        info.journal.idempotency_key,
        info.journal.phone_number,
      })
      assert.equal("trying", world:order("k").state)
      world.store.on_apply = false
      number, message, info = orders.named(world, X, "k")
      assert.same({ X, true }, { number.phone_number, info.replayed })
      assert.is_nil(message)
      assert.equal("bought", world:order("k").state)
      assert.equal(1, #world.posts)
    end
  )

  it(
    "is not returned by a look-up that cannot be recorded: another key may have bought it",
    function()
      orders.left_unfinished(world, "k")
      world:give(X)
      writes("failed")
      assert.same({ nil, "journal", "unknown" }, { ends(orders.named(world, X, "k")) })
      assert.equal("trying", world:order("k").state)
      world.store.on_apply = false
      assert.equal(X, (ends(orders.named(world, X, "k"))))
      assert.equal(1, #world.posts)
    end
  )

  it("is not sent if its record cannot be encoded", function()
    local read = world.store.read
    function world.store.read(...)
      return read(...), 1 / 0, "era 1"
    end
    assert.same({ nil, "journal", "no" }, { ends(orders.named(world, X, "k")) })
    assert.same({}, world.posts)
    assert.same({}, world.store.rows)
  end)

  it("accepts a store whose time is not a whole number", function()
    world.store.now = 1000000.25
    assert(orders.named(world, X, "k"))
    local ends_at = world:order("k").senders[1].ends
    assert.is_true(ends_at >= 1000001 + 119000 and ends_at <= 1000001 + 120000)
  end)

  -- R3
  it("skips a number that the account owns, which a search may still list", function()
    world:give(X)
    world.for_sale = { X, Y }
    assert.equal(Y, (ends(orders.any(world, "k"))))
    assert.same({ Y }, world.posts)
  end)

  it("looks a number up before it records that it tries it", function()
    world.on_look = function()
      assert.is_nil(world:order("k"))
      world.on_look = false
    end
    assert(orders.any(world, "k"))
    assert.is_false(world.on_look)
  end)

  -- R4
  it("keeps its number as long as that is merely not found", function()
    posts("lost", "lost", "lost", "lost")
    assert.same({ nil, "network", "unknown" }, { ends(orders.any(world, "k")) })
    local first = world.posts[1]
    assert.same({ first, first, first, first }, world.posts)
    world.on_post = false
    assert.equal(first, (ends(orders.any(world, "k"))))
    assert.equal(1, world.purchases)
  end)

  it("takes the next number after a refusal, if no other call may have sent it", function()
    posts("refused")
    local number = assert(orders.any(world, "k"))
    assert.equal(2, #world.posts)
    assert.not_equal(world.posts[1], number.phone_number)
    assert.is_nil(world:claim(world.posts[1]))
    assert.equal(1, world:counted())
  end)

  it("does not give up a number that another call may have sent, even if it was refused", function()
    orders.left_unfinished(world, "k")
    posts(nil, "refused")
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.same({ "api", 21422, "unknown" }, { err.kind, err.code, err.purchased })
    assert.is_true(err.retry_after > 0)
    local order = world:order("k")
    assert.same({ "trying", X, 2 }, { order.state, order.number, #order.senders })
  end)

  it("gives up a number after a refusal, the time of all senders, and a look-up", function()
    local sender = orders.left_unfinished(world, "k")
    world:pass((sender.ends + sender.settle - world.store.now) / 1000 - 60)
    local looked
    posts(nil, "refused")
    world.on_look = function(number)
      if number == X then
        looked = world.store.now
      end
    end
    local number, _, err = orders.named(world, X, "k")
    assert.is_true(looked > sender.ends + sender.settle)
    assert.equal(1, world.purchases, number or err.message)
    assert.equal(3, #world.posts) -- named: it is tried once more
    assert.same({ X }, world:order("k").tried)
  end)

  it("does not give up a number that another call has joined since the look-up", function()
    local sender = orders.left_unfinished(world, "k")
    world:pass((sender.ends + sender.settle - world.store.now) / 1000 - 60)
    posts(nil, "refused")
    world.store.on_read = function(keys)
      local order = world:order("k")
      if #keys == 4 and world.store.now > sender.ends + sender.settle then -- to give it up
        world.store.on_read = false
        order.senders[3] = { token = "other", ends = world.store.now + 120000, term = 120000 }
        order.senders[3].settle, order.senders[3].era = 180000, "era 1"
        world:write("order", "k", order)
      end
    end
    assert.equal("unknown", select(3, ends(orders.named(world, X, "k"))))
    assert.is_false(world.store.on_read)
    assert.same({ "trying", X }, { world:order("k").state, world:order("k").number })
  end)

  it("does not count an unsent purchase as refused", function()
    posts("lost", "unsent")
    local number, _, err = orders.named(world, X, "k", { retries = 1 })
    assert.is_nil(number)
    assert.same({ "connect", "unknown" }, { err.kind, err.purchased })
    assert.is_nil(err.retry_after)
  end)

  it("does not choose a number again that it gave up in doubt", function()
    world:write("order", "k", { state = "open", tried = { X } })
    world.for_sale = { X }
    assert.is_nil((orders.any(world, "k")))
    assert.same({}, world.posts)
    world.for_sale[2] = Y
    assert.equal(Y, (ends(orders.any(world, "k"))))
  end)

  -- R5
  it("does not return a number that another key has bought since it read its order", function()
    orders.left_unfinished(world, "k")
    world.on_look = function()
      world.on_look = false
      orders.elsewhere(world, function()
        local order = world:order("k") -- all purchases of it were refused
        order.state, order.number, order.senders = "open", nil, nil
        world:write("order", "k", order)
        world:write("number", X, nil)
        assert(orders.named(world, X, "other"))
      end)
    end
    local number = assert(orders.any(world, "k", { finish = true }))
    assert.equal(Y, number.phone_number)
    assert.equal(X, world:order("other").number)
  end)

  it("looks a number up again if its order changed while it was recorded", function()
    orders.left_unfinished(world, "k")
    world:deliver()
    local looks = 0
    world.on_look = function()
      looks = looks + 1
      assert.equal("trying", world:order("k").state)
    end
    world:give(X)
    world.store.on_apply = function()
      world.store.on_apply = false
      world:write("order", "k", world:order("k"))
      return "lost"
    end
    assert(orders.named(world, X, "k"))
    assert.equal(2, looks)
  end)

  -- R6
  it("does not forget that a purchase went unanswered when a later one is refused", function()
    posts("lost", "refused")
    local number, _, err = orders.any(world, "k")
    assert.is_nil(number)
    assert.same({ 21422, "unknown" }, { err.code, err.purchased })
    assert.equal("trying", world:order("k").state)
    assert.is_nil(world:order("k").senders[1].refused)
  end)

  it("does not forget an unanswered purchase when its order was read again", function()
    posts("lost", "lost", "refused")
    assert.same({ nil, "api", "unknown" }, { ends(orders.any(world, "k")) })
    assert.equal("trying", world:order("k").state)
  end)

  it("is not adopted if its number was made less than five minutes before", function()
    -- the responses are of 10:00:00
    for made, is_adopted in pairs { ["09:55:01"] = false, ["09:54:59"] = true } do
      world = orders.world()
      world.on_post = function()
        world:give(X, { date_created = ("Sun, 29 Nov 2026 %s +0000"):format(made) })
      end
      local number, _, info = orders.named(world, X, "k")
      assert.equal(X, number.phone_number)
      assert.equal(is_adopted, info ~= nil and info.adopted == true)
      assert.equal(is_adopted, world:order("k").adopted == true)
    end
  end)

  it("is not given up by a refusal if another call has found and recorded its number", function()
    world.on_post = function()
      world:give(X)
      local found
      orders.elsewhere(world, function()
        found = assert(orders.named(world, X, "k"))
      end)
      assert.same({ X, "bought" }, { found.phone_number, world:order("k").state })
      return "refused"
    end
    assert.equal(X, (ends(orders.named(world, X, "k"))))
    assert.equal("bought", world:order("k").state)
    assert.equal("k", world:claim(X))
  end)

  it("leaves an order alone that tries another number when the response arrives", function()
    local order
    world.on_post = function()
      order = world:order("k")
      order.number = Y
      world:write("order", "k", order)
    end
    local number, _, info = orders.named(world, X, "k")
    assert.equal(X, number.phone_number)
    assert.same({ "journal", "yes" }, { info.journal.kind, info.journal.purchased })
    assert.same(order, world:order("k"))
  end)

  it("finds a number that was refused because it was already bought", function()
    posts("unheard", "refused")
    local looks = 0
    world.on_look = function()
      looks = looks + 1
      return looks < 3 -- before the order, and after the first purchase
    end
    local number = assert(orders.any(world, "k"))
    assert.same({ number.phone_number, number.phone_number }, world.posts)
    assert.equal(1, world.purchases)
  end)

  -- R7
  it("is not sent after its call's deadline", function()
    world.store.on_apply = function()
      world.store.on_apply = false
      world:pass(121)
    end
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.equal("timeout", err.kind)
    assert.same({}, world.posts)
  end)

  it("is not sent if the machine has slept beyond the deadline while it was written", function()
    world.store.on_apply = function()
      world.store.on_apply = false
      world:suspend(121)
    end
    assert.equal("timeout", select(2, ends(orders.named(world, X, "a"))))
    assert.same({}, world.posts)
  end)

  -- R11
  it("sends again only after it has rejoined, if it may have given its number up", function()
    posts("refused", nil)
    writes(nil, "late")
    local number = assert(orders.named(world, X, "k"))
    world.store.deliver()
    assert.equal(X, number.phone_number)
    assert.same({ "bought", X }, { world:order("k").state, world:order("k").number })
    assert.equal("k", world:claim(X))
    assert.equal(1, world:counted())
  end)

  it("is not affected by a late write that gives its number up while it is sent again", function()
    writes(nil, "late")
    world.on_post = function(_, n)
      if n == 1 then
        return "refused"
      end
      world.store.deliver()
    end
    assert(orders.named(world, X, "k"))
    assert.equal("bought", world:order("k").state)
  end)

  it("is not sent by a call whose joining may not have been written", function()
    orders.left_unfinished(world, "k")
    writes("lost", "lost", "lost", "lost")
    assert.same({ nil, "journal", "unknown" }, { ends(orders.named(world, X, "k")) })
    assert.equal(1, #world.posts)
    assert.equal(1, #world:order("k").senders)
  end)

  it("rejoins before it sends, if it has recorded a refusal", function()
    orders.left_unfinished(world, "k")
    writes(nil, "unheard")
    world.on_post = function(_, n)
      if n == 2 then
        return "refused"
      end
      for _, sender in ipairs(world:order("k").senders) do
        assert.is_nil(sender.refused)
      end
    end
    assert(orders.named(world, X, "k"))
    assert.equal(3, #world.posts)
  end)

  it("counts a write that it reads back as confirmed", function()
    writes("unheard")
    assert.equal(X, (ends(orders.named(world, X, "k"))))
    assert.equal(2, world.store.applied)
    assert.equal(1, world:counted())
  end)

  -- R12
  it("does not report purchased = no while its first write may still happen", function()
    writes("late", "failed")
    assert.same({ nil, "journal", "unknown" }, { ends(orders.named(world, X, "k")) })
  end)

  it(
    "does not report purchased = no while its first write may still happen, whatever ends the call",
    function()
      writes("late")
      local looks = 0
      world.on_look = function()
        looks = looks + 1
        return looks == 2 and { status = 500, body = "" }
      end
      local number, _, err = orders.named(world, X, "k", { retries = 0 })
      assert.is_nil(number)
      assert.equal("unknown", err.purchased)
      world.store.deliver()
      assert.equal("trying", world:order("k").state)
    end
  )

  it("reports purchased = no once a later write has voided its first one", function()
    writes("late")
    posts("refused")
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.equal("no", err.purchased)
    world.store.deliver()
    assert.equal("open", world:order("k").state)
  end)

  it("does not report purchased = no if giving up its number went unconfirmed", function()
    posts("refused", "refused", "refused", "refused")
    writes(nil, "lost", nil, "lost", nil, "lost")
    assert.equal("unknown", select(3, ends(orders.named(world, X, "k"))))
    assert.equal("trying", world:order("k").state)
  end)

  -- R14: signing off
  it("signs off an unsent purchase once it certainly will not be sent", function()
    local client = world:client()
    world.store.on_apply = function()
      world.store.on_apply = false
      client:close()
    end
    assert.same({ nil, "closed", "no" }, { ends(orders.named(world, X, "k", nil, client)) })
    assert.equal("open", world:order("k").state)
    assert.is_nil(world:claim(X))
    assert.equal(0, world:counted())
  end)

  it("does not sign off an unanswered purchase", function()
    local client = world:client()
    world.on_post = function()
      client:close()
      return "lost"
    end
    assert.same({ nil, "closed", "unknown" }, { ends(orders.named(world, X, "k", nil, client)) })
    assert.equal("trying", world:order("k").state)
  end)

  it("does not report purchased = no if signing off went unconfirmed", function()
    local client = world:client()
    local n = 0
    world.store.on_apply = function()
      n = n + 1
      if n == 1 then
        client:close()
      end
      return n > 1 and "late" or nil
    end
    assert.same({ nil, "closed", "unknown" }, { ends(orders.named(world, X, "k", nil, client)) })
  end)

  -- R14: fork
  it("is cancelled in a child of fork(), which sends and writes nothing", function()
    for _, at in ipairs { "read", "begin" } do
      local key, before, reads = "k " .. at, nil, 0
      world.store.on_read = function()
        reads = reads + 1
      end
      local client = world:client {
        on_event = function(event)
          if event.step == at and not before then
            World.become(-42)
            before, reads = world.store.applied, 0
          end
        end,
      }
      assert.same(
        { nil, "cancelled", "unknown" },
        { ends(orders.named(world, X, key, nil, client)) }
      )
      assert.same({ before, 0 }, { world.store.applied, reads })
      assert.same({}, world.posts)
      World.become(-43)
    end
  end)
end)
