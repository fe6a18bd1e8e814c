--- A small exhaustive search: a call with a key meets faults at its writes, at its purchases, and dies at any
--- step; then the call is repeated, while what is late arrives at random moments.
local World = require("spec.support.world")
local choices = require("spec.support.choices")
local orders = require("spec.support.orders")

local KEY = "k"
local WRITES = { "lost", "unheard", "late", "failed", "differs", "dies", "dies after" }
local POSTS = { "unheard", "lost", "late", "refused", "unsent", "500", "429", "dies", "dies after" }
local RESPONSES = {
  ["500"] = { status = 500, body = "", headers = {} },
  ["429"] = {
    status = 429,
    body = '{"code":20429,"message":"too many","status":429}',
    headers = { ["retry-after"] = "1" },
  },
}
local POSTS_MAX, CALLS_MAX = 2, 15
local FAULTS, MANY = 3, 1000

local function die()
  coroutine.yield("died")
end

--- One sequence of events.
local Run = {}
Run.__index = Run

function Run.new(path, buy)
  local world = orders.world()
  return setmetatable({ world = world, path = path, buy = buy, late = {}, said = {} }, Run)
end

--- The time after which no purchase sent so far can have an effect.
function Run:expiry()
  local latest = 0
  for _, sender in ipairs((self.world:order(KEY) or {}).senders or {}) do
    latest = math.max(latest, sender.ends + sender.settle)
  end
  return latest
end

--- Delivers a late purchase, unless its time is over, which is the assumption about Twilio and the network.
function Run:arrive()
  if self.deliverable == math.huge and self:expiry() < 4000000 then
    return -- nothing has been written in the new era
  elseif self.deliverable == math.huge then
    self.deliverable = self:expiry()
  end
  if #self.world.late > 0 and self.world.store.now <= self.deliverable then
    self.world:deliver()
  end
  self.world.late = {}
end

--- Checks that a call's results are true.
function Run:check(number, message, err)
  local world = self.world
  if number then
    assert(world.owned[number.phone_number], "a number was returned that is not owned")
    assert(world.owned[number.phone_number].sid == number.sid, "another SID was returned")
    assert(world.purchases == 1, "more was bought than a call has returned")
    return
  end
  assert(type(message) == "string" and err and err.message == message, "no error was returned")
  assert(err.idempotency_key == KEY, "an error names no key")
  assert(not message:find("s3cr3t", 1, true), "an error has a secret")
  if err.purchased == "no" then
    assert(#world.late == 0 or world.store.now > self.deliverable, "no was said of what may arrive")
    assert(world.purchases == 0, "no was said of a number that was bought")
    world.store.deliver()
    local order = world:order(KEY)
    assert(not order or order.state == "open", "no was said of an order that is tried or bought")
    assert(world:counted() == 0, "the limit counts what was not bought")
  end
end

--- Makes look-ups miss recent purchases.
function Run:may_be_stale()
  local world = self.world
  world.on_look = function(number)
    local is_fresh = world.owned[number] and world.store.now <= self.deliverable
    return is_fresh and self.path:choose { "stale" } ~= nil
  end
end

--- What may happen before the call is repeated.
function Run:between()
  local world = self.world
  local what = self.path:choose(self.is_named and { "another era" } or { "another era", "sold" })
  local order = world:order(KEY)
  if what == "another era" then
    world.store.era = "era 2"
    world.store.now = 5000000
    self.deliverable = math.huge -- until the order's senders have new times
  elseif what == "sold" and order and order.number and not world.owned[order.number] then
    world:remove(order.number) -- to a stranger
  end
end

--- The call that meets faults.
function Run:first()
  local world, path, posts = self.world, self.path, 0
  world.store.on_apply = function()
    local what = path:choose(WRITES)
    if what == "dies" then
      die()
    elseif what == "dies after" then
      self.is_dying = true
    elseif what == "differs" then
      self:check(orders.elsewhere(world, self.buy, world))
    end
    return what
  end
  world.on_post = function()
    posts = posts + 1
    if posts > POSTS_MAX then
      return nil
    end
    local what = path:choose(POSTS)
    self.deliverable = self:expiry()
    if what == "dies" then
      die()
    elseif what == "dies after" then
      self.is_dying = true
      return "unheard"
    end
    return RESPONSES[what] or what
  end
  world.on_request = function()
    if self.is_dying or path:choose { "dies" } then
      die()
    end
  end
  world.store.on_read = function()
    if self.is_dying or path:choose { "dies" } then
      die()
    end
  end
  local call = coroutine.create(function()
    self:check(self.buy(world))
  end)
  local _, problem = assert(coroutine.resume(call))
  assert(problem == "died" or coroutine.status(call) == "dead", problem)
  world.store.on_apply, world.store.on_read, world.on_post, world.on_request =
    false, false, false, false
end

--- Repeats the call until there is a number.
function Run:repeat_calls(random)
  local world = self.world
  local soon, written = random() < 0.5 and 0.2 or 0.02, random() < 0.5 and 0.2 or 0.02
  local function step()
    if random() < soon then
      self:arrive()
    end
    if random() < written then
      world.store.deliver()
    end
  end
  world.store.on_read, world.on_request, world.store.on_apply = step, step, step
  local may_refuse = true
  world.on_post = function()
    self.deliverable = self:expiry()
    local what = may_refuse and self.path:choose { "refused" }
    may_refuse = false
    return what
  end
  for i = 1, CALLS_MAX do
    World.become(-20000 - i)
    local number, message, err = self.buy(world)
    self:check(number, message, err)
    if number then
      return number
    end
    world:pass(err.retry_after or random() * 60)
  end
  error("no call has ended with a number")
end

--- Checks that all records finally agree with what was bought.
function Run:check_end(number)
  local world = self.world
  self:arrive()
  world.store.deliver()
  local order = world:order(KEY)
  assert(world.purchases == 1, "numbers bought: " .. world.purchases)
  assert(
    order.state == "bought" and order.number == number.phone_number,
    "the order names another number"
  )
  assert(order.sid == number.sid, "the order names another SID")
  assert(world:counted() == 1, "the limit counts " .. world:counted())
  for _, one in ipairs { orders.X, orders.Y } do
    local wanted = one == number.phone_number and KEY or nil
    assert(world:claim(one) == wanted, "the claims do not agree with the order")
  end
end

--- Runs all sequences with at most `count` faults.
local function search(faults, buy, is_named)
  local ways, path = 0, choices.new(faults)
  repeat
    ways = ways + 1
    path:begin()
    World.start_clocks(choices.random(ways + 7))
    local run = Run.new(path, buy)
    local random = choices.random(ways)
    local called, problem = pcall(function()
      run.deliverable, run.is_named = 0, is_named
      run:may_be_stale()
      run:first()
      run:between()
      run:check_end(run:repeat_calls(random))
    end)
    World.stop_clocks()
    if not called then
      error(("%s\n  way %d: %s"):format(tostring(problem), ways, path:describe()), 0)
    end
  until not path:next()
  return ways
end

describe("a call that meets faults", function()
  after_each(World.stop_clocks)

  it("buys one number for its key, any that matches", function()
    assert.is_true(search(FAULTS, function(world)
      return orders.any(world, KEY, { retries = 1 })
    end) > MANY)
  end)

  it("buys the number that it requested", function()
    assert.is_true(search(FAULTS, function(world)
      return orders.named(world, orders.X, KEY, { retries = 1 })
    end, true) > MANY)
  end)
end)
