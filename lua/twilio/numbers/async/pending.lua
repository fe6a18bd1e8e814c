--- A call in flight, as purchase_async returns it: what a program may ask of it, and its results. A task runs
--- the call, see task.lua. meta/in_flight.lua documents the methods.
local compat = require("twilio.numbers.compat")
local hosts = require("twilio.numbers.hosts")

local status = compat.coroutine.status

local Pending = { __name = "twilio.numbers.Pending" }
Pending.__index = Pending

--- Creates it with all of its fields, so that recording how the call ended allocates nothing.
---@param task table
---@param callback function|nil
function Pending.new(task, callback)
  return setmetatable({
    task = task, -- false: the call is done, and the task may run another one
    callback = callback or false,
    is_done = false, -- it has ended, and its waiters were called
    number = false,
    message = false,
    err = false,
    future = false, -- of the waiters
  }, Pending)
end

function Pending:done()
  if not self.is_done then
    self.task.call.client.scheduler:end_overdue()
  end
  return self.is_done
end

function Pending:result()
  if self:done() then
    return self.number, self.message, self.err
  end
  return nil, "still in flight"
end

local WITHIN = "still in flight: it cannot end before the function that waits for it returns"

--- Whether this code runs within the call: in on_progress, for example.
local function is_within(task)
  local thread = task.thread or task.host_thread
  local how = thread and status(thread)
  return how == "running" or how == "normal"
end

function Pending:wait(seconds)
  compat.check_seconds(seconds)
  if not self:done() then
    if is_within(self.task) then
      return nil, WITHIN
    end
    local client = self.task.call.client
    local scheduler = client.scheduler
    local loop, message = hosts.find(client.config.loop)
    if message then
      return nil, "still in flight: " .. message
    end
    if self:done() then -- finding the loop may have yielded
      return self:result()
    end
    self.future = self.future or scheduler.new_future()
    if self.is_done then -- a finalizer has polled in between
      return self:result()
    end
    scheduler:wait(self.future, loop, seconds)
    if not (loop and loop.spawn) then -- there is no host that reports it
      scheduler:raise()
    end
  end
  return self:result()
end

function Pending:cancel()
  if self:done() then
    return false
  end
  self.task.call:cancel()
  return true
end

function Pending:__tostring()
  return "twilio.numbers pending call (" .. (self.is_done and "done" or "in flight") .. ")"
end

return Pending
