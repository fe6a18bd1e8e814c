--- What hosts use of a scheduler, and nothing else of it: what to watch and for how long, and how to wait.
local block = require("twilio.numbers.hosts.block")
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local for_hosts = {}

local LOOK_EVERY = 0.01 -- seconds

--- A signal that comes just before a doze does not end it, and Ctrl-C must be heard.
local LONGEST_DOZE = 1 -- seconds

--- Whether poll() has something to do now.
function for_hosts:has_news()
  return self.has_io_news and self.has_io_news() or self.first_ready ~= false
end

--- Whether poll() will have something to do. (A task counts as pending until its coroutine has ended, long
--- after the last news.)
function for_hosts:has_work()
  return next(self.futures) ~= nil
    or next(self.alarms) ~= nil
    or self.first_ready ~= false
    or self.unfinished ~= false
end

--- How much there is to do for the I/O thread.
---@return integer? in_flight requests at Twilio; nil: there is no I/O thread
---@return integer? queued
---@return integer? limit of in_flight
function for_hosts:load()
  if self.io_thread then
    return self.io_thread:load()
  end
end

--- Whether futures are done whose waiters were not called yet: the next poll() does that.
function for_hosts:has_unfinished()
  return self.unfinished ~= false
end

--- The I/O thread, if there is one already.
function for_hosts:current_io_thread()
  return self.io_thread or nil
end

--- Readable whenever poll() has something to do; nil where there can be no I/O thread.
function for_hosts:pollfd()
  local io_thread = self:get_io_thread()
  self.is_watched = true
  return io_thread and io_thread:descriptor()
end

--- The same for a host of ours, which says when it watches it no more.
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

--- Seconds until poll() has something to do by the clock alone, or nil.
function for_hosts:timeout()
  if self.first_ready or self.unfinished then
    return 0
  end
  return self.next_alarm and math.max(0, self.next_alarm - core.now()) or nil
end

--- Made where it has returned: what a closure finds on the stack of a thread that the host drops is gone.
local function waker(scheduler, either)
  return function()
    scheduler:complete(either)
  end
end

--- Waits in the way of a loop, or blocks without one; with `seconds` no longer than that.
function for_hosts:wait(future, loop, seconds)
  loop = loop or block
  if future.done then
    return
  elseif not seconds then
    return loop.wait(self, future)
  elseif loop ~= block and not self:get_io_thread() then -- nothing would tell when the time is over
    local ends = core.now() + seconds
    while loop.sleep and not future.done and core.now() < ends do
      loop.sleep(LOOK_EVERY)
    end
    return
  end
  local either, over = { done = false, wake = false }, self:alarm(seconds)
  local wake = waker(self, either)
  self.on_done(future, wake)
  self.on_done(over, wake)
  loop.wait(self, either)
  self.off_done(future, wake)
  self:disarm(over)
end

--- Blocks until there may be news, at most so long.
function for_hosts:doze(seconds)
  local left = math.min(seconds, self:timeout() or seconds, LONGEST_DOZE)
  if self.io_thread then
    self.io_thread:wait(left)
  else
    core.sleep(left)
  end
end

return for_hosts
