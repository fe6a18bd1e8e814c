--- Alarms of a scheduler: futures that are done when their time has come.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local alarms = {}

--- Ends a future at the time `due` in it, unless it is disarmed before.
function alarms:arm(future)
  self:get_io_thread() -- which watches the clock
  self.alarms[future] = true
  if not self.next_alarm or future.due < self.next_alarm then
    self:wake_at(future.due)
  end
end

--- A future that is done after so many seconds.
function alarms:alarm(seconds)
  local future =
    { due = core.now() + seconds, done = false, wake = false, task = false, call = false }
  self:arm(future)
  return future
end

--- Forgets an alarm.
function alarms:disarm(future)
  self.alarms[future] = nil
end

--- Has news at that time. An I/O thread that cannot has news at once, and is asked again by the poll() which
--- that brings.
function alarms:wake_at(time)
  self.next_alarm = time
  if self.io_thread and not self.io_thread:wake_at(time) then
    self.is_unwoken = true
    self.io_thread:ring()
  end
end

--- Ends the alarms whose time has come: poll() calls their waiters.
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
