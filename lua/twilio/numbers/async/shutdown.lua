--- The calls of a scheduler, and their end: deadlines, fork, close.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local shutdown = {}

--- How long after its deadline a call may still be on its way to its end.
local GRACE = 1 -- seconds

--- How long a call may do without any request or pause, when nothing else shows that it lives on.
local MOMENT = 0.1 -- seconds

local FORKED = "this process was forked meanwhile, and the answer is its parent's"
local CLOSED = "the client was closed meanwhile"

--- Counts a task, from its beginning to its end.
function shutdown:add(task)
  self:enter(task.call)
  self.tasks[task.call] = task
  self.pending = self.pending + 1
end

--- Safe to call again.
function shutdown:remove(task)
  if self.tasks[task.call] then
    self.tasks[task.call] = nil
    self.pending = self.pending - 1
  end
  self:leave(task.call)
end

--- Ends a task at that time which the host runs, even if the host runs it no more.
function shutdown:expect(task, ends)
  task.expected = ends + GRACE
  self.overdue = math.min(self.overdue, task.expected)
end

local function expect_all(self, ends)
  for _, task in pairs(self.tasks) do
    if task.expected then
      self:expect(task, ends)
    end
  end
end

function shutdown:abandon_overdue()
  local now = core.now()
  if now < self.overdue then
    return
  end
  local overdue, next_overdue = {}, math.huge
  for _, task in pairs(self.tasks) do
    if task.expected and task.expected <= now then
      overdue[#overdue + 1] = task
    elseif task.expected then
      next_overdue = math.min(next_overdue, task.expected)
    end
  end
  self.overdue = next_overdue
  for _, task in ipairs(overdue) do
    local called, why = pcall(task.abandon, task)
    if not called then
      self:note(why)
      self.overdue = not task.is_done and task.expected or self.overdue -- the next poll tries again
    end
  end
end

function shutdown:enter(call)
  self:notice_fork() -- before the call is one of those that the parent has
  self.calls[call] = true
end

function shutdown:leave(call)
  call.is_over = true
  if self.calls[call] then
    self.calls[call] = nil
  end
  if call.owes then
    call.owes, self.owing = false, self.owing - 1
    if self.owing == 0 and self.io_thread then
      self.io_thread:owe(false)
    end
  end
  if self.all_over and next(self.calls) == nil then
    self:complete(self.all_over)
  end
end

--- Notes that a call has a purchase to report that may have been made: the I/O thread says so if the program
--- drops it before.
function shutdown:owe(call)
  if self.calls[call] and not call.owes then
    call.owes, self.owing = true, self.owing + 1
    if self.io_thread then
      self.io_thread:owe(true)
    end
  end
end

--- A future that is done when no call is in flight.
local function when_over(self)
  if not self.all_over or self.all_over.done then
    self.all_over = { done = next(self.calls) == nil, wake = false }
  end
  return self.all_over
end

--- Waits until no call is in flight, at most so long. A host may have dropped the coroutine of one, which
--- nothing shows: so it is over, too, when nothing was sent or slept for a moment.
function shutdown:wind_down(loop, seconds)
  local over, ends, was_idle = when_over(self), core.now() + seconds, false
  while not over.done and core.now() < ends do
    self:wait(over, loop, math.min(MOMENT, ends - core.now()))
    local is_idle = self.io_thread and self.pending <= self.busy and not self:has_work()
    if is_idle and was_idle then
      return
    end
    was_idle = is_idle
  end
end

local function cancel_calls(self, reason)
  for call in pairs(self.calls) do
    call.cancelled = call.cancelled or reason
  end
end

--- Lets go of an I/O thread whose requests can have no response here. Whoever waits for one is told by the
--- next poll(). Where memory runs out on the way, the thread is left by a later call.
function shutdown:leave_io_thread()
  local forked = self.process ~= core.process()
  cancel_calls(self, forked and "forked" or "closed")
  for _, future in pairs(self.futures) do
    if future.call then
      future.call.broken_by = forked and FORKED or CLOSED
    end
    self.alarms[future] = true
  end
  for future in pairs(self.alarms) do
    future.due = 0
  end
  self.futures, self.responses, self.stores = {}, {}, {}
  self.process, self.io_thread, self.has_io_news = core.process(), false, false
  self.next_alarm = next(self.alarms) and 0 or false
end

--- A child of fork() has no part in what its parent has in flight, and an I/O thread of its own.
function shutdown:notice_fork()
  local forked
  if self.io_thread then
    forked = self.io_thread:is_foreign() -- which asks no system
  else
    forked = self.process ~= core.process()
  end
  if forked then
    self:leave_io_thread()
  end
end

--- Ends everything: what is in flight is cancelled, and every waiter is told.
function shutdown:close()
  self.make_io_thread = nil
  self:notice_fork()
  cancel_calls(self, "closed")
  local io_thread = self.io_thread
  if io_thread then
    io_thread:stop()
    self:run_all()
    self.closing_io_thread = io_thread
    if self.is_watched or self.watchers > 0 then
      io_thread:ring() -- so that those who watch the descriptor stop
    else
      self:close_io_thread()
    end
  end
  self:leave_io_thread()
  self:end_alarms(core.now())
  self:run_all()
  expect_all(self, core.now())
end

--- Closes an I/O thread whose descriptor is watched no more, rather than leave it to the collector, from
--- which LuaJIT's compiled code may keep it.
function shutdown:close_io_thread()
  local io_thread = self.closing_io_thread
  if io_thread then
    self.closing_io_thread = nil
    io_thread:close()
  end
end

return shutdown
