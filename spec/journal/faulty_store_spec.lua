--- Every operation on a journal meets a fault at each call of its store in turn. The error says so, nothing
--- is bought twice or hidden, and the operation repeated does what it was to do.
local World = require("spec.support.world")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y
local DAY = 86400

local WHY = "the disk is on fire"

--- What may happen at a call of the store. `of_reads`: at any call, not only at a write; `kind`: of the
--- error, if the operation fails.
local FAULTS = {
  ["it fails"] = {
    of_reads = true,
    kind = "journal",
    at = function()
      return nil, WHY, true
    end,
  },
  ["it is lost"] = {
    kind = "journal",
    at = function()
      return nil, WHY
    end,
  },
  ["its response is lost"] = {
    kind = "journal",
    at = function(_, real, ...)
      real(...)
      return nil, WHY
    end,
  },
  ["another process was first"] = {
    kind = "in_progress",
    at = function()
      return false
    end,
  },
  ["the client is closed"] = {
    of_reads = true,
    kind = "closed",
    at = function(client, real, ...)
      client:close()
      return real(...)
    end,
  },
}

local CALLS_MAX = 40

--- Makes something happen at the nth call of a client's store.
---@return fun(): boolean has_happened
local function break_nth(client, store, n, fault)
  local count, has_happened = 0, false
  for _, method in ipairs { "read", "scan", "apply" } do
    local real = store[method]
    store[method] = function(...)
      count = count + 1
      if count ~= n or has_happened or not (fault.of_reads or method == "apply") then
        return real(...)
      end
      has_happened = true
      return fault.at(client, real, ...)
    end
  end
  return function()
    return has_happened
  end
end

local function buy(world, client)
  return orders.named(world, X, "k", nil, client)
end

local function buy_two(world, client)
  local wanted, options = { count = 2, country = "US" }, { idempotency_key = "two" }
  return (client or world:client()):purchase_many(wanted, nil, options)
end

local function recover(_, client)
  return client:recover()
end

--- An old order that bought X.
local function bought(world)
  assert(buy(world))
  world:pass(3 * DAY)
end

local function bought_two(world)
  assert(buy_two(world))
  world:pass(3 * DAY)
end

--- `before`: what happened; `run`: the operation; `owned`: how many numbers the account has after it.
local OPERATIONS = {
  ["purchase"] = {
    run = buy,
    owned = 1,
  },
  ["purchase_available"] = {
    run = function(world, client)
      return orders.any(world, "k", nil, client)
    end,
    owned = 1,
  },
  ["purchase_many"] = { run = buy_two, owned = 2 },
  ["purchase of what a crash left"] = {
    before = function(world)
      orders.left_unfinished(world, "k")
      world:give(X)
    end,
    run = buy,
    owned = 1,
  },
  ["purchase again"] = {
    writes_nothing = true,
    before = bought,
    run = buy,
    owned = 1,
  },
  ["purchase_many again"] = {
    writes_nothing = true,
    before = bought_two,
    run = buy_two,
    owned = 2,
  },
  ["recover of a number that was bought"] = {
    buys_nothing = true,
    before = function(world)
      orders.left_unfinished(world, "k")
      world:give(X)
    end,
    run = recover,
    owned = 1,
  },
  ["recover of a number that was not bought"] = {
    buys_nothing = true,
    before = function(world)
      orders.left_unfinished(world, "k")
      world:pass(3 * DAY)
    end,
    run = recover,
    owned = 0,
  },
  ["orders"] = {
    buys_nothing = true,
    writes_nothing = true,
    before = bought_two,
    run = function(_, client)
      local list, message, err = client:orders()
      if not list then
        return nil, message, err
      end
      return list:all()
    end,
    owned = 2,
  },
  ["order"] = {
    writes_nothing = true,
    before = bought_two,
    run = function(_, client)
      return client:order("two")
    end,
    owned = 2,
  },
  ["audit"] = {
    buys_nothing = true,
    writes_nothing = true,
    before = bought_two,
    run = function(_, client)
      return client:audit()
    end,
    owned = 2,
  },
  ["forget"] = {
    buys_nothing = true,
    before = bought,
    run = function(_, client)
      return client:forget("k")
    end,
    owned = 1,
    is_gone = true,
  },
  ["forget of purchase_many"] = {
    buys_nothing = true,
    before = bought_two,
    run = function(_, client)
      return client:forget("two")
    end,
    owned = 2,
    is_gone = true,
  },
  ["prune"] = {
    buys_nothing = true,
    before = function(world)
      bought(world)
      bought_two(world)
    end,
    run = function(_, client)
      return client:prune(DAY)
    end,
    owned = 3,
  },
  ["release"] = {
    buys_nothing = true,
    writes_nothing = true,
    before = bought,
    run = function(world, client)
      return client:release(assert(world.owned[X] or { sid = "PN" .. ("0"):rep(32) }).sid)
    end,
    owned = 0,
  },
}

local function count_owned(world)
  local count = 0
  for _ in pairs(world.owned) do
    count = count + 1
  end
  return count
end

--- Whether the results of an operation, or those of its parts, say what the store said.
local function tells(value, message)
  if message and message:find(WHY, 1, true) then
    return true
  end
  for _, part in ipairs(type(value) == "table" and (value.results or value) or {}) do
    if type(part) == "table" and part.message and part.message:find(WHY, 1, true) then
      return true
    end
  end
  return false
end

--- Checks what an operation returned that met a fault.
local function check(operation, fault, world, before, value, message, err)
  if value ~= nil then
    return
  end
  assert.same({ fault.kind, message }, { err.kind, err.message })
  if err.purchased == "no" or operation.buys_nothing then
    assert.is_nil(message:find("bought", 1, true), message)
    assert.equal(before, world.purchases)
  else
    assert.is_true(err.purchased == "unknown" or world.purchases > 0, message)
  end
end

describe("a call of the journal's store:", function()
  after_each(World.stop_clocks)

  --- Runs an operation with a fault at the nth call of the store, and again without.
  ---@return boolean has_happened
  local function try(operation, name, n)
    World.start_clocks()
    local world, fault = World.new { X, Y, "+14155550103", "+14155550104" }, FAULTS[name]
    if operation.before then
      operation.before(world)
    end
    local client, before = world:client(), world.purchases
    local has_happened = break_nth(client, world.store, n, fault)
    local value, message, err = operation.run(world, client)
    if not has_happened() then
      return false
    end
    check(operation, fault, world, before, value, message, err)
    local is_said = name ~= "it fails" or tells(value, message)
    -- that a bought number has its settings is a note that saves the next call an update
    assert.is_true(is_said or world:order("k").state == "bought", "no result names the fault")
    world:pass(3 * DAY)
    value, message, err = operation.run(world, world:client())
    local is_done = value ~= nil or (operation.is_gone and err.kind == "invalid")
    assert.is_true(is_done, message)
    assert.equal(operation.owned, count_owned(world))
    return true
  end

  for name, fault in pairs(FAULTS) do
    for what, operation in pairs(OPERATIONS) do
      it(("%s, in %s"):format(name, what), function()
        local last, count = 0, 0
        for n = 1, CALLS_MAX do
          if try(operation, name, n) then
            last, count = n, count + 1
          end
        end
        assert.is_true(last < CALLS_MAX)
        assert.is_true(count > 0 or (operation.writes_nothing and not fault.of_reads))
      end)
    end
  end
end)
