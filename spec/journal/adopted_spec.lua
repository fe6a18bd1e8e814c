-- What errors say of an order that adopted a number, which the account owned before: nothing was bought.
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X = orders.X
local OLD = { date_created = "Sun, 29 Nov 2020 10:00:00 +0000" }

describe("the key of an adopted number", function()
  local world

  before_each(function()
    World.start_clocks()
    world = orders.world()
  end)
  after_each(World.stop_clocks)

  local function adopt()
    world:give(X, OLD)
    local _, _, info = orders.named(world, X, "k")
    assert.is_true(info.adopted)
  end

  --- Calls again, which must fail with nothing bought.
  local function check(kind, purchased, words, options)
    local number, message, err = orders.named(world, X, "k", options)
    assert.is_nil(number)
    assert.same({ kind, purchased, X, "k" }, {
      err.kind,
      err.purchased,
      err.phone_number,
      err.idempotency_key,
    })
    assert.matches(words, message, 1, true)
    assert.is_nil(message:find("was bought with", 1, true))
    assert.equal(0, world.purchases)
    return message, err
  end

  it("has nothing bought with it if the number cannot be read", function()
    adopt()
    world.on_request = function(_, path)
      return path:find("^IncomingPhoneNumbers/PN") and { status = 503, body = "", headers = {} }
    end
    check("api", "no", "status 503")
  end)

  it("has nothing bought with it if the number was released since", function()
    adopt()
    world.owned[X] = nil
    local words = "was owned before this key was used, and cannot be found yet"
    check("in_progress", "no", words, { deadline = 2 })
    world:pass(400)
    local _, err =
      check("conflict", "no", "was owned before this key was used, and is no longer in")
    assert.is_string(err.sid)
  end)

  it("has nothing bought with it if the number is gone before its update", function()
    world:give(X, OLD)
    world.on_request = function(request, path)
      if request.method == "POST" and path:find("^IncomingPhoneNumbers/PN") then
        world:release(X)
      end
    end
    check("in_progress", "no", "was owned before this key was used", { deadline = 2 })
    assert.same({}, world.posts)
  end)

  it("has nothing bought with it if it was used with other parameters", function()
    adopt()
    check("conflict", "no", "other values of type", { type = "local" })
  end)

  it("may have bought the number as long as a purchase of it is in progress", function()
    world.on_post = function()
      world:give(X, OLD) -- by another buyer, since the look-up before the purchase
      return "unheard"
    end
    local _, _, info = orders.named(world, X, "k")
    assert.is_true(info.adopted)
    world.owned[X] = nil
    check("in_progress", "unknown", "may have been bought", { deadline = 2 })
    world:pass(400)
    check("conflict", "no", "was owned before this key was used")
  end)

  it("may have bought the number if the journal could not record that it was owned", function()
    world.on_post = function()
      world:give(X, OLD)
      world.store.on_apply = function()
        return "failed"
      end
    end
    local number, _, info = orders.named(world, X, "k")
    assert.same({ X, true }, { number.phone_number, info.adopted })
    assert.same({ "journal", "unknown" }, { info.journal.kind, info.journal.purchased })
  end)

  it("has the number for itself, which other keys do not call bought", function()
    adopt()
    world:pass(400)
    local number, message, err = orders.named(world, X, "other")
    assert.is_nil(number)
    assert.same({ "conflict", "no", "k" }, { err.kind, err.purchased, err.order })
    assert.matches("belongs to the order of another idempotency key", message, 1, true)
  end)
end)
