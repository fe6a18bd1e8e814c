--- The interface of a scheduler for hosts: what to watch and for how long, and how to wait.
local block = require("twilio.numbers.hosts.block")
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local for_hosts = {}

local LOOK_EVERY = 0.01 -- seconds

--- A signal just before a doze does not end it, so a limit keeps Ctrl-C responsive.
local LONGEST_DOZE = 1 -- seconds

--- Whether poll() has work to do now.
function for_hosts:has_news()
  return self.has_io_news and self.has_io_news() or self.first_ready ~= false
end

--- Whether poll() will have work to do. (A task counts as pending until its coroutine ends, long after its
--- last event.)
function for_hosts:has_work()
  return next(self.futures) ~= nil
    or next(self.alarms) ~= nil
    or self.first_ready ~= false
    or self.unfinished ~= false
end

--- The load of the I/O thread.
---@return integer? in_flight requests in flight; nil: there is no I/O thread
---@return integer? queued
---@return integer? limit of in_flight
function for_hosts:load()
  if self.io_thread then
    return self.io_thread:load()
  end
end

--- Whether futures are done whose waiters the next poll() has yet to call.
function for_hosts:has_unfinished()
  return self.unfinished ~= false
end

--- The I/O thread, if it has been started.
function for_hosts:current_io_thread()
  return self.io_thread or nil
end

--- A descriptor that is readable whenever poll() has work to do; nil without an I/O thread.
function for_hosts:pollfd()
  local io_thread = self:get_io_thread()
  self.is_watched = true
  return io_thread and io_thread:descriptor()
end

--- The same for a host of this library, which calls unwatch() when it stops watching.
function for_hosts:watch()
  local io_thread = self:get_io_thread()
  self.watchers = self.watchers + 1
  return io_thread and io_thread:descriptor()
end

function for_hosts:unwatch()
  self.watchers = self.watchers - 1
  if self.watchers == 0 and not self.is_watched then
    self:close_io_thread()
  end
end

--- For cqueues.
function for_hosts.events()
  return "r"
end

--- Seconds until the next timer, or nil.
function for_hosts:timeout()
  if self.first_ready or self.unfinished then
    return 0
  end
  return self.next_alarm and math.max(0, self.next_alarm - core.now()) or nil
end

--- Returns a waiter. A function of its own closes the upvalues, which would be lost with the stack of a
--- thread that the host drops.
local function waker(scheduler, either)
  return function()
    scheduler:complete(either)
  end
end

--- Waits without an I/O thread: only poll() advances the calls that no host runs.
local function wait_by_sleeping(self, future, loop, ends)
  while loop.sleep and not future.done and core.now() < ends do
    self:move_on_patiently()
    if not future.done then
      loop.sleep(math.min(LOOK_EVERY, self:timeout() or LOOK_EVERY))
    end
  end
end

--- Waits in an event loop, or blocks without one, for at most `seconds`.
function for_hosts:wait(future, loop, seconds)
  loop = loop or block
  if future.done then
    return
  elseif not seconds then
    return loop.wait(self, future)
  elseif loop ~= block and not self:get_io_thread() then -- there is no timer for the time limit
    return wait_by_sleeping(self, future, loop, core.now() + seconds)
  end
  local either, over = self.new_future(), self:alarm(seconds)
  local wake = waker(self, either)
  self.on_done(future, wake)
  self.on_done(over, wake)
  if not future.done then -- else a finalizer has polled in between
    loop.wait(self, either)
  end
  self.off_done(future, wake)
  self:disarm(over)
end

--- Blocks until there may be events, or a time limit.
function for_hosts:doze(seconds)
  local left = math.min(seconds, self:timeout() or seconds, LONGEST_DOZE)
  if self.io_thread then
    self.io_thread:wait(left)
  else
    core.sleep(left)
  end
end

return for_hosts
