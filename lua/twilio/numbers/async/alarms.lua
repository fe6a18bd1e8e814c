--- Timers of a scheduler: futures that complete at a time.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local alarms = {}

--- Completes a future at its time `due`, unless it is disarmed before.
function alarms:arm(future)
  self:get_io_thread() -- which watches the clock
  self.alarms[future] = true
  if not self.next_alarm or future.due < self.next_alarm then
    self:wake_at(future.due)
  end
end

--- Returns a future that completes after a number of seconds.
function alarms:alarm(seconds)
  local future = self.new_future()
  future.due = core.now() + seconds
  self:arm(future)
  return future
end

--- Stops a timer.
function alarms:disarm(future)
  self.alarms[future] = nil
end

--- Makes the I/O thread wake the host at a time. If it cannot, it wakes the host at once, and the next poll()
--- tries again, as after an error (such as Ctrl-C) that comes before the I/O thread has the time.
function alarms:wake_at(time)
  self.is_unwoken, self.next_alarm = true, time
  if not self.io_thread then
    return
  elseif self.io_thread:wake_at(time) then
    self.is_unwoken = false
  else
    self.io_thread:ring()
  end
end

--- Completes the expired timers; poll() calls their waiters.
function alarms:end_alarms(now)
  self:notice_fork()
  local due, next_alarm = {}, false
  for future in pairs(self.alarms) do
    if future.due <= now then
      due[#due + 1] = future
    elseif not next_alarm or future.due < next_alarm then
      next_alarm = future.due
    end
  end
  for _, future in ipairs(due) do
    self:queue(future)
    self.alarms[future] = nil
  end
  self.next_alarm = next_alarm
  if next_alarm then
    self:wake_at(next_alarm)
  end
end

return alarms
