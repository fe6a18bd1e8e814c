--- Futures of a scheduler: their waiters, and the tasks that can go on.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local futures = {}

--- Keeps what a callback raised for poll() to raise.
function futures:note(why)
  self.failures[#self.failures + 1] = { why = why }
end

--- Raises what a callback raised; the next one another time.
function futures:raise()
  if self.failures[1] then
    error(table.remove(self.failures, 1).why, 0)
  end
end

--- Calls a waiter, taken from a table, once: with room for the call, so that it is begun.
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

--- Notes that a future is done. Takes no memory.
function futures:queue(future)
  if not future.done then
    future.done = true
    future.before, self.unfinished = self.unfinished, future
  end
end

--- Calls the waiters of a future that is done. An error on the way loses nothing: the next poll goes on.
function futures:settle(future)
  local call = future.call
  if call then
    future.call = false
    call:arrived(future.request) -- where on_event may poll
  end
  local task = future.task
  if task then
    self:make_ready(task)
    future.task = false
  end
  call_once(self, future, "wake", future)
  for i = 1, future.waiters and #future.waiters or 0 do
    call_once(self, future.waiters, i, future)
  end
  self:finished(future)
end

--- Ends a future.
function futures:complete(future)
  self:queue(future)
  self:settle(future)
end

--- Takes a future out of the chain of those whose waiters were not all called.
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

--- Has a function called when a future is done. (Most have but one, which needs no list.)
function futures.on_done(future, wake)
  if not future.wake then
    future.wake = wake
    return
  end
  local waiters = future.waiters or {}
  future.waiters = waiters
  waiters[#waiters + 1] = wake
end

--- Takes that back.
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

--- Puts a task to those that can go on. Takes no memory.
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

--- Goes on with the first task that can. If memory is short, the next poll does.
function futures:run_first()
  core.reserve_stack()
  local task = self.first_ready
  if not task then -- a finalizer has polled meanwhile
    return
  end
  self.first_ready = task.next_ready
  self.last_ready = self.first_ready and self.last_ready
  task.is_ready = false
  self.busy = self.busy + 1
  local ran, why = pcall(task.go_on, task)
  self.busy = self.busy - 1
  if ran then
    return
  elseif compat.is_shortage(why) then
    self:make_ready(task)
    error(why, 0)
  end
  self:note(why)
end

return futures
