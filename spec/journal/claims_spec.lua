--- Claims of numbers: rules R2 and R10, and what they mean for numbers that are adopted.
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y

describe("a number's claim", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  --- Makes another process act at the first look-up of X.
  local function at_look(f)
    world.on_look = function(number)
      if number == X then
        world.on_look = false
        orders.elsewhere(world, f)
      end
    end
  end

  --- A number that a key bought, and that was released since.
  local function bought_and_released(key)
    world.on_post = function(_, n)
      return n == 1 and "unheard" or nil
    end
    assert(orders.named(world, X, key))
    world.on_post = false
    world:release(X)
  end

  it("keeps two keys from buying the same number", function()
    world.for_sale = { X }
    at_look(function()
      world.on_post = function()
        return "late"
      end
      assert.is_nil((orders.named(world, X, "other", { retries = 0 })))
      world.on_post = false
      world.for_sale[2] = Y
    end)
    local number = assert(orders.any(world, "k"))
    assert.equal(Y, number.phone_number)
    world:deliver()
    assert.equal(X, orders.named(world, X, "other").phone_number)
    assert.same({ "k", "other" }, { world:claim(Y), world:claim(X) })
  end)

  it("is waited for if that number is requested; then the error names the other key", function()
    orders.left_unfinished(world, "other")
    local number, message, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.same({ "in_progress", "no", "k", "other", X, 1 }, {
      err.kind,
      err.purchased,
      err.idempotency_key,
      err.order,
      err.phone_number,
      err.retry_after,
    })
    assert.matches("is being bought with another idempotency key", message, 1, true)
    assert.is_true(world.slept > 110)
  end)

  it("is a conflict if the other key has bought the number", function()
    assert(orders.named(world, X, "other"))
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.same({ "conflict", "no", "k", "other", X }, {
      err.kind,
      err.purchased,
      err.idempotency_key,
      err.order,
      err.phone_number,
    })
    assert.is_nil(world:order("k"))
  end)

  it(
    "is taken over after the number was released, once no purchase of it can be in flight",
    function()
      bought_and_released("other")
      local number, _, err = orders.named(world, X, "k")
      assert.is_nil(number)
      assert.same({ "in_progress", "no", "other" }, { err.kind, err.purchased, err.order })
      assert.is_true(err.retry_after > 180)
      assert.equal(1, world.purchases)
      world:pass(err.retry_after + 1)
      assert.equal(X, assert(orders.named(world, X, "k")).phone_number)
      assert.equal("k", world:claim(X))
    end
  )

  it("is skipped by a key that may buy any number, until it can be taken over", function()
    bought_and_released("other")
    world.for_sale = { X, Y }
    assert.equal(Y, assert(orders.any(world, "k")).phone_number)
    world:pass(400)
    assert.equal(X, assert(orders.any(world, "l")).phone_number)
  end)

  it("is not taken over from an order that holds it again", function()
    bought_and_released("other")
    world:pass(400)
    local first = true
    at_look(function()
      -- a third key takes the claim over and gives it up, a fourth one takes it: its version is 1 again
      world.on_post = function()
        return first and "refused" or "late"
      end
      assert.is_nil((orders.named(world, X, "third")))
      first = false
      assert.is_nil((orders.named(world, X, "fourth", { retries = 0 })))
      world.on_post = false
    end)
    orders.named(world, X, "k")
    assert.equal("fourth", world:claim(X))
    assert.same({ X, X, X }, world.posts) -- of the other three
  end)

  it("is not taken over if another order has taken it while its order was read", function()
    bought_and_released("other")
    world:pass(400)
    local is_read = false
    world.store.on_read = function(keys)
      for _, key in ipairs(keys) do
        if not is_read and key:match("/([^/]*)$") == "other" then
          is_read = true
          orders.elsewhere(world, function()
            world.on_post = function()
              return "late"
            end
            assert.is_nil((orders.named(world, X, "third", { retries = 0 })))
          end)
        end
      end
    end
    local number, _, err = orders.named(world, X, "k")
    assert.is_true(is_read)
    assert.is_nil(number)
    assert.same({ "in_progress", "third" }, { err.kind, err.order })
    assert.equal("third", world:claim(X))
  end)

  it("is not taken over for an order that another process started meanwhile", function()
    bought_and_released("other")
    world:pass(400)
    world.for_sale = { X }
    local reads = 0
    world.store.on_read = function(keys)
      for _, key in ipairs(keys) do
        reads = reads + (key:match("/([^/]*)$") == "other" and 1 or 0)
      end
      if reads == 1 then
        reads = 2
        orders.elsewhere(world, function()
          world.for_sale = { Y }
          assert(orders.any(world, "k"))
          world.for_sale = { X }
        end)
      end
    end
    local number, _, info = orders.any(world, "k")
    assert.same({ Y, true }, { number and number.phone_number, info.replayed })
    assert.equal(2, world.purchases) -- by two keys
    assert.equal("other", world:claim(X))
  end)

  it("is not adopted along with a number that another key has bought", function()
    assert(orders.named(world, X, "other"))
    world:pass(400)
    world.for_sale = { X, Y }
    local number = assert(orders.any(world, "k", { unless_owned = false }))
    assert.equal(Y, number.phone_number)
  end)

  it("goes to one of two keys that may adopt the same number", function()
    world:give(X)
    world.for_sale = { X }
    at_look(function()
      local number, _, info = assert(orders.any(world, "other", { unless_owned = false }))
      assert.same({ X, true }, { number.phone_number, info.adopted })
      world.for_sale[2] = Y
    end)
    local number = assert(orders.any(world, "k", { unless_owned = false }))
    assert.equal(Y, number.phone_number)
    assert.equal("other", world:claim(X))
  end)

  it("is written before an adopted number is returned", function()
    world:give(X)
    world.for_sale = { X }
    local number, message, info = orders.any(world, "k", { unless_owned = false })
    assert.same({ X, true }, { number.phone_number, info.adopted })
    assert.matches("owned the number before", message, 1, true)
    assert.same({ "bought", true, "k", 0 }, {
      world:order("k").state,
      world:order("k").adopted,
      world:claim(X),
      world:counted(),
    })
    number, message, info = orders.any(world, "k", { unless_owned = false })
    assert.matches("owned the number before", message, 1, true)
    assert.same({ X, true, true }, { number.phone_number, info.adopted, info.replayed })
    assert.same({}, world.posts)
  end)

  it("is not needed for an update: a number of the account is changed by its SID", function()
    world:give(X)
    local number, _, info = orders.named(world, X, "k")
    assert.same({ X, true, "https://a.example" }, {
      number.phone_number,
      info.adopted,
      number.voice_url,
    })
    assert.same({}, world.posts)
    assert.equal(1, world.updates)
    assert.equal("k", world:claim(X))
  end)

  it(
    "is not needed for an update, which a repeated call makes if it may not have been made",
    function()
      world:give(X)
      world.on_request = function(request, path)
        if request.method == "POST" and path:find("/PN", 1, true) then
          return nil, "no answer", "network"
        end
      end
      local number, _, err = orders.named(world, X, "k", { retries = 0 })
      assert.is_nil(number)
      assert.same({ "network", "no", "k" }, { err.kind, err.purchased, err.idempotency_key })
      world.on_request = false
      local info
      number, _, info = orders.named(world, X, "k")
      assert.same({ "https://a.example", true, true }, {
        number.voice_url,
        info.adopted,
        info.replayed,
      })
      world.owned[X].voice_url = "https://changed.example"
      number = orders.named(world, X, "k")
      assert.same({ "https://changed.example", 1 }, { number.voice_url, world.updates })
      assert.is_true(world:client():release(number.sid)) -- no purchase can be under way
    end
  )

  it("ends the call if it cannot be decided, since the journal cannot be written", function()
    bought_and_released("other")
    world.store.era = "era 2"
    world.store.on_apply = function()
      return "failed"
    end
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.same({ "journal", "no" }, { err.kind, err.purchased })
    assert.equal(1, world.purchases)
  end)

  --- Responds to a purchase with a number in another spelling, which it buys.
  local OTHER = "+5215512345678"
  local function in_another_spelling()
    local owned = world:give(OTHER)
    world.purchases = world.purchases + 1
    return {
      status = 201,
      body = require("cjson").encode(owned),
      headers = { date = "Sun, 29 Nov 2026 10:00:00 GMT" },
    }
  end

  it("stays with the order of a purchase whose response has another spelling", function()
    world.on_post = in_another_spelling
    local number, _, err = orders.named(world, X, "k")
    assert.is_nil(number)
    assert.same({ "yes", OTHER, world.owned[OTHER].sid, "k" }, {
      err.purchased,
      err.phone_number,
      err.sid,
      err.idempotency_key,
    })
    assert.same({ "bought", X, err.sid }, {
      world:order("k").state,
      world:order("k").number,
      world:order("k").sid,
    })
    assert.same({ "k", "k" }, { world:claim(X), world:claim(OTHER) })
    local again, _, info = orders.named(world, X, "k")
    assert.same({ OTHER, true }, { again.phone_number, info.replayed })
  end)

  it("of another order is left to it by a response that names its number", function()
    assert(orders.named(world, Y, "other"))
    world:write("number", OTHER, world:record("number", Y))
    world.on_post = in_another_spelling
    local number, _, err = orders.named(world, X, "k", { retries = 0 })
    assert.is_nil(number)
    assert.equal("unknown", err.purchased)
    assert.equal("other", world:claim(OTHER))
    assert.same({ "trying", X }, { world:order("k").state, world:order("k").number })
  end)
end)
