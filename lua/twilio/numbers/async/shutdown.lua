--- The life of a flight: the calls that belong to it, and their end, whatever the host does; fork, close.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Flight
local life = {}

--- How long after its deadline a call may still be on its way to its end.
local GRACE = 1 -- seconds

--- How long a call may do without any request or pause, when nothing else shows that it lives on.
local MOMENT = 0.1 -- seconds

local FORKED = "this process was forked meanwhile, and the answer is its parent's"
local CLOSED = "the client was closed meanwhile"

--- The answer to a request that may have been sent, and that nobody here will hear of.
local function lost(reason)
  return { outcome = "cancelled", sent = true, reason = reason, headers = {} }
end

local AT_ONCE = 100 -- answers that are taken when all are

--- Counts what purchase_async returned, from its beginning to its end.
function life:add(pending)
  self:enter(pending.call)
  self.pendings[pending] = true
  self.pending = self.pending + 1
end

--- Sees to it that one which the host runs comes to an end, even if the host runs it no more.
function life:expect(pending, ends)
  pending.expected = ends + GRACE
  self.overdue = math.min(self.overdue, pending.expected)
end

function life:expect_all(ends)
  for pending in pairs(self.pendings) do
    if pending.expected then
      self:expect(pending, ends)
    end
  end
end

function life:abandon_overdue()
  local now = core.now()
  if now < self.overdue then
    return
  end
  local overdue, next_overdue = {}, math.huge
  for pending in pairs(self.pendings) do
    if pending.expected and pending.expected <= now then
      overdue[#overdue + 1] = pending
    elseif pending.expected then
      next_overdue = math.min(next_overdue, pending.expected)
    end
  end
  self.overdue = next_overdue
  for _, pending in ipairs(overdue) do
    self:tell(pending.abandon, pending)
  end
end

--- Safe to call again.
function life:remove(pending)
  if self.pendings[pending] then
    self.pendings[pending] = nil
    self.pending = self.pending - 1
  end
  self:leave(pending.call)
end

function life:enter(call)
  self:notice_fork() -- before the call is one of those that the parent has
  self.calls[call] = true
end

local function settle_debt(self, call)
  call.owes, self.owing = false, self.owing - 1
  if self.owing == 0 and self.engine then
    self.engine:owe(false)
  end
end

function life:leave(call)
  call.is_over = true
  if self.calls[call] then -- before 5.4 even nil may take memory
    self.calls[call] = nil
  end
  if call.owes then
    settle_debt(self, call)
  end
  if self.all_over and next(self.calls) == nil then
    self:complete(self.all_over)
  end
end

--- Notes that a call has a purchase to tell of that may have been made: the engine says so if the program
--- drops it before.
function life:owe(call)
  if self.calls[call] and not call.owes then
    call.owes, self.owing = true, self.owing + 1
    if self.engine then
      self.engine:owe(true)
    end
  end
end

--- A record that is done when no call is in flight.
function life:when_over()
  if not self.all_over or self.all_over.done then
    self.all_over = { done = next(self.calls) == nil }
  end
  return self.all_over
end

--- Waits until no call is in flight, at most so long. A host may have dropped the coroutine of one,
--- which nobody notices: so it is over, too, when nothing was sent or slept for a moment.
function life:wind_down(loop, seconds)
  local over, ends, was_idle = self:when_over(), core.now() + seconds, false
  while not over.done and core.now() < ends do
    self:wait(over, loop, math.min(MOMENT, ends - core.now()))
    local is_idle = self.engine ~= nil and self.pending == 0 and not next(self.records)
    is_idle = is_idle and not next(self.alarms)
    if is_idle and was_idle then
      return
    end
    was_idle = is_idle
  end
end

function life:cancel_calls(reason)
  for call in pairs(self.calls) do
    call.cancelled = call.cancelled or reason
  end
end

--- Lets go of an engine whose requests can have no answer here. Who waits for one is told by the
--- next poll().
function life:leave_engine()
  local forked = self.process ~= core.process()
  self.process, self.engine, self.has_news, self.next_alarm = core.process(), nil, nil, nil
  self:cancel_calls(forked and "forked" or "closed")
  local records = self.records
  self.records = {}
  for _, record in pairs(records) do
    record.answer = lost(forked and FORKED or CLOSED)
    record.form = record.form or ""
    self.alarms[record] = true
  end
  for record in pairs(self.alarms) do
    record.due, self.next_alarm = 0, 0
  end
end

--- A child of fork() has no part in what its parent has in flight, and an engine of its own.
function life:notice_fork()
  local forked
  if self.engine then
    forked = self.engine:is_foreign() -- which asks no system
  else
    forked = self.process ~= core.process()
  end
  if forked then
    self:leave_engine()
  end
end

--- Ends everything: what is in flight is cancelled, and everybody who waits is told.
function life:close()
  local engine = self.engine
  self.make_engine = nil
  self:notice_fork()
  self:cancel_calls("closed")
  if self.engine then
    engine:stop()
    local count
    repeat
      count = engine:take(self.records, self.settled, AT_ONCE)
      self:settle()
    until count <= 0
    self.closing_engine = engine
    if self.is_watched or self.watchers > 0 then
      engine:ring() -- whoever watches the descriptor looks up, and finds nothing more to do
    else
      self:close_engine()
    end
  end
  self:leave_engine()
  self:ring(core.now())
  self:settle()
  self:expect_all(core.now())
end

--- Closes an engine whose descriptor nobody watches any more, rather than leave it to the collector,
--- from which LuaJIT's compiled code may keep it.
function life:close_engine()
  local engine = self.closing_engine
  if engine then
    self.closing_engine = nil
    engine:close()
  end
end

return life
