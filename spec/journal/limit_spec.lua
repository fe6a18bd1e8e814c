--- The limit of numbers a day.
local World = require("spec.support.world")
local core = require("twilio.numbers.core")
local dates = require("twilio.numbers.api.dates")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y

describe("the limit of numbers a day", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  local function limited(numbers)
    return world:client { limit = { numbers = numbers, per = "day" } }
  end

  it("is refused without a journal, which keeps the count", function()
    assert.has_error(
      function()
        world:client { journal = false, limit = { numbers = 1 } }
      end,
      "nothing was sent: limit needs the option journal, which counts what all clients of the account buy."
    )
  end)

  it("refuses a purchase beyond it before anything is sent", function()
    assert(orders.named(world, X, "k", nil, limited(1)))
    local number, message, err = orders.named(world, Y, "l", nil, limited(1))
    assert.is_nil(number)
    assert.same({ "limit", "no", "l", Y }, {
      err.kind,
      err.purchased,
      err.idempotency_key,
      err.phone_number,
    })
    assert.matches("the limit of 1 a day", message, 1, true)
    assert.is_true(err.retry_after >= 1 and err.retry_after <= 86400)
    assert.same({ X }, world.posts)
    assert(orders.named(world, Y, "l", nil, limited(2)))
  end)

  it("does not change with the caller's table after the client was created", function()
    local limit = { numbers = 1 }
    local client = world:client { limit = limit }
    assert(orders.named(world, X, "k", nil, client))
    for _, later in ipairs { 100, false } do
      limit.numbers = later or nil
      assert.equal("limit", select(3, orders.named(world, Y, "l", nil, client)).kind)
    end
  end)

  it("counts purchases of clients without a limit and of calls without a key", function()
    assert(orders.named(world, X, nil))
    assert.equal(1, world:counted())
    assert.equal("limit", select(3, orders.any(world, nil, nil, limited(1))).kind)
  end)

  it("does not prevent finishing an order or returning its number", function()
    orders.left_unfinished(world, "k")
    assert(orders.named(world, X, "k", nil, limited(1)))
    assert(orders.named(world, X, "k", nil, limited(0)))
    assert.equal(1, world:counted())
  end)

  it("is not used up by numbers that were refused", function()
    world.on_post = function(number)
      return number == X and "refused"
    end
    assert.is_nil((orders.named(world, X, "k", nil, limited(1))))
    assert.equal(0, world:counted())
    assert(orders.named(world, Y, "k", nil, limited(1)))
    assert.equal(1, world:counted())
  end)

  it("is returned to the day that was charged", function()
    local days = 0
    function core.wall_clock()
      return 1796000000 + days * 86400
    end
    assert(orders.named(world, Y, "yesterday"))
    world.on_post = function()
      days = 1
      return "refused"
    end
    assert.is_nil((orders.named(world, X, "k")))
    assert.equal(1, world:record("limit", dates.day(1796000000)).numbers)
    assert.is_nil(world:record("limit", dates.day(1796086400)))
  end)

  it("holds for two concurrent keys", function()
    world.store.on_apply = function()
      world.store.on_apply = false
      orders.elsewhere(world, function()
        assert(orders.named(world, Y, "other", nil, limited(1)))
      end)
    end
    local number, _, err = orders.named(world, X, "k", nil, limited(1))
    assert.is_nil(number)
    assert.same({ "limit", "no" }, { err.kind, err.purchased })
    assert.same({ 1, 1 }, { world.purchases, world:counted() })
  end)

  it("counts purchases for a subaccount on the client's own account", function()
    local sub = "AC" .. ("b"):rep(32)
    orders.named(world, X, "k", { account_sid = sub })
    assert.equal(1, world:counted())
    assert.equal("limit", select(3, orders.named(world, Y, "l", nil, limited(1))).kind)
  end)
end)
