--- A random history for spec/journal/histories_spec.lua: processes, their faults, and what must hold.
local World = require("spec.support.world")
local choices = require("spec.support.choices")
local core = require("twilio.numbers.core")
local records = require("twilio.numbers.journal.records")

local History = {}
History.__index = History

local NUMBERS = {}
for i = 1, 60 do -- more than any history buys
  NUMBERS[i] = ("+141555501%02d"):format(i)
end

local POSTS = { "unheard", "lost", "late", "refused", "unsent" }
local WRITES = { "lost", "unheard", "late", "failed" }
local ARRIVES = 170 -- seconds after it was sent, at most
local DEPTH, PROCESSES, CALLS_MAX = 3, 14, 60

--- What must have happened in some history, or the spec shows little.
History.EVENTS = { "post", "buy", "late", "death", "era", "forgotten", "nested" }

local SETTINGS, OTHERS = { voice_url = "https://a.example" }, { voice_url = "https://b.example" }

--- The keys: the kind of their record, how many numbers each asks for, and its call. The settings of a list
--- are the same in each call.
local KEYS = {
  many = {
    kind = "many",
    count = 2,
    call = function(client, options, settings)
      return client:purchase_many({ country = "US", count = 2 }, settings, options)
    end,
  },
  list = {
    kind = "many",
    count = 2,
    call = function(client, options)
      local list = { { area_code = "415" }, { area_code = "415" } }
      return client:purchase_many(list, SETTINGS, options)
    end,
  },
  one = {
    kind = "order",
    count = 1,
    call = function(client, options, settings)
      return client:purchase_available({ country = "US" }, settings, options)
    end,
  },
}
KEYS.other = KEYS.one

local NAMES = { "many", "list", "one", "other" }

function History.new(seed)
  World.start_clocks(choices.random(seed + 7))
  local self = setmetatable({
    world = World.new(NUMBERS),
    random = choices.random(seed),
    now = 0, -- seconds since the start
    are_faults = true,
    depth = 0, -- of processes that wait for each other
    last_process = -40000,
    running = false, -- the process whose step this is
    posts = {}, -- purchases that were sent
    generations = {}, -- by key: how often its orders were removed
    exists = {}, -- by key: whether it has a record
    bought = {}, -- by key: the numbers of this generation
    buyers = {}, -- by number: the key that bought it
    problem = false,
    events = {},
    lines = {},
    sleep = core.sleep,
  }, History)
  for _, name in ipairs(NAMES) do
    self.generations[name], self.bought[name] = 0, {}
  end
  self.odds = {
    post = self:one_of { 0.1, 0.4, 0.7 },
    write = self:one_of { 0, 0.03, 0.12 },
    death = self:one_of { 0, 0.01, 0.05 },
    nested = self:one_of { 0.01, 0.05, 0.15 },
    era = self:one_of { 0, 0.003, 0.01 },
    arrival = 0.05,
    delivery = 0.05,
    hidden = 0.2,
    stop = 0.5, -- at each number
  }
  self:add_hooks()
  return self
end

function History:stop()
  core.sleep = self.sleep
  World.stop_clocks()
end

-- ---- chance ----

function History:is(what)
  return self.are_faults and self.random() < self.odds[what]
end

