--- Calls in flight together, as parts of one operation.
---
--- Only the waiting coroutine starts new calls: if the host drops it, or Ctrl-C ends it, no more are started.
--- The state of the callbacks is in tables, since upvalues on a dropped stack are lost.
local errors = require("twilio.numbers.errors")

local groups = {}

---@class twilio.numbers.Group
local Group = {}
Group.__index = Group

--- Puts an ended call into the chain, after an error that may have interrupted append().
local function append_again(group, one)
  local other, tail, is_in = group.first, false, false
  while other do
    is_in = is_in or other == one
    tail, other = other, other.following
  end
  if not is_in and tail then
    tail.following = one
  elseif not is_in then
    group.first = one
  end
  tail = tail or one
  while tail.following do
    tail = tail.following
  end
  group.last = tail
end

local function append(group, one)
  local last = group.last
  one.is_queued = true
  group.last = one
  if last then
    last.following = one
  else
    group.first = one
  end
end

--- The callback of the i-th call. Ended calls form a chain. It is called again after an error such as Ctrl-C,
--- which may come between any two instructions.
local function callback_of(group, i)
  local one = {
    i = i,
    value = false,
    message = false,
    err = false,
    following = false,
    is_queued = false, -- or nearly
    is_reported = false,
  }
  return function(value, message, err)
    one.value, one.message, one.err = value, message, err
    if one.is_queued and not one.is_reported then
      append_again(group, one)
    elseif not one.is_reported then
      append(group, one)
    end
    if group.news then
      group.call.client.scheduler:complete(group.news)
    end
  end
end

--- Starts calls up to the limit of calls in flight.
function Group:fill()
  local call = self.call
  while self.active < call.client.config.max_in_flight and self.next_one <= self.count do
    if call.state.stopped then
      return
    end
    local i = self.next_one
    call:extend()
    self.next_one, self.parts[i] = i + 1, false -- reserves the slot
    local on_done = callback_of(self, i)
    local pending, message, err = self.begin(i, on_done)
    self.active = self.active + 1
    if not pending then
      on_done(nil, message, err)
    elseif not pending.is_done then
      self.parts[i] = pending
    end
  end
end

--- Reports ended calls. A report that an error interrupted is repeated.
function Group:deliver()
  while self.first do
    local one = self.first
    self.on_result(one.i, one.value, one.message, one.err)
    one.is_reported, self.parts[one.i] = true, false
    self.first, self.active = one.following, self.active - 1
    if not self.first then
      self.last = false
    end
  end
end

--- Starts no more calls, and cancels those in flight.
function Group:cancel()
  self.call.state.stopped = true
  for _, pending in pairs(self.parts) do
    if pending then
      pending:cancel()
    end
  end
end

--- Waits until a call has ended.
---@return boolean waited
---@return any why the error that interrupted the wait
function Group:wait()
  local call = self.call
  if self.first then
    return true
  end
  self.news = call.client.scheduler.new_future()
  local waited, why = true, nil
  if call.loop then
    call:wait(self.news)
  else
    waited, why = pcall(call.wait, call, self.news)
  end
  return waited and self.news.done, why
end

--- Abandons the calls in flight, without waiting for their outcomes.
function Group:leave()
  self:cancel()
  self:deliver()
  for i, pending in pairs(self.parts) do
    if pending and pending.is_done then
      self.on_result(i, pending.number, pending.message, pending.err)
    elseif pending then
      local reason = "the wait for it was aborted"
      self.on_result(i, errors.fail { kind = "cancelled", purchased = "unknown", reason = reason })
    end
  end
end

--- Waits for all calls in flight, and starts the others.
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

--- Runs calls in flight, up to the client's limit, and waits for all of them.
---@param call twilio.numbers.Call its state has a field `stopped`: true if no more may start
---@param count integer
---@param begin function(i, on_done): starts the i-th; returns nil, message, err if it cannot
---@param on_result function(i, value, message, err)
function groups.run(call, count, begin, on_result)
  local group = setmetatable({
    call = call,
    count = count,
    begin = begin,
    on_result = on_result,
    next_one = 1,
    active = 0, -- started and not reported yet
    parts = {}, -- pending calls, by index
    first = false, -- of the chain of ended calls
    last = false,
    news = false,
  }, Group)
  call.group = group
  group:fill()
  group:go_on()
end

return groups
