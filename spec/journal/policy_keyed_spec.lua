--- The spending policy of a client with a journal: applied to each new choice before the order is written,
--- and never to an earlier one.
local World = require("spec.support.world")
local cjson = require("cjson")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y
local FORBIDS_ALL = { allow = { countries = { "GB" } } }
local FORBIDS_X = { allow = { prefixes = { Y } } }
local ALLOWS = { allow = { countries = { "US" }, types = { "local" }, prefixes = { "+1415" } } }

local function answer(status, body)
  return { status = status, body = cjson.encode(body), headers = {} }
end

describe("The policy of a client with a journal", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  --- Ways to buy X, of which the key is "k".
  local WAYS = {
    ["by number"] = function(options, key)
      return orders.named(world, X, key, nil, world:client(options))
    end,
    ["by a filter"] = function(options, key)
      world.for_sale = { X }
      return orders.any(world, key, nil, world:client(options))
    end,
    ["by area code"] = function(options, key)
      world.for_sale = { X }
      local all = { idempotency_key = key }
      return world:client(options):purchase({ area_code = "415" }, all)
    end,
  }

  for said, buy in pairs(WAYS) do
    for _, key in ipairs { "k", false } do
      local with_key = key and " with a key" or " without a key"

      for name, options in pairs { countries = FORBIDS_ALL, prefixes = FORBIDS_X } do
        it(
          ("refuses by %s before the order is written, %s%s"):format(name, said, with_key),
          function()
            local number, message, err = buy(options, key or nil)
            assert.is_nil(number)
            assert.same({ "policy", "no" }, { err.kind, err.purchased }, message)
            assert.is_truthy(err.idempotency_key)
            assert.same({}, world.posts)
            assert.same({}, world.store.rows)
            assert.equal(0, world:counted())
          end
        )
      end

      it(("allows numbers that every list includes, %s%s"):format(said, with_key), function()
        assert.equal(X, assert(buy(ALLOWS, key or nil)).phone_number)
        assert.equal(1, world.purchases)
      end)
    end

    it("returns what the key has bought, whatever is allowed now, " .. said, function()
      local number = assert(buy(nil, "k"))
      local requests = #world.requests
      for _, options in ipairs { FORBIDS_ALL, FORBIDS_X } do
        local again, _, info = buy(options, "k")
        assert.same({ number.sid, true }, { again.sid, info.replayed })
      end
      for i = requests + 1, #world.requests do
        assert.not_matches("AvailablePhoneNumbers", world.requests[i])
      end
      assert.equal(1, #world.posts)
    end)

    it(
      "finishes a purchase that an earlier call started, whatever is allowed now, " .. said,
      function()
        orders.left_unfinished(world, "k", function()
          return buy(nil, "k")
        end)
        world:pass(60)
        assert.equal(X, assert(buy(FORBIDS_ALL, "k")).phone_number)
        assert.equal(1, world.purchases)
      end
    )

    it("leaves a number that was refused to the next call, " .. said, function()
      assert.is_nil((buy(FORBIDS_ALL, "k")))
      assert(buy(ALLOWS, "k")) -- it is no part of what was asked for
      assert.equal(1, world.purchases)
    end)
  end

  it("does not apply to a number that the account owns", function()
    world:give(X)
    for _, options in ipairs { FORBIDS_ALL, FORBIDS_X } do
      assert.equal(X, assert(WAYS["by number"](options, "k")).phone_number)
      assert.equal(X, assert(WAYS["by number"](options)).phone_number)
    end
    assert.equal(0, world.purchases)
    for _, request in ipairs(world.requests) do
      assert.not_matches("AvailablePhoneNumbers", request)
    end
  end)

  it("looks again whether the account owns the number, after the search for it", function()
    local looks, client = 0, world:client { allow = { types = { "local" } } }
    world.on_request = function(request, path)
      if path:find("Contains=", 1, true) then
        local found = { { phone_number = X, iso_country = "US" } }
        world:give(X) -- by a process without a journal
        return answer(200, { available_phone_numbers = found })
      elseif path:find("^IncomingPhoneNumbers.json") and request.method == "GET" then
        looks = looks + 1
      end
    end
    local number, _, info = client:purchase({ phone_number = X }, { idempotency_key = "k" })
    assert.same({ X, true }, { number.phone_number, info.adopted })
    assert.same({ 2, 0 }, { looks, world.purchases })
  end)

  it("searches for a number once, though the order is read again", function()
    local searches = 0
    world.on_request = function(_, path)
      if path:find("Contains=", 1, true) then
        searches = searches + 1
      end
    end
    assert(orders.named(world, X, "k", nil, world:client(ALLOWS)))
    assert.equal(1, searches)
  end)

  it("buys nothing if the search for the number fails, and records that for the key", function()
    world.on_request = function(_, path)
      if path:find("Contains=", 1, true) then
        return answer(400, { code = 20001, message = "no", status = 400 })
      end
    end
    local _, _, err = orders.named(world, X, "k", nil, world:client(ALLOWS))
    assert.same(
      { "api", "no", 20001, "k" },
      { err.kind, err.purchased, err.code, err.idempotency_key }
    )
    assert.same({}, world.posts)
    assert.same({}, world.store.rows)
  end)

  it("applies to a purchase by number whose price is too high", function()
    world.on_request = function(_, path)
      if path == "AvailablePhoneNumbers/US.json" then
        return answer(200, { country_code = "US", subresource_uris = { ["local"] = "x" } })
      end
    end
    local _, message, err = orders.named(world, X, "k", { max_price = "1.14" })
    assert.same({ "policy", "no", "k" }, { err.kind, err.purchased, err.idempotency_key })
    assert.matches("a local number in US costs 1.15 USD a month", message, 1, true)
    assert.same({}, world.store.rows)
    assert(orders.named(world, X, "k", { max_price = "1.15" }))
    assert(orders.named(world, X, "k", { max_price = "1.14" })) -- it is bought
    assert.equal(2, world.price_reads)
  end)

  it("refuses the numbers of a list that are not allowed, and buys the rest", function()
    local client = world:client(FORBIDS_X)
    for _, key in ipairs { "m", false } do
      local report = client:purchase_many({ X, Y }, nil, { idempotency_key = key or nil })
      assert.same({ 1, 1 }, { report.bought, report.refused })
      assert.same(
        { "policy", "no" },
        { report.results[1].err.kind, report.results[1].err.purchased }
      )
      assert.equal(Y, report.results[2].number.phone_number)
    end
    assert.same({ Y }, world.posts)
  end)

  it("finishes the started slots of a key, and starts no more", function()
    world.for_sale = { X }
    local options = { idempotency_key = "m" }
    local filter = { country = "US", count = 2 }
    assert.equal(1, world:client():purchase_many(filter, nil, options).bought)
    world.for_sale = { Y }
    local report, message = world:client(FORBIDS_ALL):purchase_many(filter, nil, options)
    assert.same({ 1, 1 }, { report.bought, report.stopped }, message)
    assert.matches("the country is US, but allow.countries has GB", message, 1, true)
    assert.equal(2, world:client(ALLOWS):purchase_many(filter, nil, options).bought)
  end)

  it("does not apply to a slot whose number another process gave up", function()
    world.on_post = function()
      return "lost"
    end
    local options = { idempotency_key = "m", retries = 0 }
    local filter = { country = "US", count = 1 }
    assert.equal(1, world:client():purchase_many(filter, nil, options).unknown)
    local posts = #world.posts
    orders.give_up_slots(world)
    local report = world:client(FORBIDS_ALL):purchase_many(filter, nil, options)
    assert.same({ "refused", "policy" }, { report.results[1].outcome, report.results[1].err.kind })
    assert.equal(posts, #world.posts)
  end)

  it("does not apply to update, release and recover", function()
    local number = assert(orders.named(world, X, "k"))
    local client = world:client(FORBIDS_ALL)
    assert(client:update(number.sid, { friendly_name = "x" }))
    assert(client:recover())
    world:pass(200)
    assert(client:release(number.sid))
  end)
end)
