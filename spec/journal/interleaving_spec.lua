--- Calls of several processes at once, in a random order of their steps, with random faults and deaths: two
--- of one key, one of another, and two of a third, whose number is released. The seeds are fixed.
local World = require("spec.support.world")
local choices = require("spec.support.choices")
local orders = require("spec.support.orders")

local NUMBERS = { "+14155550101", "+14155550102", "+14155550103", "+14155550104", "+14155550105" }
local KEYS = { "k", "k", "l", "m", "m" }
local POSTS = { "unheard", "lost", "late", "refused", "unsent" }
local WRITES = { "lost", "unheard", "late", "failed" }
local SEEDS, TURNS, CALLS_MAX = 400, 900, 25

local Walk = {}
Walk.__index = Walk

function Walk.new(seed)
  local self = setmetatable({
    world = World.new(NUMBERS),
    random = choices.random(seed),
    workers = {},
    buyers = {}, -- the key that has bought a number
    bought = {}, -- the number that a key has bought
    released = false, -- the number of the key m
    running = false, -- the worker whose step this is
    posts = {}, -- purchases that were sent: { worker, number, no later than }
    last_process = -30000,
    are_faults = true,
    problem = false, -- in a step of a call, which would take it for a fault
  }, Walk)
  self.post_faults = self:one_of { 0.2, 0.5, 0.8 }
  self.write_faults = self:one_of { 0.03, 0.15, 0.3 }
  self.deaths = self:one_of { 0.003, 0.02 }
  self.arrivals = self:one_of { 0.001, 0.01, 0.05 } -- in each turn
  self:add_hooks()
  return self
end

function Walk:is(probability)
  return self.random() < probability
end

