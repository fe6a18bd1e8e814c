--- Futures of a scheduler: their waiters, and the tasks that are ready to run.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local hosts = require("twilio.numbers.hosts")

---@class twilio.numbers.Scheduler
local futures = {}

--- Creates a future with all fields that the scheduler sets, so that completing it allocates nothing.
function futures.new_future()
  return { done = false, wake = false, task = false, call = false, before = false, tag = false }
end

--- Keeps an error of a callback, for poll() to raise.
function futures:note(why)
  self.failures[#self.failures + 1] = { why = why }
end

--- Raises the first kept error.
function futures:raise()
  if self.failures[1] then
    error(table.remove(self.failures, 1).why, 0)
  end
end

--- Removes a waiter from a table and calls it once. Reserves stack space first, so that the call cannot
--- fail to start.
local function call_once(self, list, key, future)
  local f = list[key]
  if not f then
    return
  end
  core.reserve_stack()
  list[key] = false
  local called, why = pcall(f, future)
  if not called then
    self:note(why)
  end
end

local function is_queued(self, future)
  local other = self.unfinished
  while other and other ~= future do
    other = other.before
  end
  return other
end

--- Queues a future that is done. Allocates nothing. An error between any two instructions loses no future,
--- and one that is queued again makes no ring of them: a multiple assignment has no order. Only after such an
--- error the chain has futures that are not marked as done, and is searched.
function futures:queue(future)
  if future.done then
    return
  end
  local is_unsure = self.unfinished ~= false and (self.is_queuing or self.is_interrupted)
  if not (is_unsure and is_queued(self, future)) then
    future.before = self.unfinished
    self.is_queuing = true
    self.unfinished = future
  end
  future.done = true
  self.is_queuing = is_unsure
end

--- Calls the waiters of a future that is done. After an error, the next poll() calls the remaining ones.
function futures:settle(future)
  future.done = true -- an error may have interrupted queue()
  local call = future.call
  if call then
    future.call = false
    call:arrived(future.request) -- on_event may poll
    if future.call then
      return -- it polled, and the future is in use again
    end
  end
  local task = future.task
  if task then
    self:make_ready(task)
    future.task = false
  end
  if future.wake then
    call_once(self, future, "wake", future)
  end
  local waiters = future.waiters
  if waiters then
    for i = 1, #waiters do
      call_once(self, waiters, i, future)
    end
  end
  self:finished(future)
end

--- Completes a future.
function futures:complete(future)
  self:queue(future)
  self:settle(future)
end

--- Removes a future from the queue, if its waiters were called.
function futures:finished(future)
  future.tag = false -- the scheduler does not use it any more
  if self.unfinished == future then
    self.unfinished = future.before
    return
  end
  local after = self.unfinished
  while after and after.before ~= future do
    after = after.before
  end
  if after then
    after.before = future.before
  end
end

--- Adds a waiter to a future. (Most futures have only one, which needs no list.)
function futures.on_done(future, wake)
  if not future.wake then
    future.wake = wake
    return
  end
  local waiters = future.waiters or {}
  future.waiters = waiters
  waiters[#waiters + 1] = wake
end

--- Removes a waiter.
function futures.off_done(future, wake)
  if future.wake == wake then
    future.wake = false
    return
  end
  for i, waiter in ipairs(future.waiters or {}) do
    if waiter == wake then
      future.waiters[i] = false
      return
    end
  end
end

--- Queues a task that is ready to run. Allocates nothing.
function futures:make_ready(task)
  if task.is_ready then
    return
  end
  task.is_ready, task.next_ready = true, false
  if self.last_ready then
    self.last_ready.next_ready = task
  else
    self.first_ready = task
  end
  self.last_ready = task
  if not self.is_running and self.io_thread then
    self.io_thread:ring()
  end
end

--- Whether a task has yet to end a call, or to call its waiters or its callback. (One that was recycled has
--- done both, and may run another call.)
local function is_unfinished(self, task, pending)
  if task.pending ~= pending then
    return false
  end
  local future = pending.future
  return pending.callback
    or not pending.is_done
    or self.tasks[task.call]
    or self.calls[task.call]
    or (future and not future.done)
end

--- Runs the first ready task. If memory is short, or an error interrupts the library's own code (a hook or a
--- finalizer may raise one), the next poll() continues.
---
--- Without memory, Lua may be unable to call a function inside another one. Calls from here succeed, since
--- reserve_stack() was called from here too; and the task is queued again before anything else.
function futures:run_first()
  core.reserve_stack()
  local task = self.first_ready
  if not task then -- a finalizer has polled in between
    return
  end
  local following = task.next_ready
  self.first_ready = following
  if not following then
    self.last_ready = false
  end
  task.is_ready = false
  local busy, depth, pending = self.busy, hosts.callbacks, task.pending
  self.busy = busy + 1
  local ran, why = pcall(task.go_on, task)
  self.busy = busy
  if ran then
    return
  end
  hosts.callbacks = depth
  if is_unfinished(self, task, pending) then
    self:make_ready(task)
    error(why, 0)
  elseif compat.is_shortage(why) then
    error(why, 0)
  end
  self:note(why)
end

return futures
