-- A machine that sleeps during a purchase: the clock of deadlines stops meanwhile, the times in the journal
-- do not.
local World = require("spec.support.world")
local core = require("twilio.numbers.core")

local FILTER = { country = "US", area_code = "415" }
local KEY = { idempotency_key = "order-1" }

describe("a purchase with an idempotency key", function()
  local boot_now = core.boot_now
  local world, client, slept

  before_each(function()
    slept = 0
    core.boot_now = function()
      return boot_now() + slept
    end
    world = World.new { "+14155550101", "+14155550102" }
    client = world:client {}
  end)

  after_each(function()
    core.boot_now = boot_now
    client:close()
  end)

  it("is not sent if the machine slept since the journal was read", function()
    world.store.on_read = function()
      slept = slept + 3600
    end
    local number, _, err = client:purchase_available(FILTER, {}, KEY)
    assert.is_nil(number)
    assert.equal("timeout", err.kind)
    assert.same({}, world.posts)
  end)

  it("is not sent if the machine slept while the order was written", function()
    world.store.on_apply = function()
      slept = slept + 3600
    end
    assert.is_nil((client:purchase_available(FILTER, {}, KEY)))
    assert.same({}, world.posts)
  end)

  it("is sent if the machine slept before the call", function()
    slept = 3600
    assert.is_truthy(client:purchase_available(FILTER, {}, KEY))
    assert.equal(1, #world.posts)
  end)
end)
