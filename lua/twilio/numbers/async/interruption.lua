--- What poll() puts right after an error that interrupted it: that of a debug hook (Ctrl-C) or a finalizer
--- may come between any two instructions, and a lack of memory at any call, with a response or task in hand.
---
--- It allocates nothing, and may itself be interrupted: the next poll() repeats it.
---@class twilio.numbers.Scheduler
local interruption = {}

--- Queues the futures of the responses that have arrived.
local function queue_futures(self)
  local future = self.unfinished
  while future do -- an error may have come before one was marked; queued twice it would make the chain a ring
    future.done = true
    future = future.before
  end
  for response, one in next, self.futures do
    if response:is_done() then
      self:queue(one)
      self.futures[response] = nil
    end
  end
end

--- Repairs the chain of ready tasks, and queues those that ought to be in it. (To resume one that waits for
--- something else does nothing.) The tasks of the chain are marked by the number of this repair, since other
--- marks may be wrong, and no task of the chain may be without one: make_ready() would cut the chain there.
local function queue_tasks(self)
  local mark = self.repairs + 1
  self.repairs = mark
  local task, last = self.first_ready, false
  while task do
    task.is_ready = mark
    last, task = task, task.next_ready
  end
  self.last_ready = last
  for call, one in next, self.tasks do
    local future = call.waiting_on
    if one.is_ready ~= mark then
      one.is_ready = false
    end
    if one.is_ended or one.why or (future and future.done) then
      self:make_ready(one)
    end
  end
end

--- Continues what an error interrupted. Nothing else may be running.
function interruption:resume_interrupted()
  self.busy = 0
  queue_futures(self)
  queue_tasks(self)
  self:recount_stores()
  self:recount_owing()
  self.is_interrupted = false
end

return interruption
