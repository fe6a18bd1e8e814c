--- A key that is used with other parameters, and the option finish.
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y

describe("a key that was used with other parameters", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  local function other(key, options)
    local all = { idempotency_key = key }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return world:client():purchase({ phone_number = Y, voice_url = "https://b.example" }, all)
  end

  local function problems(err)
    local names = {}
    for i, problem in ipairs(err.problems) do
      names[i] = problem.name
    end
    return names
  end

  it("is a conflict that names them, and the number that was bought", function()
    local bought = assert(orders.named(world, X, "k"))
    local number, message, err = other("k")
    assert.is_nil(number)
    assert.same({ "conflict", "yes", X, bought.sid, "k" }, {
      err.kind,
      err.purchased,
      err.phone_number,
      err.sid,
      err.idempotency_key,
    })
    assert.same({ "phone_number", "voice_url" }, problems(err))
    assert.matches("Another key would buy another number", message, 1, true)
    assert.is_nil(message:find("example", 1, true))
    assert.equal(1, #world.posts)
  end)

  it("is a conflict with purchased = unknown while its number may be bought", function()
    orders.left_unfinished(world, "k")
    local number, message, err = other("k")
    assert.is_nil(number)
    assert.same({ "conflict", "unknown", X }, { err.kind, err.purchased, err.phone_number })
    assert.matches("may have been bought: repeat the call with the same", message, 1, true)
    assert.same({ X }, world.posts)
  end)

  it("has its number looked up and recorded, with the settings still to be completed", function()
    orders.left_unfinished(world, "k")
    world:give(X)
    local _, message, err = other("k")
    assert.same({ "conflict", "yes", X, world.owned[X].sid }, {
      err.kind,
      err.purchased,
      err.phone_number,
      err.sid,
    })
    assert.matches("A number was bought with the key", message, 1, true)
    assert.same({ "bought" }, { world:order("k").state })
    local number = assert(orders.named(world, X, "k"))
    assert.equal("https://a.example", number.voice_url)
  end)

  it("does not report purchased = yes if the number found could not be recorded", function()
    orders.left_unfinished(world, "k")
    world:give(X)
    world.store.on_apply = function()
      return "lost"
    end
    local _, _, err = other("k")
    assert.same({ "conflict", "unknown", X }, { err.kind, err.purchased, err.phone_number })
  end)

  it("accepts other parameters after a definite failure", function()
    world.on_post = function(_, n)
      return n == 1 and "refused" or nil
    end
    assert.is_nil((orders.named(world, X, "k")))
    assert.equal(Y, assert(other("k")).phone_number)
  end)

  describe("whose number another account has handed over since it was looked up", function()
    local CUSTOMERS = "https://customer.example"

    before_each(function()
      orders.left_unfinished(world, "k")
      world:give(X, { voice_url = CUSTOMERS, date_created = "Sun, 29 Nov 2020 10:00:00 +0000" })
    end)

    it("is a conflict that says that nothing was bought", function()
      local _, _, err = other("k")
      assert.same({ "conflict", "unknown", X }, { err.kind, err.purchased, err.phone_number })
      world:pass(400)
      _, _, err = other("k")
      assert.same({ "conflict", "no", world.owned[X].sid }, { err.kind, err.purchased, err.sid })
      assert.equal(0, world.purchases)
    end)

    it("leaves that number as it is, also when the first call is repeated", function()
      assert.equal("conflict", select(3, other("k")).kind)
      local number, _, info = orders.named(world, X, "k")
      assert.same({ CUSTOMERS, true, true }, { number.voice_url, info.adopted, info.replayed })
      assert.equal(0, world.updates or 0)
    end)
  end)

  it("is a conflict between purchase and purchase_many, both ways", function()
    assert(orders.named(world, X, "k"))
    local report, _, err = world:client():purchase_many({ Y }, nil, { idempotency_key = "k" })
    assert.is_nil(report)
    assert.same({ "conflict", "unknown" }, { err.kind, err.purchased })
    report = assert(world:client():purchase_many({ Y }, nil, { idempotency_key = "many" }))
    assert.equal(1, report.bought)
    local number
    number, _, err = orders.named(world, X, "many")
    assert.is_nil(number)
    assert.same({ "conflict", "unknown" }, { err.kind, err.purchased })
  end)

  describe("names finish only where that helps:", function()
    local one, many

    before_each(function()
      world.for_sale[3] = "+14155550103"
      assert(orders.named(world, X, "one"))
      assert(world:client():purchase_many({ Y }, nil, { idempotency_key = "many" }))
      function one(key, finish)
        return other(key, { finish = finish })
      end
      function many(key, list, finish)
        return world:client():purchase_many(list, nil, { idempotency_key = key, finish = finish })
      end
    end)

    local function check(names_finish, result, message, err)
      assert.is_nil(result)
      assert.equal("conflict", err.kind)
      assert.equal(names_finish, message:find("add the option finish", 1, true) ~= nil)
      assert.matches("repeat that call as it was", message, 1, true)
      assert.matches("Another key would buy", message, 1, true)
      return err
    end

    it("with other parameters", function()
      check(true, one("one"))
      check(true, many("many", { X }))
    end)

    it("not with another operation", function()
      for _, finish in ipairs { false, true } do
        check(false, one("many", finish))
        check(false, many("one", { X }, finish))
      end
    end)

    it("not with another count", function()
      check(false, many("many", { X, Y }))
      local err = check(false, many("many", { X, Y }, true))
      assert.same({ "count" }, problems(err))
    end)
  end)

  it("is a conflict of a dry run too if purchase_many has it", function()
    assert(world:client():purchase_many({ X }, nil, { idempotency_key = "many" }))
    local requests = #world.requests
    local plan, _, err = orders.any(world, "many", { dry_run = true })
    assert.is_nil(plan)
    assert.same({ "conflict", "unknown", "many" }, { err.kind, err.purchased, err.idempotency_key })
    assert.equal(requests, #world.requests)
  end)

  -- the second one begins after the first one has read the records, and before it writes its own
  for name, case in pairs {
    ["purchase, and then purchase_many"] = { first = "purchase" },
    ["purchase of an owned number, and then purchase_many"] = {
      first = "purchase",
      is_owned = true,
    },
    ["purchase_many, and then purchase"] = { first = "purchase_many" },
    ["purchase_many, and then purchase, after a definite failure"] = {
      first = "purchase_many",
      is_after_failure = true,
    },
  } do
    it("is a conflict between two operations that begin at once: " .. name, function()
      local first = case.first
      local ways = {
        purchase = function()
          return orders.named(world, X, "k")
        end,
        purchase_many = function()
          return world:client():purchase_many({ Y }, nil, { idempotency_key = "k" })
        end,
      }
      if case.is_owned then
        world:give(X)
      elseif case.is_after_failure then
        world.on_post = function()
          return "refused"
        end
        assert.is_nil((ways.purchase()))
        world.on_post = false
      end
      local posts, other_result = #world.posts, nil
      world.store.on_apply = function(writes)
        local second = first == "purchase" and "purchase_many" or "purchase"
        if
          not other_result and writes[1].key:find(first == "purchase" and "^order/" or "^many/")
        then
          other_result = { orders.elsewhere(world, ways[second]) }
        end
      end
      local result, _, err = ways[first]()
      assert.is_table(other_result[1], other_result[2])
      assert.is_nil(result)
      assert.equal("conflict", err.kind)
      assert.equal(posts + 1, #world.posts)
    end)
  end

  it("finishes for its own number with finish, and with the new parameters", function()
    orders.left_unfinished(world, "k")
    local number = assert(other("k", { finish = true }))
    assert.same({ X, "https://b.example" }, { number.phone_number, number.voice_url })
    assert.same({ X, X }, world.posts)
    assert.equal(1, world.purchases)
    local again, _, info = other("k")
    assert.same({ X, true }, { again.phone_number, info.replayed })
    assert.equal("conflict", select(3, orders.named(world, X, "k")).kind)
  end)

  it("returns a bought number unchanged with finish", function()
    assert(orders.named(world, X, "k"))
    local number, message, info = other("k", { finish = true })
    assert.same({ X, "https://a.example" }, { number.phone_number, number.voice_url })
    assert.is_nil(message)
    assert.same({ replayed = true }, info)
    assert.same({ 1, nil }, { #world.posts, world.updates })
  end)

  it("returns a number that a look-up finds unchanged with finish", function()
    orders.left_unfinished(world, "k")
    world:give(X)
    local number, message, info = other("k", { finish = true })
    assert.same({ X, nil }, { number.phone_number, number.voice_url })
    assert.is_nil(message)
    assert.same({ replayed = true }, info)
    assert.is_nil(world.updates)
    assert.is_nil(world:order("k").whole)
  end)

  it("stays a conflict with finish once its number was released", function()
    assert(orders.named(world, X, "k"))
    world:pass(400)
    world:release(X)
    local number, _, err = other("k", { finish = true })
    assert.is_nil(number)
    assert.same({ "conflict", "yes" }, { err.kind, err.purchased })
    assert.equal(1, world.purchases)
  end)
end)
