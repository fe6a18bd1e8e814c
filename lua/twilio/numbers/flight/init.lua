--- What is in flight for a client: requests that its engine sends, waits that end later, and the
--- calls that these belong to. It waits for nothing: poll() is told that there may be news.
---
--- Whatever one can wait for is a record: a table whose `done` becomes true, and what was
--- given to on_done() is then called. How to wait for it is a loop's affair (loops/).
local block = require("twilio.numbers.loops.block")
local core = require("twilio.numbers.core")
local life = require("twilio.numbers.flight.life")
local requests = require("twilio.numbers.flight.requests")

---@class twilio.numbers.Flight
local Flight = {}
Flight.__index = Flight

for _, part in ipairs { requests, life } do
  for name, method in pairs(part) do
    Flight[name] = method
  end
end

--- How long one poll() hands over results, which a game's frame can spare, and how many are decoded
--- (each takes some 0.01 ms) between two looks at the clock.
local BUDGET, AT_ONCE = 0.0001, 2 -- seconds

local LOOK_EVERY = 0.01 -- seconds

--- A signal that comes just before a doze does not end it, and Ctrl-C shall be heard.
local LONGEST_DOZE = 1 -- seconds

--- A function that authorizes an engine, unless it was by the same value the last time. In a closure, so
--- that nobody who prints a client prints its credentials.
local function new_authorizer()
  local last
  return function(engine, value)
    if value ~= last then
      last = engine:authorize(value) and value or nil
    end
    return last ~= nil
  end
end

---@param make_engine? function makes an engine of twilio.numbers.curl; nil for other transports
function Flight.new(make_engine)
  return setmetatable({
    make_engine = make_engine,
    process = core.process(),
    records = {}, -- of the engine's requests, by tag
    settled = {}, -- records that are done; nobody was told yet of those from `next_settled` on
    next_settled = 1,
    failures = {}, -- what callbacks raised, and poll() has not
    alarms = {}, -- a set of records
    calls = setmetatable({}, { __mode = "k" }), -- a set; a host may drop a coroutine with its call
    watchers = 0, -- loops of ours that watch the descriptor
    pendings = {}, -- a set of what purchase_async returned and that is not over
    pending = 0, -- how many these are
    overdue = math.huge, -- when the first of them that a host runs should be over
  }, Flight)
end

--- The engine, which is made when it is first needed; nil if there is none, or the system gives none.
function Flight:get_engine()
  self:notice_fork()
  if not self.engine and self.make_engine then
    local made, engine = pcall(self.make_engine)
    self.engine = made and engine or nil
    self.has_news = made and engine:news() or nil
    self.is_authorized = new_authorizer()
    if self.next_alarm then
      self:wake_at(self.next_alarm)
    end
  end
  return self.engine
end

-- ---- records ----

