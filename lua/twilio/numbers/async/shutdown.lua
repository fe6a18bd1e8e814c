--- The end of a scheduler's calls: deadlines, fork, close.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local shutdown = {}

--- How long after its deadline a call may still be finishing.
local GRACE = 1 -- seconds

--- How long a call may go without a request or a timer before it counts as dropped.
local MOMENT = 0.1 -- seconds

local LOOK_EVERY = 0.01 -- seconds, without an I/O thread

local FORKED = "the process was forked, and its parent gets the response"
local CLOSED = "the client was closed"

--- Adds a task when it starts.
function shutdown:add(task)
  self:enter(task.call)
  self.pending = self.pending + 1
  self.tasks[task.call] = task -- last: remove() counts again unless it is there
end

local function count(tasks)
  local number = 0
  for _ in pairs(tasks) do
    number = number + 1
  end
  return number
end

--- Removes a task when it ends. Safe to call again, and after an error that interrupted add() or remove() at
--- any statement, such as that of a debug hook.
function shutdown:remove(task)
  if self.tasks[task.call] then
    self.tasks[task.call] = nil
    self.pending = self.pending - 1
  else
    self.pending = count(self.tasks)
  end
  self:leave(task.call)
end

--- Sets the time at which a task of the host is ended, even if the host no longer runs it.
function shutdown:expect(task, ends)
  task.expected, task.is_late = ends + GRACE, false
  self.overdue = math.min(self.overdue, task.expected)
end

local function expect_all(self, ends)
  for _, task in pairs(self.tasks) do
    if task.expected then
      self:expect(task, ends)
    end
  end
end

--- Ends the overdue tasks. Each gets the time once more, since the host itself may have been busy: it runs
--- the tasks whose responses have arrived meanwhile.
---@param is_rest boolean responses are left to be taken, perhaps theirs: wait longer
function shutdown:abandon_overdue(is_rest)
  local now = core.now()
  if now < self.overdue + (is_rest and GRACE or 0) then
    return
  end
  local overdue, next_overdue = {}, math.huge
  for _, task in pairs(self.tasks) do
    local is_over = task.expected and task.expected <= now
    if is_over and task.is_late then
      overdue[#overdue + 1] = task
    elseif task.expected then
      if is_over then
        task.expected, task.is_late = now + GRACE, true
      end
      next_overdue = math.min(next_overdue, task.expected)
    end
  end
  self.overdue = next_overdue
  for _, task in ipairs(overdue) do
    local called, why = pcall(task.abandon, task)
    if not called then
      self:note(why)
      self.overdue = not task.pending.is_done and task.expected or self.overdue -- the next poll tries again
    end
  end
end

--- The same for a program that may not poll. The responses that have arrived come first.
function shutdown:end_overdue()
  if core.now() >= self.overdue then
    self:move_on_patiently()
  end
end

function shutdown:enter(call)
  self:notice_fork() -- before the call is added: the calls before are the parent's
  self.calls[call] = true
end

function shutdown:leave(call)
  call.is_over = true
  if call.owes then
    call.owes = false
    self.owing = self.owing - 1
    local io_thread = self.io_thread or self.closing_io_thread
    if self.owing == 0 and io_thread then
      io_thread:owe(false)
    end
  end
  if self.calls[call] then
    self.calls[call] = nil
  end
  if self.all_over and next(self.calls) == nil then
    self:complete(self.all_over)
  end
end

--- Counts the calls with a purchase to report, after an error that interrupted the count.
function shutdown:recount_owing()
  local owing = 0
  for call in pairs(self.calls) do
    owing = owing + (call.owes and 1 or 0)
  end
  self.owing = owing
  if self.io_thread then
    self.io_thread:owe(owing > 0)
  end
end

--- Marks a call that may have bought a number: the I/O thread reports it if the program exits before the call
--- ends.
function shutdown:owe(call)
  if self.calls[call] and not call.owes then
    call.owes, self.owing = true, self.owing + 1
    if self.io_thread then
      self.io_thread:owe(true)
    end
  end
end

--- Returns a future that completes when no call is in flight.
local function when_over(self)
  if not self.all_over or self.all_over.done then
    self.all_over = self.new_future()
    self.all_over.done = next(self.calls) == nil
  end
  return self.all_over
end

--- Waits until no call is in flight, up to a time limit. The host may have dropped the coroutine of a call
--- without notice, so the wait also ends after a moment without requests and timers.
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

--- Abandons an I/O thread whose responses cannot arrive in this process. The next poll() completes its
--- futures. If memory runs out, a later call abandons the thread.
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

--- Detects fork(). A child does not continue its parent's calls, and starts its own I/O thread.
function shutdown:notice_fork()
  local forked
  if self.io_thread then
    forked = self.io_thread:is_foreign() -- without a system call
  else
    forked = self.process ~= core.process()
  end
  if forked then
    self:leave_io_thread()
  end
end

--- Whether a call that no host runs waits for its journal.
local function is_recording(self)
  for call, task in pairs(self.tasks) do
    local future = call.waiting_on
    if not task.is_hosted and future and future.is_expected then
      return true
    end
  end
  return false
end

--- Runs the cancelled calls, and blocks while some of them record in their journals what they bought: poll()
--- may never be called again.
local function let_record(self)
  local ends = core.now() + GRACE
  self:run_all()
  while is_recording(self) and core.now() < ends do
    self:doze(self.io_thread and ends - core.now() or LOOK_EVERY)
    self:end_alarms(core.now())
    self:run_all()
  end
end

--- Cancels all calls in flight and completes their futures.
function shutdown:close()
  self.make_io_thread = nil
  self:notice_fork()
  if self.is_interrupted and not self.is_running then
    self:resume_interrupted() -- else a callback that polls would do it, while its task runs
  end
  cancel_calls(self, "closed")
  local io_thread = self.io_thread
  if io_thread then
    io_thread:stop()
  end
  let_record(self)
  self.is_over = true
  if io_thread then
    io_thread:stop() -- timers and watched stores have started it again
    self:run_all()
    self.closing_io_thread = io_thread
    if self.is_watched or self.watchers > 0 then
      io_thread:ring() -- so that watchers of the descriptor stop
    else
      self:close_io_thread()
    end
  end
  self:leave_io_thread()
  self:end_alarms(core.now())
  self:run_all()
  expect_all(self, core.now())
end

--- Closes an I/O thread whose descriptor is no longer watched. The garbage collector might not: LuaJIT's
--- compiled code may hold a reference.
function shutdown:close_io_thread()
  local io_thread = self.closing_io_thread
  if io_thread then
    self.closing_io_thread = nil
    io_thread:close()
  end
end

return shutdown
