--- What poll() puts right after an error that interrupted it: that of a debug hook (Ctrl-C) or of a finalizer
--- may come between any two instructions, with a response or a task in hand.
---@class twilio.numbers.Scheduler
local interruption = {}

--- Queues the futures of the responses that have arrived.
local function queue_futures(self)
  for response, future in pairs(self.futures) do
    if response:is_done() then
      if self.unfinished ~= future then
        self:queue(future)
      end
      future.done, self.futures[response] = true, nil
    end
  end
end

--- Repairs the chain of ready tasks, and queues those that ought to be in it. (To resume one that waits for
--- something else does nothing.)
local function queue_tasks(self)
  local queued, task, last = {}, self.first_ready, false
  while task do
    queued[task], last, task = true, task, task.next_ready
  end
  self.last_ready = last
  for call, one in pairs(self.tasks) do
    local future = call.waiting_on
    one.is_ready = queued[one] ~= nil
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
