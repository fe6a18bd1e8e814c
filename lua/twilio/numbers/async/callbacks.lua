--- Telling who waits, each of them once, whatever goes wrong on the way: what a callback raises is kept for
--- poll() to raise, and a pending that an error kept from its end is kept for the next poll.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")

---@class twilio.numbers.Flight
local telling = {}

--- How many are told, whatever the clock says.
local LEAST = 2

local function note(failures, why)
  failures[#failures + 1] = { why = why }
end

--- Keeps what was raised for poll() to raise. Where memory was short, and a pending is kept for that, the
--- next poll goes on with it: then it is not raised, unless it is still short.
function telling:note(why)
  local is_shortage = compat.is_shortage(why)
  if is_shortage and self.kept or not pcall(note, self.failures, why) then
    self.shortage = is_shortage and why or self.shortage
  end
end

--- Calls a function; what it raises is raised by poll() once all have been told.
function telling:tell(f, value)
  local called, why = pcall(f, value)
  if not called then
    self:note(why)
  end
end

--- Calls who is to be told, taken from a table, once: with room for the call, so that it is begun.
local function call_once(list, key, record)
  core.need_room()
  local f = list[key]
  list[key] = false
  if f then -- else a finalizer has polled meanwhile
    f(record)
  end
end

local function tell_once(self, list, key, record)
  local called, why = pcall(call_once, list, key, record)
  if not called and list[key] then
    error(why, 0) -- it was not begun, for want of memory: the next poll tells it
  elseif not called then
    self:note(why)
  end
end

--- Ends a wait. Goes on where an error broke it off.
function telling:complete(record)
  if record.completed then
    return
  end
  record.done = true
  if record.arrived then
    tell_once(self, record, "arrived", record)
  end
  if record.wake then
    tell_once(self, record, "wake", record)
  end
  local waiters = record.waiters
  for i = 1, waiters and #waiters or 0 do
    if waiters[i] then
      tell_once(self, waiters, i, record)
    end
  end
  record.completed = true
end

--- Has a function called when a record is done, besides those that will be already. (Most records have
--- but one, which needs no list.)
function telling.on_done(record, wake)
  if not record.wake then
    record.wake = wake
    return
  end
  local waiters = record.waiters or {}
  record.waiters = waiters
  waiters[#waiters + 1] = wake
end

--- Takes that back.
function telling.off_done(record, wake)
  if record.wake == wake then
    record.wake = false
    return
  end
  for i, waiter in ipairs(record.waiters or {}) do
    if waiter == wake then
      record.waiters[i] = false
      return
    end
  end
end

--- A place for a record that is being completed: an error may break that off.
local function place_for(incomplete)
  local place = 1
  while incomplete[place] do
    place = place + 1
  end
  return place
end

--- Raises what a callback raised; the next one another time.
function telling:raise()
  if self.failures[1] then
    error(table.remove(self.failures, 1).why, 0)
  end
end

--- Tells who waits for what is settled. Whoever is told may poll, and wait for another of the list:
--- so it is the same for all polls.
---@param ends? number when to stop, after LEAST at the least
---@return boolean is_rest
function telling:settle(ends)
  local settled, told, incomplete = self.settled, 0, self.incomplete
  if self.is_incomplete then
    for i = 1, #incomplete do
      if incomplete[i] then
        self:complete(incomplete[i])
        incomplete[i] = false
      end
    end
    self.is_incomplete = false
  end
  while settled[self.next_settled] do
    if ends and told >= LEAST and core.now() >= ends then
      return true
    end
    local record, place = settled[self.next_settled], place_for(incomplete)
    incomplete[place], self.is_incomplete = record, true
    settled[self.next_settled] = false
    self.next_settled = self.next_settled + 1
    self:complete(record)
    incomplete[place], self.is_incomplete = false, place > 1
    told = told + 1
  end
  for i = self.next_settled - 1, 1, -1 do
    settled[i] = nil
  end
  self.next_settled = 1
  return false
end

--- Ends the pendings that something kept from it.
function telling:mend()
  local pending = self.kept
  while pending do
    local following = pending.next_kept
    self:tell(pending.mend, pending)
    pending = following
  end
end

--- A pending that is not kept any more: its end has come, or it waits.
function telling:let_go(pending)
  local before = self.kept
  if before == pending then
    self.kept = pending.next_kept
  else
    while before and before.next_kept ~= pending do
      before = before.next_kept
    end
    if before then
      before.next_kept = pending.next_kept
    end
  end
  pending.is_kept, pending.next_kept = false, false
end

return telling
