-- Orders of one account under two realms in one journal.
local orders = require("spec.support.orders")

describe("a journal that holds the account under another realm", function()
  local world, events

  before_each(function()
    world = orders.world()
    events = {}
  end)

  local function client(realm)
    return world:client {
      realm = realm,
      on_event = function(event)
        events[#events + 1] = event.note
      end,
    }
  end

  for _, realm in ipairs { "aaa", "zzz" } do
    it("reports that in an event, once: " .. realm, function()
      local other = client(realm)
      assert(orders.named(world, orders.X, "k", nil, other))
      assert.same({}, events)
      local own = client("mmm")
      assert(orders.named(world, orders.Y, "k", nil, own))
      assert.same(
        { "the journal has orders of this account under another realm, " .. realm },
        events
      )
      assert(orders.named(world, orders.Y, "k", nil, own))
      assert.equal(1, #events)
    end)
  end

  it("buys nothing while it cannot be read for that", function()
    local own, scan = client("mmm"), world.store.scan
    world.store.scan = function()
      return nil, "it hangs"
    end
    local number, _, err = orders.named(world, orders.X, "k", nil, own)
    assert.is_nil(number)
    assert.same({ "journal", "no" }, { err.kind, err.purchased })
    assert.same({}, world.posts)
    world.store.scan = scan
    assert(orders.named(world, orders.X, "k", nil, own))
    world.store.scan = nil -- what has been bought is returned without that
    assert(orders.named(world, orders.X, "k", nil, own))
  end)

  it("is not read for that without on_event", function()
    local scans = 0
    local scan = world.store.scan
    world.store.scan = function(...)
      scans = scans + 1
      return scan(...)
    end
    assert(orders.named(world, orders.X, "k"))
    assert.equal(0, scans)
  end)
end)
