--- The store's clock: rule R13, and what waits for the time of all senders (R8).
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X = orders.X

describe("the time of an order's senders", function()
  local world, sender

  before_each(function()
    World.start_clocks()
    world = orders.world()
    sender = orders.left_unfinished(world, "k")
  end)
  after_each(World.stop_clocks)

  --- A call whose own purchase is refused.
  local function be_refused(options)
    world.on_post = function()
      return "refused"
    end
    local number, _, err = orders.named(world, X, "k", nil, world:client(options))
    assert.is_nil(number)
    return err
  end

  local function of(token)
    for _, one in ipairs(world:order("k").senders) do
      if one.token == token then
        return one
      end
    end
  end

  it("restarts in another era, which is written before anything relies on it", function()
    world:pass(3600)
    world.store.era = "era 2"
    local err = be_refused()
    assert.same({ "unknown", "trying" }, { err.purchased, world:order("k").state })
    local after = of(sender.token)
    assert.same({ "era 2", sender.term, sender.settle }, { after.era, after.term, after.settle })
    assert.is_true(after.ends > sender.ends + 3400 * 1000)
    assert.is_true(err.retry_after > 180)
    world:pass(err.retry_after + 1)
    assert.equal("no", be_refused().purchased)
  end)

  it("restarts if the store's clock was set back", function()
    world.store.now = world.store.now - 900 * 1000
    assert.equal("unknown", be_refused().purchased)
    local after = of(sender.token)
    assert.is_true(after.ends < sender.ends - 500 * 1000)
    assert.is_true(after.ends >= world.store.now - 120 * 1000)
  end)

  it("is their own, not the reader's", function()
    local order = world:order("k")
    order.senders[1].settle = 3600 * 1000
    world:write("order", "k", order)
    world:pass(600)
    local err = be_refused { settle = 1 }
    assert.equal("unknown", err.purchased)
    assert.is_true(err.retry_after > 2900)
  end)

  it("is kept of the last only, with the doubt, however often the call is repeated", function()
    world.on_post = function()
      return "lost"
    end
    for i = 1, 12 do
      world:pass(600)
      World.elsewhere(-20 - i, orders.named, world, X, "k", { retries = 0, deadline = 10 })
      assert.equal(2, #world:order("k").senders)
    end
    assert.is_nil(of(sender.token))
    world:pass(600)
    assert.equal("no", be_refused().purchased)
    assert.same({ X }, world:order("k").tried)
  end)

  it("must also be over by this machine's clock before anything relies on it", function()
    world:pass((sender.ends + sender.settle - world.store.now) / 1000 - 60)
    local before = world.slept
    local function sleep(seconds) -- it returns early, and the store's clock runs ahead
      world:pass(seconds / 2)
      world.store.now = world.store.now + math.ceil(seconds * 1000)
    end
    assert.equal("no", be_refused({ loop = { sleep = sleep } }).purchased)
    assert.is_true(world.slept - before > 59)
  end)

  it("is waited for by the release of the number", function()
    local number = assert(orders.named(world, X, "k")) -- a second call has joined
    local client = world:client()
    local released, message, err = client:release(number.sid)
    assert.is_nil(released)
    assert.same({ "in_progress", "k", X }, { err.kind, err.order, err.phone_number })
    assert.is_nil(err.purchased)
    assert.matches("may still be in progress", message, 1, true)
    assert.truthy(world.owned[X])
    world:pass(err.retry_after - 60)
    assert.is_true(client:release(number.sid))
    assert.is_nil(world.owned[X])
  end)

  it("is waited for by a release in another era, from then on", function()
    local number = assert(orders.named(world, X, "k"))
    world:pass(3600)
    world.store.era = "era 2"
    local released, _, err = world:client():release(number.sid)
    assert.is_nil(released)
    assert.equal("in_progress", err.kind)
    assert.equal("era 2", of(sender.token).era)
  end)

  it("is not waited for if one purchase was sent, and its response arrived", function()
    local number = assert(orders.named(world, orders.Y, "quiet"))
    assert.is_true(world:client():release(number.sid))
  end)

  it("is waited for if an earlier purchase of the same call went unanswered", function()
    local first = #world.posts + 1
    world.on_post = function(_, n)
      return n == first and "late" or nil
    end
    local number = assert(orders.named(world, orders.Y, "twice"))
    assert.equal(first + 1, #world.posts)
    local released, _, err = world:client():release(number.sid)
    assert.is_nil(released)
    assert.same({ "in_progress", "twice" }, { err.kind, err.order })
  end)

  it("is waited for if another call has joined before the response arrived", function()
    world.on_post = function()
      local order = world:order("joined")
      local other = {}
      for name, value in pairs(order.senders[1]) do
        other[name] = value
      end
      other.token = "other"
      order.senders[2] = other
      world:write("order", "joined", order)
    end
    local number = assert(orders.named(world, orders.Y, "joined"))
    assert.equal(2, #world:order("joined").senders)
    local released, _, err = world:client():release(number.sid)
    assert.is_nil(released)
    assert.same({ "in_progress", "joined" }, { err.kind, err.order })
  end)

  it("keeps a number from its release while its order is unfinished", function()
    world:give(X)
    world:pass(600)
    local released, _, err = world:client():release(world.owned[X].sid)
    assert.is_nil(released)
    assert.same({ "in_progress", "k" }, { err.kind, err.order })
  end)

  it("is waited for by the release of a number in another spelling", function()
    local order = world:order("k")
    local owned = world:give("+5215512345678")
    order.state, order.sid = "bought", owned.sid
    world:write("order", "k", order)
    world:write("number", "+5215512345678", world:record("number", X))
    local released, _, err = world:client():release(owned.sid)
    assert.is_nil(released)
    assert.equal("in_progress", err.kind)
  end)
end)
