--- Calls in flight together, for an operation that is made of them.
---
--- Only whoever waits here begins the next ones: where the host drops its thread, or Ctrl-C ends it, no
--- more are begun. What the calls' callbacks need is in tables, since what a closure finds on a dropped
--- stack is gone.
local errors = require("twilio.numbers.errors")
local purchase = require("twilio.numbers.api.purchase")

local groups = {}

local Group = {}
Group.__index = Group

--- The callback of the i-th, which takes no memory: what has ended is a chain.
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
    group.pendings[i] = false
    if group.news then
      group.news.done = true -- even if there is no memory to tell of it
      group.call.client.flight:complete(group.news)
    end
  end
end

--- Begins as many as may be in flight at once.
function Group:fill()
  local call = self.call
  while self.active < call.client.config.max_in_flight and self.next_one <= self.count do
    if call.stopped then
      return
    end
    local i = self.next_one
    call:extend()
    self.next_one, self.pendings[i] = i + 1, false -- a place for it
    local on_done = callback_of(self, i)
    local pending, message, err = self.begin(i, on_done)
    self.active = self.active + 1 -- it is begun, and to note that takes no memory
    if not pending then
      on_done(nil, message, err)
    elseif not pending.is_done then
      self.pendings[i] = pending
    end
  end
end

--- Tells of those that have ended. One whose telling an error broke off is told again.
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

local function canceller(group)
  return function()
    group.call.stopped = true
    for _, pending in pairs(group.pendings) do
      if pending then
        pending:cancel()
      end
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
  self.news = { done = false, completed = false, arrived = false, wake = false }
  local waited, why = true, nil
  if call.loop then
    call:await(self.news)
  else
    waited, why = pcall(call.await, call, self.news)
  end
  return waited and self.news.done == true, why
end

--- Gives up those that are in flight, of which nobody will hear here.
function Group:leave()
  canceller(self)()
  self:deliver()
  for i, pending in pairs(self.pendings) do
    local reason = "the wait for it was broken off"
    if pending then
      self.on_result(i, errors.fail { kind = "cancelled", purchased = "unknown", reason = reason })
    end
  end
end

--- Runs calls in flight, as many at once as the client may have, and waits for all of them.
---@param call table
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
    active = 0, -- begun, and not told of yet
    pendings = {}, -- by their place
    first = false, -- of those that have ended
    last = false,
    news = false,
  }, Group)
  call.group = group
  call.on_cancel = canceller(group)
  group:fill()
  group:go_on()
end

--- Begins no more purchases, and gives up those that were not sent yet. What a call gives back is finished.
---@param call table
---@return integer sent how many are to be waited for
function groups.stop(call)
  local group, sent = call.group, 0
  for _, pending in pairs(group and group.pendings or {}) do
    local is_sent = pending and (call.is_giving_back or purchase.is_out(pending.call))
    if is_sent then
      sent = sent + 1
    elseif pending then
      pending:cancel()
    end
  end
  call.stopped = not call.is_giving_back
  return sent
end

--- Waits for all that were begun, and begins the others.
function Group:go_on()
  local call, group = self.call, self
  while group.active > 0 do
    local waited, why = group:wait()
    if not waited then
      call.on_cancel = nil
      group:leave()
      call.group = false
      return why and error(why, 0)
    end
    group:deliver()
    group:fill()
  end
  call.on_cancel, call.group = nil, false
end

return groups
