-- The command's first Ctrl-C during a purchase of many with a journal: task:stop() begins no more purchases,
-- and those that may have bought a number are finished.
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y
local NOT_FOUND = '{"code": 20404, "message": "not found", "status": 404}'

describe("a stopped purchase of many with a journal", function()
  local world, client

  before_each(function()
    World.start_clocks()
    world = orders.world()
    client = world:client { deadline = 30 }
  end)

  after_each(function()
    client:close()
    World.stop_clocks()
  end)

  --- Buys X and Y, and stops that when both have sent what they can send at once.
  ---@return table results the outcome and the number of each
  ---@return integer waited_for of these, how many calls were not cancelled
  local function buy_and_stop(key)
    local pending = assert(client:purchase_many_async({ X, Y }, nil, { idempotency_key = key }))
    local waited_for = pending.task:stop()
    for _ = 1, 1000 do
      if pending:done() then
        break
      end
      client:poll()
      world:pass(0.1)
    end
    local found = {}
    for i, result in ipairs(assert((pending:result())).results) do
      found[i] = { result.outcome, result.phone_number }
    end
    return found, waited_for
  end

  --- Whether a condition holds for the first time.
  local function once(holds)
    local n = 0
    return function(...)
      n = n + (holds(...) and 1 or 0)
      return n == 1 and holds(...)
    end
  end

  it("looks for a number again whose purchase went unanswered, and finds it", function()
    world.on_post = function(number)
      return number == X and "unheard" or nil
    end
    world.on_look = once(function(number)
      return number == X and world.owned[X] ~= nil
    end)
    local results, waited_for = buy_and_stop()
    assert.same({ { "bought", X }, { "bought", Y } }, results)
    assert.same({ 2, 2 }, { waited_for, world.purchases })
  end)

  it("waits for a number that an earlier call with the key has bought", function()
    assert(client:purchase_many({ X, Y }, nil, { idempotency_key = "k" }))
    local is_hidden = once(function(request, path)
      return request.method == "GET" and path:find(world.owned[X].sid, 1, true)
    end)
    world.on_request = function(...)
      return is_hidden(...) and { status = 404, body = NOT_FOUND, headers = {} } or nil
    end
    world.on_look = once(function(number)
      return number == X
    end)
    local results, waited_for = buy_and_stop("k")
    assert.same({ { "bought", X }, { "bought", Y } }, results)
    assert.same({ 2, 2 }, { waited_for, world.purchases })
  end)

  it("does not wait for a number that another order is buying", function()
    orders.left_unfinished(world, "other")
    local results, waited_for = buy_and_stop()
    assert.same({ { "stopped", X }, { "bought", Y } }, results)
    assert.same({ 1, { X, Y } }, { waited_for, world.posts })
  end)
end)
