--- Shared by the specs of the journal's rules: a world with two numbers, calls of other processes, and orders
--- that a process left unfinished.
local World = require("spec.support.world")

local orders = {}

orders.X, orders.Y = "+14155550101", "+14155550102"
local FILTER, VOICE = { country = "US" }, { voice_url = "https://a.example" }

function orders.world()
  return World.new { orders.X, orders.Y }
end

--- Buys any number.
---@param options? table of the call
function orders.any(world, key, options, client)
  local all = { idempotency_key = key }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return (client or world:client()):purchase_available(FILTER, VOICE, all)
end

--- Buys a certain number.
function orders.named(world, number, key, options, client)
  local all = { idempotency_key = key }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local params = { phone_number = number, voice_url = VOICE.voice_url }
  return (client or world:client()):purchase(params, all)
end

--- Runs a function as a process on another machine, without hooks, while this one waits.
function orders.elsewhere(world, f, ...)
  local store = world.store
  local hooks = { world.on_post, world.on_look, world.on_request, store.on_read, store.on_apply }
  local function restore(...)
    world.on_post, world.on_look, world.on_request = hooks[1], hooks[2], hooks[3]
    store.on_read, store.on_apply = hooks[4], hooks[5]
    return ...
  end
  world.on_post, world.on_look, world.on_request = false, false, false
  store.on_read, store.on_apply = false, false
  return restore(World.elsewhere(-7, f, ...))
end

--- An order whose process died after sending a purchase, which arrives late.
---@param purchase? function what it did; default: it bought X
function orders.left_unfinished(world, key, purchase)
  local function buy()
    local call = coroutine.create(purchase or function()
      return orders.named(world, orders.X, key)
    end)
    world.on_post = function()
      coroutine.yield()
    end
    assert(coroutine.resume(call))
    world.on_post = false
  end
  World.elsewhere(-9, buy)
  assert(world:order(key).state == "trying")
  return world:order(key).senders[1]
end

--- Sets what happens to the nth write.
function orders.on_writes(world, ...)
  local what, n = { ... }, 0
  world.store.on_apply = function()
    n = n + 1
    return what[n]
  end
end

--- Sets what happens to the nth purchase.
function orders.on_posts(world, ...)
  local what = { ... }
  world.on_post = function(_, n)
    return what[n]
  end
end

--- Of a purchase: the number bought, the kind of its error, and whether it was bought.
---@return string? phone_number
---@return string? kind
---@return string? purchased
function orders.outcome(number, _, err)
  return number and number.phone_number, err and err.kind, err and err.purchased
end

--- Makes another process give up all orders in the journal once the purchase in a slot of purchase_many
--- reads it, after the call itself has read it.
function orders.give_up_slots(world)
  world.store.on_read = function(keys)
    if keys[1]:find("^slot/") and keys[2] and keys[2]:find("^many/") then
      for key in pairs(world.store.rows) do
        world.store.rows[key] = key:find("^many/") and world.store.rows[key] or nil
      end
      world.store.on_read = false
    end
  end
end

return orders
