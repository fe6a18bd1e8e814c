--- What is in flight for a client: requests that its engine sends, waits that end later, and the
--- calls that these belong to. It waits for nothing: poll() is told that there may be news.
---
--- Whatever one can wait for is a record: a table whose `done` becomes true, and what was
--- given to on_done() is then called. How to wait for it is a loop's affair (loops/).
local block = require("twilio.numbers.hosts.block")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local life = require("twilio.numbers.async.shutdown")
local requests = require("twilio.numbers.async.requests")
local telling = require("twilio.numbers.async.callbacks")

---@class twilio.numbers.Flight
local Flight = {}
Flight.__index = Flight

for _, part in ipairs { requests, telling, life } do
  for name, method in pairs(part) do
    Flight[name] = method
  end
end

--- How long one poll() hands over results, which a game's frame can spare, and how many are decoded
--- (each takes some 0.01 ms) between two looks at the clock.
local BUDGET, AT_ONCE = 0.0001, 2 -- seconds

local LOOK_EVERY = 0.01 -- seconds

local TRIES = 3 -- to move on, where memory is short

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
    incomplete = { false, false, false, false }, -- records of which some may not have been told
    is_incomplete = false, -- there may be some
    failures = {}, -- what callbacks raised, and poll() has not
    kept = false, -- the first of the pendings that are on their way to their end
    is_unfinished = false, -- an error came out of poll()
    shortage = false, -- that error, if some pending is kept for it
    alarms = {}, -- a set of records
    calls = setmetatable({}, { __mode = "k" }), -- a set; a host may drop a coroutine with its call
    owing = 0, -- how many of them have a purchase to tell of
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
    local is_authorized = new_authorizer()
    local made, engine, has_news = pcall(self.make_engine)
    self.engine = made and engine or nil
    self.has_news = made and has_news or nil
    self.is_authorized = is_authorized
    if self.next_alarm then
      self:wake_at(self.next_alarm)
    end
  end
  return self.engine
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
  for _, record in ipairs(due) do
    self.settled[#self.settled + 1] = record
    self.alarms[record] = nil
  end
  self.next_alarm = nil
  if next_alarm then
    self:wake_at(next_alarm)
  end
end

-- ---- news ----

--- Hands over what is done, as far as the budget goes, moves on what waited for it, and raises what
--- a callback raised.
---@return integer pending calls of purchase_async that are still in flight
function Flight:poll()
  local has_news = self.has_news
  -- an engine has news when the time of an alarm has come
  if has_news == nil or has_news() or self.overdue < math.huge or self.is_unfinished then
    self:move_on()
  end
  if self.failures[1] and not self.is_rest then
    self:raise()
  end
  return self.kept and self.pending + 1 or self.pending
end

--- As poll(), but leaves what callbacks raise for later: who waits shall not be disturbed by it. Where
--- there is no memory it raises that; nothing is lost, and whoever watches the descriptor looks again.
function Flight:move_on()
  self.is_unfinished = true
  local moved, why = pcall(self.move_on_unprotected, self)
  if moved then
    self.is_unfinished = self.kept ~= false
    return
  elseif self.engine then
    self.engine:ring()
  end
  error(why, 0)
end

--- The same for whoever waits in a call: memory may be short for a moment.
---@return boolean moved false: it stays short
function Flight:move_on_patiently()
  for _ = 1, TRIES do
    local moved, why = pcall(self.move_on, self)
    if moved then
      return true
    elseif not compat.is_shortage(why) then
      error(why, 0)
    end
    globals.collect()
  end
  return false
end

function Flight:move_on_unprotected()
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
  if self.kept then
    self:mend()
    local why = self.shortage
    if self.kept and why then
      self.shortage = false
      error(why, 0)
    end
  end
  self.is_rest = is_rest and self.engine ~= nil
  if self.is_rest then
    self.engine:ring() -- for another poll
  end
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
  self.off_done(record, wake)
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
