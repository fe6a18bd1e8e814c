local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X = orders.X

describe("a purchase with a journal", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

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
    orders.on_writes(world, "lost", "lost", "lost")
    assert.same({ nil, "journal", "unknown" }, { orders.outcome(orders.named(world, X, "k")) })
    assert.equal(0, #world.posts)
  end)

  -- R9
  it("is not sent if it was not written", function()
    orders.on_writes(world, "failed")
    assert.same({ nil, "journal", "no" }, { orders.outcome(orders.named(world, X, "k")) })
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
    assert.same({ nil, "journal", "no" }, { orders.outcome(orders.any(world, nil)) })
  end)

  it(
    "returns a bought number even if that cannot be written, and the next call records it",
    function()
      orders.on_writes(world, nil, "failed")
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
      orders.on_writes(world, "failed")
      assert.same({ nil, "journal", "unknown" }, { orders.outcome(orders.named(world, X, "k")) })
      assert.equal("trying", world:order("k").state)
      world.store.on_apply = false
      assert.equal(X, (orders.outcome(orders.named(world, X, "k"))))
      assert.equal(1, #world.posts)
    end
  )

  for name, fail in pairs {
    ["cannot be read"] = function()
      world.store.on_read = function()
        return "disk on fire"
      end
    end,
    ["cannot be written"] = function()
      world.store.on_apply = function()
        return "failed"
      end
    end,
  } do
    it("names Twilio's refusal, and why the journal " .. name .. " after it", function()
      world.on_post = function()
        fail()
        return "refused"
      end
      local number, message, err = orders.named(world, X, "k")
      assert.is_nil(number)
      assert.same({ "api", 21422, "unknown" }, { err.kind, err.code, err.purchased })
      assert.matches("not available; the journal could not record that: ", message, 1, true)
      assert.matches(name == "cannot be read" and "disk on fire" or "disk full", message, 1, true)
    end)
  end

  it("is not sent if its record cannot be encoded", function()
    local read = world.store.read
    function world.store.read(...)
      return read(...), 1 / 0, "era 1"
    end
    assert.same({ nil, "journal", "no" }, { orders.outcome(orders.named(world, X, "k")) })
    assert.same({}, world.posts)
    assert.same({}, world.store.rows)
  end)

  it("accepts a store whose time is not a whole number", function()
    world.store.now = 1000000.25
    assert(orders.named(world, X, "k"))
    local ends_at = world:order("k").senders[1].ends
    assert.is_true(ends_at >= 1000001 + 119000 and ends_at <= 1000001 + 120000)
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
    assert.equal("timeout", select(2, orders.outcome(orders.named(world, X, "a"))))
    assert.same({}, world.posts)
  end)

  -- R11
  it("sends again only after it has rejoined, if it may have given its number up", function()
    orders.on_posts(world, "refused", nil)
    orders.on_writes(world, nil, "late")
    local number = assert(orders.named(world, X, "k"))
    world.store.deliver()
    assert.equal(X, number.phone_number)
    assert.same({ "bought", X }, { world:order("k").state, world:order("k").number })
    assert.equal("k", world:claim(X))
    assert.equal(1, world:counted())
  end)

  it("is not affected by a late write that gives its number up while it is sent again", function()
    orders.on_writes(world, nil, "late")
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
    orders.on_writes(world, "lost", "lost", "lost", "lost")
    assert.same({ nil, "journal", "unknown" }, { orders.outcome(orders.named(world, X, "k")) })
    assert.equal(1, #world.posts)
    assert.equal(1, #world:order("k").senders)
  end)

  it("rejoins before it sends, if it has recorded a refusal", function()
    orders.left_unfinished(world, "k")
    orders.on_writes(world, nil, "unheard")
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
    orders.on_writes(world, "unheard")
    assert.equal(X, (orders.outcome(orders.named(world, X, "k"))))
    assert.equal(2, world.store.applied)
    assert.equal(1, world:counted())
  end)

  -- R12
  it("does not report purchased = no while its first write may still happen", function()
    orders.on_writes(world, "late", "failed")
    assert.same({ nil, "journal", "unknown" }, { orders.outcome(orders.named(world, X, "k")) })
  end)

  it(
    "does not report purchased = no while its first write may still happen, whatever ends the call",
    function()
      orders.on_writes(world, "late")
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
    orders.on_writes(world, "late")
    orders.on_posts(world, "refused")
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.equal("no", err.purchased)
    world.store.deliver()
    assert.equal("open", world:order("k").state)
  end)

  it("does not report purchased = no if giving up its number went unconfirmed", function()
    orders.on_posts(world, "refused", "refused", "refused", "refused")
    orders.on_writes(world, nil, "lost", nil, "lost", nil, "lost")
    assert.equal("unknown", select(3, orders.outcome(orders.named(world, X, "k"))))
    assert.equal("trying", world:order("k").state)
  end)

  -- R14: signing off
  it("signs off an unsent purchase once it certainly will not be sent", function()
    local client = world:client()
    world.store.on_apply = function()
      world.store.on_apply = false
      client:close()
    end
    assert.same(
      { nil, "closed", "no" },
      { orders.outcome(orders.named(world, X, "k", nil, client)) }
    )
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
    assert.same(
      { nil, "closed", "unknown" },
      { orders.outcome(orders.named(world, X, "k", nil, client)) }
    )
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
    assert.same(
      { nil, "closed", "unknown" },
      { orders.outcome(orders.named(world, X, "k", nil, client)) }
    )
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
        { orders.outcome(orders.named(world, X, key, nil, client)) }
      )
      assert.same({ before, 0 }, { world.store.applied, reads })
      assert.same({}, world.posts)
      World.become(-43)
    end
  end)
end)
