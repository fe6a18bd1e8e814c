--- Calls in flight together, for an operation that is made of them.
---
--- New calls are begun only by the waiting coroutine: where the host drops it, or Ctrl-C ends it, no more
--- are begun. What the callbacks need is in tables, since what a closure finds on a dropped stack is gone.
local errors = require("twilio.numbers.errors")

local groups = {}

---@class twilio.numbers.Group
local Group = {}
Group.__index = Group

--- The callback of the i-th: what has ended is a chain.
local function callback_of(group, i)
  local one = { i = i, value = false, message = false, err = false, following = false }
  return function(value, message, err)
    one.value, one.message, one.err = value, message, err
    if group.last then
      group.last.following = one
    else
      group.first = one
    end
    group.last = one
    group.tasks[i] = false
    if group.news then
      group.call.client.scheduler:complete(group.news)
    end
  end
end

--- Begins as many as may be in flight at once.
function Group:fill()
  local call = self.call
  while self.active < call.client.config.max_in_flight and self.next_one <= self.count do
    if call.state.stopped then
      return
    end
    local i = self.next_one
    call:extend()
    self.next_one, self.tasks[i] = i + 1, false -- a place for it
    local on_done = callback_of(self, i)
    local task, message, err = self.begin(i, on_done)
    self.active = self.active + 1
    if not task then
      on_done(nil, message, err)
    elseif not task.is_done then
      self.tasks[i] = task
    end
  end
end

--- Reports those that have ended. One whose report an error broke off is reported again.
function Group:deliver()
  while self.first do
    local one = self.first
    self.on_result(one.i, one.value, one.message, one.err)
    self.first, self.active = one.following, self.active - 1
    if not self.first then
      self.last = false
    end
  end
end

--- Begins no more, and gives up those in flight.
function Group:cancel()
  self.call.state.stopped = true
  for _, task in pairs(self.tasks) do
    if task then
      task:cancel()
    end
  end
end

--- Waits until one has ended.
---@return boolean waited
---@return any why not: what broke the wait off
function Group:wait()
  local call = self.call
  if self.first then
    return true
  end
  self.news = { done = false, wake = false }
  local waited, why = true, nil
  if call.loop then
    call:wait(self.news)
  else
    waited, why = pcall(call.wait, call, self.news)
  end
  return waited and self.news.done, why
end

--- Gives up those that are in flight: their outcomes are not waited for.
function Group:leave()
  self:cancel()
  self:deliver()
  for i, task in pairs(self.tasks) do
    if task then
      local reason = "the wait for it was aborted"
      self.on_result(i, errors.fail { kind = "cancelled", purchased = "unknown", reason = reason })
    end
  end
end

--- Waits for all that were begun, and begins the others.
function Group:go_on()
  local call = self.call
  while self.active > 0 do
    local waited, why = self:wait()
    if not waited then
      self:leave()
      call.group = false
      return why and error(why, 0)
    end
    self:deliver()
    self:fill()
  end
  call.group = false
end

--- Runs calls in flight, as many at once as the client may have, and waits for all of them.
---@param call twilio.numbers.Call its state has a field `stopped`, which is true when no more are to begin
---@param count integer
---@param begin function(i, on_done): begins the i-th; returns nil, message, err if that cannot be
---@param on_result function(i, value, message, err)
function groups.run(call, count, begin, on_result)
  local group = setmetatable({
    call = call,
    count = count,
    begin = begin,
    on_result = on_result,
    next_one = 1,
    active = 0, -- begun, and not reported yet
    tasks = {}, -- by their place
    first = false, -- of those that have ended
    last = false,
    news = false,
  }, Group)
  call.group = group
  group:fill()
  group:go_on()
end

return groups
