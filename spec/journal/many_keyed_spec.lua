--- purchase_many with an idempotency key: its numbers are the slots of the key, and a repeated call finishes
--- them.
local World = require("spec.support.world")
local cjson = require("cjson")
local orders = require("spec.support.orders")
local reservations = require("twilio.numbers.api.reservations")

local X, Y, Z = orders.X, orders.Y, "+14155550103"

describe("purchase_many with a key", function()
  local world

  before_each(function()
    World.start_clocks()
    world = World.new { X, Y, Z }
  end)
  after_each(World.stop_clocks)

  local function buy(wanted, params, options, client)
    local all = { idempotency_key = "k" }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return (client or world:client()):purchase_many(wanted, params, all)
  end

  --- Lets another process with the key begin a slot after this one has chosen a number for it.
  ---@return function(): string? chosen
  local function begin_elsewhere(wanted)
    local chosen
    world.store.on_apply = function(writes)
      if chosen or not writes[1].key:find("^slot/") then
        return
      end
      for _, write in ipairs(writes) do
        chosen = write.key:match("^number/.*/(%+%d+)$") or chosen
      end
      orders.elsewhere(world, function()
        world:remove(chosen)
        world.on_post = function()
          return "late"
        end
        buy(wanted, nil, { retries = 0, deadline = 5 })
        world.for_sale[#world.for_sale + 1] = chosen
      end)
    end
    return function()
      return chosen
    end
  end

  it("names the number of the order in err, not the one that it had chosen", function()
    local wanted = { country = "US", count = 1 }
    local chosen = begin_elsewhere(wanted)
    world.on_post = function()
      return "late"
    end
    local client = world:client()
    local report = buy(wanted, nil, { retries = 0, deadline = 5 }, client)
    local result, tried = report.results[1], world.posts[1]
    assert.not_equal(chosen(), tried)
    assert.same({ "unknown", tried, tried }, {
      result.outcome,
      result.phone_number,
      result.err.phone_number,
    })
    local call = { client = client, options = { account_sid = world.account_sid } }
    assert.is_true(reservations.is_anothers(call, tried))
  end)

  for name, key in pairs { ["with a key"] = "k", ["without a key"] = false } do
    it("names the number that Twilio bought in another spelling in err, " .. name, function()
      local other = "+14155559999"
      world.on_post = function()
        return {
          status = 201,
          body = cjson.encode(world:give(other)),
          headers = { date = "Sun, 29 Nov 2026 10:00:00 GMT" },
        }
      end
      local options = { idempotency_key = key or nil }
      local report = world:client():purchase_many({ X }, nil, options)
      local err = report.results[1].err
      assert.same(
        { "yes", other, world.owned[other].sid },
        { err.purchased, err.phone_number, err.sid }
      )
    end)
  end
end)