function History:one_of(list)
  return list[math.floor(self.random() * #list) + 1]
end

function History:note(event, ...)
  self.events[event] = (self.events[event] or 0) + 1
  local words = { ("%8.1f"):format(self.now), ("  "):rep(self.depth) .. event }
  for _, word in ipairs { ... } do
    words[#words + 1] = tostring(word)
  end
  self.lines[#self.lines + 1] = table.concat(words, " ")
end

--- The history, for a failure.
function History:told()
  return table.concat(self.lines, "\n")
end

function History:must(is_so, problem)
  if not is_so then -- within a call, which would take an error for a fault
    self.problem = self.problem or problem
  end
end

-- ---- the world ----

function History:pass(seconds)
  self.now = self.now + seconds
  self.world:pass(seconds)
end

--- Notes which keys have no record any more.
function History:look_at_keys()
  for _, name in ipairs(NAMES) do
    local exists = self.world:record(KEYS[name].kind, name) ~= nil
    if self.exists[name] and not exists then
      self:note("forgotten", name)
      self.generations[name], self.bought[name] = self.generations[name] + 1, {}
    end
    self.exists[name] = exists
  end
end

function History:is_for_sale(number)
  for _, one in ipairs(self.world.for_sale) do
    if one == number then
      return true
    end
  end
  return false
end

--- A purchase takes effect.
function History:buys(post)
  local name = post.name
  if not self:is_for_sale(post.number) or self.world.owned[post.number] then
    return false
  end
  self:note("buy", post.number, name)
  self:must(not post.process.said_no, "a call said no, and its purchase was carried out")
  self:must(post.generation == self.generations[name], "a forgotten order bought a number")
  local bought = self.bought[name]
  bought[#bought + 1], self.buyers[post.number] = post.number, name
  self:must(#bought <= KEYS[name].count, name .. " has bought too many numbers")
  return true
end

--- Late purchases arrive, or never will.
function History:arrive()
  for _, post in ipairs(self.posts) do
    if post.is_late and (self.now > post.ends or self:is("arrival")) then
      post.is_late = false
      if self.now <= post.ends and self:buys(post) then
        self.world.purchases = self.world.purchases + 1
        self.world:give(post.number)
      end
    end
  end
end

--- The key of the order that a number's claim names, if that names the number too: it is trying it, or
--- another call of its key was quicker.
function History:key_of(number)
  local claim = self.world:record("number", number)
  local row = claim and self.world.store.rows[claim.order]
  local order = row and records.decode(row.value)
  return order and order.number == number and self.world:claim(number)
end

function History:post(number)
  local name = self:key_of(number)
  if not name then
    self:must(false, "a purchase was sent that is not in the journal")
    return "unsent"
  end
  local what = self:is("post") and self:one_of(POSTS) or nil
  self:note("post", self.running.name, number, name, what)
  local post = {
    process = self.running,
    number = number,
    name = name,
    generation = self.generations[name],
    ends = self.now + ARRIVES,
    is_late = what == "late",
  }
  self.posts[#self.posts + 1] = post
  if what == "late" then
    self:note("late", number)
    return "lost"
  elseif what == nil or what == "unheard" then
    self:buys(post)
  end
  return what
end

function History:add_hooks()
  function core.sleep(seconds)
    self:pass(math.max(seconds, 0.001))
  end
  function self.world.on_post(number)
    return self:post(number)
  end
  --- A list may not show a purchase at once.
  function self.world.on_look(number)
    if self.world.owned[number] and self:is("hidden") then
      for _, post in ipairs(self.posts) do
        if post.number == number and self.now <= post.ends then
          return true
        end
      end
    end
  end
end

-- ---- processes ----

--- A step of a process: what happens before it.
function History:step(process)
  if process.is_dead or not self.are_faults then
    return
  end
  self:arrive()
  if self:is("delivery") then
    self.world.store.deliver()
    self:look_at_keys()
  end
  if self:is("era") then
    self:note("era")
    self.world.store.era = "era " .. math.floor(self.random() * 1e6)
    self.world.store.now = math.floor(self.random() * 1e7)
  end
  if self:is("death") then
    self:note("death", process.name)
    process.is_dead = true
  elseif self.depth < DEPTH and self:is("nested") then
    self:note("nested")
    self:begin()
  end
  self.running = process
end

--- A function that is a step of the process.
function History:stepping(process, f, ...)
  local dead = { ... }
  return function(...)
    self:step(process)
    if process.is_dead then
      return dead[1], dead[2], dead[3]
    end
    return f(...)
  end
end

function History:client(process)
  local store = self.world.store
  local function apply(writes)
    local what = self:is("write") and self:one_of(WRITES) or nil
    store.on_apply = function()
      return what
    end
    local written, message, is_certain = store:apply(writes)
    store.on_apply = false
    self:look_at_keys()
    self:step(process)
    return written, message, is_certain
  end
  local own = {
    read = self:stepping(process, function(_, keys)
      return store:read(keys)
    end, nil, "dead"),
    apply = self:stepping(process, function(_, writes)
      return apply(writes)
    end, nil, "dead"),
    scan = self:stepping(process, function(_, ...)
      return store:scan(...)
    end, nil, "dead"),
    close = function() end,
  }
  local function transport(request)
    local response, message, kind = self.world:handle(request)
    self:step(process)
    return response, message, kind
  end
  return self.world:client {
    journal = own,
    transport = self:stepping(process, transport, nil, "dead", "connect"),
    max_in_flight = self:one_of { 1, 100 },
  }
end

--- A number that a call returned was bought with its key.
function History:check_number(name, number)
  local is_own = self.buyers[number.phone_number] == name
  self:must(is_own, "a number of another key was returned")
end

--- What a call of a key returned. Numbers that the key had bought before the call are not hidden.
function History:check(process, name, before, value, message, err)
  if process.is_dead or process.generation ~= self.generations[name] then
    return
  elseif value == nil then
    self:note("failed", process.name, err.kind, err.purchased, message)
    self:must(err.idempotency_key == name, "an error without its key")
    self:must(before == 0 or err.purchased ~= "no", "a call said no of a key that had bought")
    process.said_no = err.purchased == "no"
    return
  elseif not value.results then
    self:check_number(name, value)
    return
  end
  self:note("report", process.name, message)
  self:must(before <= value.bought + value.unknown, "a report hides what its key had bought")
  local seen = {}
  for _, number in ipairs(value.numbers) do
    self:check_number(name, number)
    self:must(not seen[number.phone_number], "a report has a number twice")
    seen[number.phone_number] = true
  end
end

--- Runs a function of a client as a new process, while the others wait.
function History:as_process(name, f)
  self.last_process = self.last_process - 1
  local process = { name = ("%d:%s"):format(-self.last_process - 40000, name), said_no = false }
  local waiting = self.running
  self.depth, self.running = self.depth + 1, process
  self:note("start", process.name)
  local value, message, err = World.elsewhere(self.last_process, function()
    return f(self:client(process), process)
  end)
  self.depth, self.running = self.depth - 1, waiting
  return value, message, err
end

--- A call of a key.
function History:buy(name, options, settings)
  return self:as_process(name, function(client, process)
    local before = #self.bought[name]
    process.generation = self.generations[name]
    local value, message, err = KEYS[name].call(client, options, settings)
    self:check(process, name, before, value, message, err)
    return value, message, err
  end)
end

local TENDING = {
  recover = function(client)
    return client:recover()
  end,
  forget = function(client, name)
    return client:forget(name)
  end,
  prune = function(client)
    return client:prune(0)
  end,
}

--- A process that buys with a key, or tends the journal. Keys are removed only while no call with them
--- runs, as docs/exactly-once.md asks.
function History:begin()
  local name = self:one_of(NAMES)
  local tending = self.random() < 0.2
    and self:one_of(self.depth == 0 and { "recover", "forget", "prune" } or { "recover" })
  if tending then
    self:as_process(tending, function(client)
      return TENDING[tending](client, name)
    end)
    return
  end
  local options = { idempotency_key = name, retries = self:one_of { 0, 1 } }
  options.finish = self.random() < 0.25
  if KEYS[name].kind == "many" and self.random() < 0.3 then
    function options.on_progress()
      return not self:is("stop")
    end
  end
  self:buy(name, options, options.finish and self:one_of { SETTINGS, OTHERS } or SETTINGS)
end

-- ---- the end ----

--- Repeats the call of a key until it has all its numbers.
function History:finish(name)
  for _ = 1, CALLS_MAX do
    local options = { idempotency_key = name, retries = 1, finish = true }
    local value = self:buy(name, options, SETTINGS)
    assert(not self.problem, self.problem)
    if value and (not value.results or value.bought == KEYS[name].count) then
      return
    end
    self:pass(200)
    self:arrive()
  end
  error("no call of the key " .. name .. " has ended with its numbers")
end

--- What the account owns is what was bought, and the journal names all of it that was not forgotten.
function History:check_account()
  local owned, world = 0, self.world
  for number in pairs(world.owned) do
    owned = owned + 1
    assert(self.buyers[number], "a number is owned that no call has bought")
  end
  assert(world:counted() == owned, ("%d owned, the limit counts %d"):format(owned, world:counted()))
  local report, is_lost = assert(world:client():audit()), {}
  for _, list in ipairs { report.unnamed, report.stray } do
    for _, number in ipairs(list) do
      is_lost[number.phone_number] = true
    end
  end
  for _, name in ipairs(NAMES) do
    for _, number in ipairs(self.bought[name]) do
      assert(world.owned[number] and not is_lost[number], "the journal lost " .. number)
    end
  end
  assert(#report.gone == 0, "an order names a number that is gone")
end

function History:run()
  for _ = 1, PROCESSES do
    self:begin()
    assert(not self.problem, self.problem)
    self:pass(self.random() * (self.random() < 0.1 and 1000 or 60))
    self:arrive()
  end
  self.are_faults = false
  for _, name in ipairs(NAMES) do
    self:finish(name)
  end
  self:pass(1000)
  self:arrive()
  self.world.store.deliver()
  self:look_at_keys()
  assert(not self.problem, self.problem)
  self:check_account()
end

return History
