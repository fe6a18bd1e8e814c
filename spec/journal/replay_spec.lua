--- A call whose key has bought a number before.
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X = orders.X

describe("a call whose key has bought a number", function()
  local world, number

  before_each(function()
    World.start_clocks()
    world = orders.world()
    world.on_post = function(_, n)
      return n == 1 and "unheard" or nil
    end
    number = assert(orders.named(world, X, "k"))
    world.on_post = false
  end)
  after_each(World.stop_clocks)

  --- Makes look-ups by SID or by number find nothing.
  local function hide(by_sid, by_number)
    world.on_look = function()
      return by_number
    end
    world.on_request = function(request, path)
      if by_sid and request.method == "GET" and path:find("^IncomingPhoneNumbers/PN") then
        return {
          status = 404,
          body = '{"code":20404,"message":"not found","status":404}',
          headers = {},
        }
      end
    end
  end

  it("returns the number and nothing else", function()
    local again, message, info = orders.named(world, X, "k")
    assert.same({ number.sid, X }, { again.sid, again.phone_number })
    assert.is_nil(message)
    assert.same({ replayed = true }, info)
    assert.equal(1, #world.posts)
  end)

  it("finds the number by phone number if its SID is gone", function()
    hide(true, false)
    local again, _, info = orders.named(world, X, "k")
    assert.same({ number.sid, true }, { again.sid, info.replayed })
  end)

  it("does not treat a fruitless look-up as a release while a purchase may be in flight", function()
    hide(true, true)
    local again, message, err = orders.named(world, X, "k")
    assert.is_nil(again)
    assert.same({ "in_progress", "yes", X, number.sid, "k" }, {
      err.kind,
      err.purchased,
      err.phone_number,
      err.sid,
      err.idempotency_key,
    })
    assert.is_true(err.retry_after > 60)
    assert.matches("cannot be found yet", message, 1, true)
    assert.equal(1, world.purchases)
  end)

  it("repeats the look-up within its deadline", function()
    hide(true, true)
    local looks = 0
    world.on_look = function()
      looks = looks + 1
      if looks == 3 then
        hide(false, false)
      end
      return true
    end
    assert.equal(number.sid, assert(orders.named(world, X, "k")).sid)
    assert.is_true(world.slept >= 3)
  end)

  it("is a conflict after that time, and buys nothing", function()
    world:pass(400)
    world:release(X)
    local again, message, err = orders.named(world, X, "k")
    assert.is_nil(again)
    assert.same({ "conflict", "yes", X, number.sid }, {
      err.kind,
      err.purchased,
      err.phone_number,
      err.sid,
    })
    assert.matches("no longer in account AC", message, 1, true)
    assert.same({ 1, 1 }, { world.purchases, #world.posts })
  end)

  it("does not return the number if another key has bought it since", function()
    world:release(X)
    world:pass(400)
    assert(orders.named(world, X, "other"))
    local again, _, err = orders.named(world, X, "k")
    assert.is_nil(again)
    assert.same({ "conflict", "yes" }, { err.kind, err.purchased })
  end)

  it("reads the claim after it has found the number under another SID", function()
    world:release(X)
    world:pass(400)
    world.on_look = function()
      world.on_look = false
      orders.elsewhere(world, function()
        assert(orders.named(world, X, "other"))
      end)
    end
    local again, _, err = orders.named(world, X, "k")
    assert.is_nil(again)
    assert.equal("conflict", err.kind)
  end)

  it("returns the number under another SID while its claim is the key's", function()
    world:release(X)
    local new = world:give(X)
    assert.equal(new.sid, assert(orders.named(world, X, "k")).sid)
  end)

  it("completes settings that a crash left, only while a purchase may be in flight", function()
    local order = world:order("k")
    order.whole = nil
    world:write("order", "k", order)
    world.owned[X].voice_url = nil
    assert.equal("https://a.example", assert(orders.named(world, X, "k")).voice_url)
    assert.is_true(world:order("k").whole)
    assert.equal(1, world.updates)

    order = world:order("k")
    order.whole = nil
    world:write("order", "k", order)
    world.owned[X].voice_url = nil
    world:pass(400)
    local again, message, info = orders.named(world, X, "k")
    assert.is_nil(again.voice_url)
    assert.equal(1, world.updates)
    assert.matches("some settings were never completed", message, 1, true)
    assert.equal("voice_url", info.incomplete.differences[1].name)
    assert.is_true(info.replayed)
  end)

  it(
    "completes settings in another era too, but not when that time is over by the clock",
    function()
      for pause, updates in pairs { [10] = 1, [400] = 0 } do
        local order = world:order("k")
        order.whole = nil
        world:write("order", "k", order)
        world.owned[X].voice_url, world.updates = nil, 0
        world:pass(pause)
        world.store.era = "era " .. pause
        assert.equal(X, assert(orders.named(world, X, "k")).phone_number)
        assert.equal(updates, world.updates, pause)
      end
    end
  )

  it("keeps settings that were changed since", function()
    world.owned[X].voice_url = "https://changed.example"
    local again, message = orders.named(world, X, "k")
    assert.equal("https://changed.example", again.voice_url)
    assert.is_nil(message)
    assert.is_nil(world.updates)
  end)

  it("returns the number even if the journal cannot be written in another era", function()
    world.store.era = "era 2"
    world.store.on_apply = function()
      return "failed"
    end
    assert.equal(X, assert(orders.named(world, X, "k")).phone_number)
  end)

  it("reports purchased = yes if the number cannot be read", function()
    world.on_request = function()
      return { status = 403, body = '{"code":20003,"message":"no","status":403}', headers = {} }
    end
    local again, _, err = orders.named(world, X, "k")
    assert.is_nil(again)
    assert.same({ "api", "yes", X }, { err.kind, err.purchased, err.phone_number })
  end)

  it("only reads in a dry run", function()
    local all = { idempotency_key = "any", dry_run = true }
    local filter, params = { country = "US" }, {}
    assert(world:client():purchase_available(filter, params, { idempotency_key = "any" }))
    local before = #world.requests
    local applied = world.store.applied
    local plan = assert(world:client():purchase_available(filter, params, all))
    assert.equal(world:order("any").number, plan.replayed.phone_number)
    assert.same({ before, applied }, { #world.requests, world.store.applied })
  end)
end)