function Walk:one_of(list)
  return list[math.floor(self.random() * #list) + 1]
end

--- The time after which no purchase sent for a key so far can have an effect.
function Walk:expiry(key)
  local latest = 0
  for _, sender in ipairs((self.world:order(key) or {}).senders or {}) do
    latest = math.max(latest, sender.ends + sender.settle)
  end
  return latest
end

function Walk:step()
  if self.running and coroutine.running() then
    coroutine.yield()
  end
end

function Walk:add_hooks()
  local world = self.world
  world.on_request = function()
    self:step()
  end
  world.store.on_read = function()
    self:step()
  end
  world.on_sleep = function()
    self:step()
  end
  world.store.on_apply = function()
    self:step()
    return self.are_faults and self:is(self.write_faults) and self:one_of(WRITES) or nil
  end
  world.on_look = function(number)
    return world.owned[number] and self.are_faults and self:is(0.15) and self:is_fresh(number)
  end
  world.on_post = function(number)
    local worker, key = self.running, self.key
    local order = world:order(key)
    if not order or order.number ~= number or world:claim(number) ~= key then
      self.problem = "a purchase was sent that is not in the journal"
    end
    local post = { worker = worker, number = number, key = key, expires = self:expiry(key) }
    self.posts[#self.posts + 1] = post
    local what = self.are_faults and self:is(self.post_faults) and self:one_of(POSTS) or nil
    if what == "late" then
      world.late, post.late = {}, true
      return "lost"
    elseif what == nil or what == "unheard" then
      self:buys(post)
    end
    return what
  end
end

function Walk:is_fresh(number)
  for _, post in ipairs(self.posts) do
    if post.number == number and self.world.store.now <= post.expires then
      return true
    end
  end
  return false
end

--- Finds the owner of a purchase that takes effect.
function Walk:buys(post)
  local world = self.world
  local is_for_sale = false
  for _, number in ipairs(world.for_sale) do
    is_for_sale = is_for_sale or number == post.number
  end
  if not world.owned[post.number] and is_for_sale then
    if post.worker and post.worker.said_no then
      self.problem = "a call said no, and its purchase was carried out"
    end
    if self.bought[post.key] then
      self.problem = "a key has bought two numbers" -- or one again that was released
    end
    self.bought[post.key], self.buyers[post.number] = post.number, post.key
  end
  return is_for_sale
end

--- A purchase that is late arrives, or never will.
function Walk:arrive()
  local world = self.world
  for _, post in ipairs(self.posts) do
    if post.late and (world.store.now > post.expires or self:is(self.arrivals)) then
      post.late = false
      if world.store.now <= post.expires and self:buys(post) then
        world:remove(post.number)
        world.purchases = world.purchases + 1
        world:give(post.number)
      end
    end
  end
end

--- Another customer buys or releases a number.
function Walk:be_strange()
  local world = self.world
  if self.stranger then
    world.for_sale[#world.for_sale + 1], self.stranger = self.stranger, nil
  elseif #world.for_sale > 2 then
    self.stranger = table.remove(world.for_sale, 1)
  end
end

function Walk:check(worker, number, message, err)
  if number then
    -- (it may have been released since the call has looked it up)
    assert(self.bought[worker.key] == number.phone_number, "a number of another key was returned")
    worker.number = number
    return
  elseif worker.key == "m" and self.released then
    worker.number = self.released -- there is no more to be had
    return
  end
  assert(type(message) == "string" and err, "no error was returned")
  assert(err.idempotency_key == worker.key, "an error without its key")
  worker.said_no = err.purchased == "no"
end

--- A new process that releases the number of a call.
function Walk:release(number)
  self.last_process = self.last_process - 1
  local worker = { key = "m", process = self.last_process, number = number }
  worker.call = coroutine.create(function()
    if self.world:client():release(number.sid) then
      self.released, self.buyers[number.phone_number] = number, nil
    end
  end)
  return worker
end

--- A new process with a call of a key.
function Walk:begin(key)
  self.last_process = self.last_process - 1
  local worker = { key = key, process = self.last_process }
  worker.call = coroutine.create(function()
    self:check(worker, orders.any(self.world, key, { retries = 1 }))
  end)
  return worker
end

function Walk:resume(worker)
  World.become(worker.process)
  self.running, self.key = worker, worker.key
  local resumed, problem = coroutine.resume(worker.call)
  self.running = false
  assert(resumed, problem)
  assert(not self.problem, self.problem)
end

function Walk:go()
  for i, key in ipairs(KEYS) do
    self.workers[i] = self:begin(key)
  end
  for _ = 1, TURNS do
    local i = math.floor(self.random() * #self.workers) + 1
    local worker = self.workers[i]
    if coroutine.status(worker.call) == "dead" and worker.number then
      table.remove(self.workers, i)
      if worker.key == "m" and not self.released then
        self.workers[i] = self:release(worker.number)
        self.world:pass(self.random() * 100)
      elseif #self.workers == 0 then
        break
      end
    elseif coroutine.status(worker.call) == "dead" or self:is(self.deaths) then -- it has ended, or dies
      self.workers[i] = self:begin(worker.key)
      self.world:pass(self.random() * 40)
    else
      self:resume(worker)
    end
    self:arrive()
    if self:is(0.05) then
      self.world.store.deliver()
    end
    if self:is(0.02) then
      self:be_strange()
    end
  end
end

--- The calls are repeated one after the other, without faults.
function Walk:finish()
  local world, bought = self.world, {}
  self.are_faults, world.on_request, world.store.on_read, world.on_sleep =
    false, false, false, false
  for _, key in ipairs(self.released and { "k", "l" } or { "k", "l", "m" }) do
    local number
    for _ = 1, CALLS_MAX do
      self.last_process = self.last_process - 1
      World.become(self.last_process)
      self.key = key
      local worker = { key = key }
      local message, err
      number, message, err = orders.any(world, key, { retries = 1 })
      self:check(worker, number, message, err)
      if number then
        break
      end
      self:arrive()
      world:pass(err.retry_after or 60)
    end
    assert(not self.problem, self.problem)
    assert(number, "no call has ended with a number")
    bought[number.phone_number] = key
  end
  world:pass(1000)
  self:arrive()
  world.store.deliver()
  local owned = 0
  for number in pairs(world.owned) do
    owned = owned + 1
    assert(bought[number] == self.buyers[number], "a number was bought beside that of its key")
  end
  assert(owned == (self.released and 2 or 3), "numbers owned: " .. owned)
  assert(world:counted() == 3, "the limit counts " .. world:counted())
  for _, number in ipairs(NUMBERS) do
    local claim = world:claim(number)
    local is_released = self.released and self.released.phone_number == number and claim == "m"
    assert(claim == bought[number] or is_released, "the claims do not agree with the orders")
  end
end

describe("calls of several processes", function()
  after_each(World.stop_clocks)

  it("buy one number for each key, in any order of their steps", function()
    for seed = 1, SEEDS do
      World.start_clocks(choices.random(seed + 7))
      local walk = Walk.new(seed)
      local called, problem = pcall(function()
        walk:go()
        walk:finish()
      end)
      World.stop_clocks()
      assert(called, ("seed %d: %s"):format(seed, tostring(problem)))
    end
  end)
end)
