--- max_price in a client with a journal: checked before a number is chosen, and never for a number already
--- chosen.
local cjson = require("cjson")

local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y
local CHEAP, DEAR = { max_price = "1.15" }, { max_price = "1.14" }

local function with(options, more)
  local all = {}
  for _, fields in ipairs { options, more } do
    for name, value in pairs(fields) do
      all[name] = value
    end
  end
  return all
end

describe("max_price in a client with a journal", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  local function many(key, options, count)
    local all = with(options, { idempotency_key = key })
    return world:client():purchase_many({ country = "US", count = count or 2 }, nil, all)
  end

  for _, key in ipairs { "k", false } do
    local said = key and "with a key" or "without a key"

    it("allows a purchase, and reads the price once, " .. said, function()
      assert(orders.any(world, key or nil, CHEAP))
      assert.same({ 1, 1 }, { world.price_reads, #world.posts })
    end)

    it("refuses before the order is written, " .. said, function()
      local number, message, err = orders.any(world, key or nil, DEAR)
      assert.is_nil(number)
      assert.same({ "policy", "no" }, { err.kind, err.purchased })
      assert.is_truthy(err.idempotency_key)
      assert.matches("costs 1.15 USD a month, and max_price is 1.14 USD", message, 1, true)
      assert.same({}, world.posts)
      assert.same({}, world.store.rows)
      assert.equal(0, world:counted())
    end)

    it("buys nothing if the price cannot be read, " .. said, function()
      world.price = function()
        return { status = 400, body = '{"code":20001,"message":"no"}', headers = {} }
      end
      local _, _, err = orders.any(world, key or nil, CHEAP)
      assert.same({ "api", "no", 20001 }, { err.kind, err.purchased, err.code })
      assert.same({}, world.posts)
      assert.same({}, world.store.rows)
    end)
  end

  it("leaves a number that was refused for its price to the next call", function()
    assert.is_nil((orders.any(world, "k", DEAR)))
    assert(orders.any(world, "k", CHEAP)) -- it is no part of what was asked for
    assert.equal(1, #world.posts)
  end)

  it("is not checked for a number that the key has bought", function()
    local number = assert(orders.any(world, "k"))
    local again, _, info = orders.any(world, "k", DEAR)
    assert.same({ number.sid, true }, { again.sid, info.replayed })
    assert.equal(0, world.price_reads)
  end)

  it("is not checked for a number that an earlier call started to buy", function()
    orders.left_unfinished(world, "k", function()
      return orders.any(world, "k")
    end)
    world:pass(60)
    local number = assert(orders.any(world, "k", DEAR))
    assert.equal(world:order("k").number, number.phone_number)
    assert.equal(0, world.price_reads)
  end)

  it("is read before the look-up that precedes the choice", function()
    world.price = function()
      world:give(X) -- by a process without a journal
      local row = { number_type = "local", current_price = "1" }
      local body = cjson.encode { price_unit = "USD", phone_number_prices = { row } }
      return { status = 200, body = body, headers = {} }
    end
    world.for_sale = { X }
    local number, _, err = orders.any(world, "k", CHEAP)
    assert.is_nil(number)
    assert.same({ "api", "no" }, { err.kind, err.purchased })
    assert.same({}, world.posts)
  end)

  it("is not checked for a number that the account owns", function()
    world:give(X)
    world.for_sale = { X }
    local number, _, info = orders.any(world, "k", with(DEAR, { unless_owned = false }))
    assert.same({ X, true }, { number.phone_number, info.adopted })
    assert.equal(0, world.price_reads)
  end)

  it("is not read again if a number is refused and the next one chosen", function()
    world.on_post = function(_, n)
      return n == 1 and "refused" or nil
    end
    assert(orders.any(world, "k", CHEAP))
    assert.same({ 2, 1 }, { #world.posts, world.price_reads })
  end)

  it("is read once for purchase_many, and not at all once all are bought", function()
    assert.equal(2, many("m", CHEAP).bought)
    assert.equal(1, world.price_reads)
    assert.equal(2, many("m", DEAR).bought)
    assert.same({ 1, 2 }, { world.price_reads, world.purchases })
  end)

  it("is read once for purchase_many without a key", function()
    assert.equal(2, many(nil, CHEAP).bought)
    assert.equal(1, world.price_reads)
    assert.equal("policy", (select(3, many(nil, DEAR))).kind)
  end)

  it("is checked for a slot that another process gives up while this call starts", function()
    world.on_post = function()
      return "lost"
    end
    assert.equal(1, many("m", with(CHEAP, { retries = 0 }), 1).unknown)
    local posts = #world.posts
    orders.give_up_slots(world)
    local report = many("m", DEAR, 1)
    assert.same({ "refused", "policy" }, { report.results[1].outcome, report.results[1].err.kind })
    assert.equal(posts, #world.posts)
  end)

  it("refuses purchase_many before any purchase starts", function()
    local report, message, err = many("m", DEAR)
    assert.is_nil(report)
    assert.same({ "policy", "no" }, { err.kind, err.purchased }, message)
    assert.same({}, world.posts)
    assert.equal(2, many("m", CHEAP).bought)
  end)

  it("keeps the bought slots, and buys no more if it is too low", function()
    world.for_sale = { X }
    assert.equal(1, many("m", CHEAP).bought)
    world.for_sale = { Y }
    local report, message = many("m", DEAR)
    assert.same({ 1, 1 }, { report.bought, report.stopped }, message)
    assert.matches("the purchase is not allowed", message, 1, true)
    assert.equal(2, many("m", CHEAP).bought)
  end)

  it("allows the dry run of an order that was started", function()
    assert(orders.any(world, "k"))
    assert.is_table((orders.any(world, "k", with(DEAR, { dry_run = true }))).replayed)
    local _, _, err = orders.any(world, "l", with(DEAR, { dry_run = true }))
    assert.equal("policy", err.kind)
  end)
end)