--- Calls a function; what it raises is raised by poll() once all have been told.
function Flight:tell(f, record)
  local called, why = pcall(f, record)
  if not called then
    self.failures[#self.failures + 1] = { why = why }
  end
end

--- Ends a wait.
function Flight:complete(record)
  if record.completed then
    return
  end
  local wake, waiters = record.wake, record.waiters
  record.done, record.completed, record.wake, record.waiters = true, true, false, nil
  if record.arrived then
    self:tell(record.arrived, record)
  end
  if wake then
    self:tell(wake, record)
  end
  for i = 1, waiters and #waiters or 0 do
    self:tell(waiters[i], record)
  end
end

--- Has a function called when a record is done, besides those that will be already. (Most records have
--- but one, which needs no list.)
function Flight.on_done(record, wake)
  if not record.wake then
    record.wake = wake
    return
  end
  local waiters = record.waiters or {}
  record.waiters = waiters
  waiters[#waiters + 1] = wake
end

--- Takes that back.
local function forget(record, wake)
  if record.wake == wake then
    record.wake = false
    return
  end
  for i, waiter in ipairs(record.waiters or {}) do
    if waiter == wake then
      table.remove(record.waiters, i)
      return
    end
  end
end

--- A record that is done after so many seconds.
function Flight:alarm(seconds)
  local record = { due = core.now() + seconds }
  self:get_engine() -- which watches the clock
  self.alarms[record] = true
  if not self.next_alarm or record.due < self.next_alarm then
    self:wake_at(record.due)
  end
  return record
end

--- Forgets an alarm.
function Flight:disarm(record)
  self.alarms[record] = nil
end

--- Sees to it that there is news at that time. An engine that cannot has news at once, and is asked again
--- by the poll() which that brings.
function Flight:wake_at(time)
  self.next_alarm = time
  if self.engine and not self.engine:wake_at(time) then
    self.is_unwoken = true
    self.engine:ring()
  end
end

--- Settles the waits whose time has come.
function Flight:ring(now)
  self:notice_fork()
  local due, next_alarm = {}, nil
  for record in pairs(self.alarms) do
    if record.due <= now then
      due[#due + 1] = record
    elseif not next_alarm or record.due < next_alarm then
      next_alarm = record.due
    end
  end
  self.next_alarm = nil
  if next_alarm then
    self:wake_at(next_alarm)
  end
  for _, record in ipairs(due) do
    self.alarms[record] = nil
    self.settled[#self.settled + 1] = record
  end
end

-- ---- news ----

--- Hands over what is done, as far as the budget goes, moves on what waited for it, and raises what
--- a callback raised.
---@return integer pending calls of purchase_async that are still in flight
function Flight:poll()
  local has_news = self.has_news
  -- an engine has news when the time of an alarm has come
  if has_news == nil or has_news() or self.overdue < math.huge then
    self:move_on()
  end
  if self.failures[1] and not self.is_rest then
    self:raise()
  end
  return self.pending
end

--- As poll(), but leaves what callbacks raise for later: who waits shall not be disturbed by it.
function Flight:move_on()
  if self.overdue < math.huge then
    self:abandon_overdue()
  end
  -- without an engine nothing would call for the rest
  local ends = self.engine and core.now() + BUDGET
  local is_rest = self:settle(ends) -- what another poll has not come to
  local engine = self.engine
  while engine and not is_rest do
    local count = engine:take(self.records, self.settled, AT_ONCE)
    if count < 0 then
      self:leave_engine()
      self:ring(core.now())
    end
    is_rest = self:settle(self.engine and ends)
    if count < AT_ONCE or core.now() >= ends then
      break
    end
    engine = self.engine -- a callback may have closed it
  end
  -- after the news is taken, which may be that this time has come
  if not is_rest and self.next_alarm and core.now() >= self.next_alarm then
    self:ring(core.now())
    is_rest = self:settle(self.engine and ends)
  elseif self.is_unwoken and self.next_alarm then
    self.is_unwoken = false
    self:wake_at(self.next_alarm)
  end
  self.is_rest = is_rest and self.engine ~= nil
  if self.is_rest then
    self.engine:ring() -- for another poll
  end
end

--- Raises what a callback raised; the next one another time.
function Flight:raise()
  if self.failures[1] then
    error(table.remove(self.failures, 1).why, 0)
  end
end

--- Tells who waits for what is settled. Whoever is told may poll, and wait for another of the list:
--- so it is the same for all polls.
---@param ends? number when to stop, after AT_ONCE at the least
---@return boolean is_rest
function Flight:settle(ends)
  local settled, told = self.settled, 0
  while settled[self.next_settled] do
    if ends and told >= AT_ONCE and core.now() >= ends then
      return true
    end
    local record = settled[self.next_settled]
    settled[self.next_settled] = false
    self.next_settled = self.next_settled + 1
    self:complete(record)
    told = told + 1
  end
  for i = self.next_settled - 1, 1, -1 do
    settled[i] = nil
  end
  self.next_settled = 1
  return false
end

--- Readable whenever poll() has something to do; nil where there can be no engine. Nobody knows how
--- long it is watched for.
function Flight:pollfd()
  local engine = self:get_engine()
  self.is_watched = true
  return engine and engine:descriptor()
end

--- The same for a loop of ours, which says when it watches it no more.
function Flight:watch()
  local engine = self:get_engine()
  self.watchers = self.watchers + 1
  return engine and engine:descriptor()
end

function Flight:unwatch()
  self.watchers = self.watchers - 1
  if self.watchers == 0 and not self.is_watched then
    self:close_engine()
  end
end

--- For cqueues.
function Flight.events()
  return "r"
end

--- Seconds until poll() has something to do by the clock alone, or nil.
function Flight:timeout()
  return self.next_alarm and math.max(0, self.next_alarm - core.now())
end

--- Made where it has returned: what a closure finds on the stack of a thread that the host drops is gone.
local function waker(flight, either)
  return function()
    flight:complete(either)
  end
end

--- Waits in the way of a loop, or blocks without one; with `seconds` no longer than that.
function Flight:wait(record, loop, seconds)
  loop = loop or block
  if record.done then
    return
  elseif not seconds then
    return loop.wait(self, record)
  elseif loop ~= block and not self:get_engine() then -- nothing would tell when the time is over
    local ends = core.now() + seconds
    while loop.sleep and not record.done and core.now() < ends do
      loop.sleep(LOOK_EVERY)
    end
    return
  end
  local either, over = {}, self:alarm(seconds)
  local wake = waker(self, either)
  self.on_done(record, wake)
  self.on_done(over, wake)
  loop.wait(self, either)
  forget(record, wake)
  self:disarm(over)
end

--- Blocks until there may be news, at most so long.
function Flight:doze(seconds)
  local left = math.min(seconds, self:timeout() or seconds, LONGEST_DOZE)
  if self.engine then
    self.engine:wait(left)
  else
    core.sleep(left)
  end
end

return Flight
