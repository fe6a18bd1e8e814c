--- Calls in flight together, for an operation that is made of them.
---
--- Only whoever waits here begins the next ones: where the host drops its thread, or Ctrl-C ends it, no
--- more are begun. What the calls' callbacks need is in tables, since what a closure finds on a dropped
--- stack is gone.
local errors = require("twilio.numbers.errors")

local together = {}

local Group = {}
Group.__index = Group

--- The callback of the i-th.
local function callback_of(group, i)
  return function(value, message, err)
    group.pendings[i] = nil
    group.ended[#group.ended + 1] = { i = i, value = value, message = message, err = err }
    if group.news then
      group.call.flight:complete(group.news)
    end
  end
end

--- Begins as many as may be in flight at once.
function Group:fill()
  local call = self.call
  while self.active < call.config.max_in_flight and self.next_one <= self.count do
    if call.stopped then
      return
    end
    local i = self.next_one
    call:extend()
    self.next_one, self.active = i + 1, self.active + 1
    local on_done = callback_of(self, i)
    local pending, message, err = self.begin(i, on_done)
    if not pending then
      on_done(nil, message, err)
    elseif not pending:done() then
      self.pendings[i] = pending
    end
  end
end

--- Tells of those that have ended.
function Group:deliver()
  local ended = self.ended
  self.ended = {}
  for _, one in ipairs(ended) do
    self.active = self.active - 1
    self.on_result(one.i, one.value, one.message, one.err)
  end
end

local function canceller(group)
  return function()
    group.call.stopped = true
    for _, pending in pairs(group.pendings) do
      pending:cancel()
    end
  end
end

--- Waits until one has ended.
---@return boolean waited
---@return any why not: what broke the wait off
function Group:wait()
  local call = self.call
  if self.ended[1] then
    return true
  end
  self.news = {}
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
  for i in pairs(self.pendings) do
    local reason = "the wait for it was broken off"
    self.on_result(i, errors.fail { kind = "cancelled", purchased = "unknown", reason = reason })
  end
end

--- Runs calls in flight, as many at once as the client may have, and waits for all of them.
---@param call table
---@param count integer
---@param begin function(i, on_done): begins the i-th; returns nil, message, err if that cannot be
---@param on_result function(i, value, message, err)
function together.run(call, count, begin, on_result)
  local group = setmetatable({
    call = call,
    count = count,
    begin = begin,
    on_result = on_result,
    next_one = 1,
    active = 0, -- begun, and not told of yet
    pendings = {}, -- by their place
    ended = {},
  }, Group)
  call.on_cancel = canceller(group)
  group:fill()
  while group.active > 0 do
    local waited, why = group:wait()
    if not waited then
      call.on_cancel = nil
      group:leave()
      return why and error(why, 0)
    end
    group:deliver()
    group:fill()
  end
  call.on_cancel = nil
end

return together
