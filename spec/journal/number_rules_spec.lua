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

  -- R3
  it("skips a number that the account owns, which a search may still list", function()
    world:give(X)
    world.for_sale = { X, Y }
    assert.equal(Y, (orders.outcome(orders.any(world, "k"))))
    assert.same({ Y }, world.posts)
  end)

  it("refuses an owned number with unless_owned, and counts the look-up", function()
    world:give(X)
    local number, message, err = orders.named(world, X, "k", { unless_owned = true })
    assert.is_nil(number)
    assert.same({ "invalid", "no", 1 }, { err.kind, err.purchased, err.attempts })
    assert.same({ "k", X }, { err.idempotency_key, err.phone_number })
    assert.matches("^the account already owns %+14155550101, as PN%x+%.$", message)
    assert.same({}, world.posts)
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
    orders.on_posts(world, "lost", "lost", "lost", "lost")
    assert.same({ nil, "network", "unknown" }, { orders.outcome(orders.any(world, "k")) })
    local first = world.posts[1]
    assert.same({ first, first, first, first }, world.posts)
    world.on_post = false
    assert.equal(first, (orders.outcome(orders.any(world, "k"))))
    assert.equal(1, world.purchases)
  end)

  it("takes the next number after a refusal, if no other call may have sent it", function()
    orders.on_posts(world, "refused")
    local number = assert(orders.any(world, "k"))
    assert.equal(2, #world.posts)
    assert.not_equal(world.posts[1], number.phone_number)
    assert.is_nil(world:claim(world.posts[1]))
    assert.equal(1, world:counted())
  end)

  it("does not give up a number that another call may have sent, even if it was refused", function()
    orders.left_unfinished(world, "k")
    orders.on_posts(world, nil, "refused")
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
    orders.on_posts(world, nil, "refused")
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
    orders.on_posts(world, nil, "refused")
    world.store.on_read = function(keys)
      local order = world:order("k")
      if #keys == 4 and world.store.now > sender.ends + sender.settle then -- to give it up
        world.store.on_read = false
        order.senders[3] = { token = "other", ends = world.store.now + 120000, term = 120000 }
        order.senders[3].settle, order.senders[3].era = 180000, "era 1"
        world:write("order", "k", order)
      end
    end
    assert.equal("unknown", select(3, orders.outcome(orders.named(world, X, "k"))))
    assert.is_false(world.store.on_read)
    assert.same({ "trying", X }, { world:order("k").state, world:order("k").number })
  end)

  it("does not count an unsent purchase as refused", function()
    orders.on_posts(world, "lost", "unsent")
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
    assert.equal(Y, (orders.outcome(orders.any(world, "k"))))
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
    orders.on_posts(world, "lost", "refused")
    local number, _, err = orders.any(world, "k")
    assert.is_nil(number)
    assert.same({ 21422, "unknown" }, { err.code, err.purchased })
    assert.equal("trying", world:order("k").state)
    assert.is_nil(world:order("k").senders[1].refused)
  end)

  it("does not forget an unanswered purchase when its order was read again", function()
    orders.on_posts(world, "lost", "lost", "refused")
    assert.same({ nil, "api", "unknown" }, { orders.outcome(orders.any(world, "k")) })
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
    assert.equal(X, (orders.outcome(orders.named(world, X, "k"))))
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
    orders.on_posts(world, "unheard", "refused")
    local looks = 0
    world.on_look = function()
      looks = looks + 1
      return looks < 3 -- before the order, and after the first purchase
    end
    local number = assert(orders.any(world, "k"))
    assert.same({ number.phone_number, number.phone_number }, world.posts)
    assert.equal(1, world.purchases)
  end)
end)
