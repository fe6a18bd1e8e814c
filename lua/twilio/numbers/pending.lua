--- A call in flight, as purchase_async returns it.
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local loops = require("twilio.numbers.loops")
local purchase = require("twilio.numbers.purchase")

local coroutine = compat.coroutine

---@class twilio.numbers.Pending
local Pending = { __name = "twilio.numbers.Pending" }
Pending.__index = Pending

-- luacheck: push std max
local unpack = table.unpack or unpack
-- luacheck: pop

local function pack(...)
  return { n = select("#", ...), ... }
end

local YIELDED =
  "a function of yours yielded, which it may only where the option loop names the host"

--- What a coroutine of ours yields when poll() is to resume it.
local WAITING = {}

local function call_back(callback, ...)
  callback(...)
end

local function call_back_each()
  while true do
    call_back(coroutine.yield(WAITING))
  end
end

--- The coroutine for callbacks; one is enough as long as none yields or raises.
local idle

--- Calls a callback from poll(): if it could suspend that, the results of others would wait with it.
local function call_back_apart(...)
  local thread = idle
  if not thread then
    thread = coroutine.create(call_back_each)
    coroutine.resume(thread)
  end
  idle = nil -- the callback may poll
  loops.enter_callback()
  local resumed, yielded = coroutine.resume(thread, ...)
  loops.leave_callback()
  if not resumed or yielded ~= WAITING then
    error(resumed and YIELDED or yielded, 0)
  end
  idle = thread
end

---@param call table
---@param callback function|nil
function Pending.new(call, callback)
  local self = setmetatable({ call = call, callback = callback, is_done = false }, Pending)
  call.flight:add(self)
  return self
end

--- The end of the call, of which everybody is told who waits.
function Pending:finish(number, message, err)
  if self.is_done then
    return
  end
  self.is_done, self.number, self.message, self.err = true, number, message, err
  local call, flight = self.call, self.call.flight
  flight:remove(self)
  if self.record then
    flight:complete(self.record)
  end
  if self.callback then
    local is_hosted = call.loop and call.loop.spawn
    local how = is_hosted and (call.loop.call_back or call_back) or call_back_apart
    how(self.callback, number, message, err)
  end
end

--- The end of a call that something else than Twilio broke off.
---@param reason string
---@param purchased? "no"|"unknown"|"yes" default: what is certain without looking
function Pending:break_off(reason, purchased)
  local call = self.call
  self:finish(errors.fail {
    kind = call.client.closed and "closed" or "cancelled",
    purchased = purchased or (call.attempts > 0 and "unknown" or "no"),
    phone_number = call.phone_number,
    attempts = call.attempts,
    reason = reason,
  })
end

--- The end of a call whose coroutine the host does not resume any more, with what is known.
function Pending:abandon()
  local call = self.call
  local record = call.waits_for
  if record and record.number then
    return self:finish(record.number)
  end
  call:cancel() -- if it is resumed after all, it sends nothing more
  if call.number then
    return self:finish(call.number, "the number was bought; whether all was set is not known")
  end
  self:break_off("the host's loop has left it", purchase.money(call, record))
end

--- Goes on with the call until it waits again.
local function step(self, thread)
  local resumed, yielded = coroutine.resume(thread)
  if not resumed then
    self:break_off(compat.tostring(yielded))
    error(yielded, 0)
  elseif coroutine.status(thread) ~= "dead" and yielded ~= WAITING then
    self:break_off(YIELDED)
  end
end

--- The loop of a call that poll() moves on.
local function polled_loop(self, thread)
  return {
    is_polled = true,
    wait = function(flight, record)
      flight.on_done(record, function()
        step(self, thread)
      end)
      while not record.done do
        coroutine.yield(WAITING)
      end
    end,
  }
end

--- Runs the call, or the rest of it, in a coroutine that poll() moves on.
---@param buy function returns what the call ends with
---@param is_beginning? boolean so that it may not end before this has returned
function Pending:run_polled(buy, is_beginning)
  local call = self.call
  local thread = coroutine.create(function()
    local number, message, err = buy()
    if is_beginning then
      call:sleep(0)
    end
    self:finish(number, message, err)
  end)
  call.loop = polled_loop(self, thread)
  step(self, thread)
  is_beginning = false
end

--- Runs the call as the host runs things.
---@return string? why the host does not
function Pending:run_hosted(go)
  local call, is_beginning = self.call, true
  call.flight:expect(self, call.ends)
  local started, why = call.loop.spawn(call.flight, function()
    local value, message, err = go()
    if is_beginning then
      call:sleep(0)
    end
    self:finish(value, message, err)
  end)
  is_beginning = false
  if started == nil and why then
    return why
  end
end

--- Ends the call with what its first request brought; goes on with it if that was no number.
local function settle(record)
  local self = record.pending
  local call = self.call
  call.waits_for = nil
  if record.number and not record.form then
    return self:finish(self.operation.settle(call, record.number))
  end
  self:run_polled(function()
    if record.number then
      return self.operation.settle(call, self.operation.complete(call, record.number, record.form))
    end
    return self.operation.go_on(call, record.form, record.answer)
  end)
end

--- Begins the call. Its callback is never called from here.
---@param operation table see run.lua
---@return string? why it cannot begin
function Pending:begin(operation, ...)
  local begun, why = pcall(self.begin_unprotected, self, operation, ...)
  if (not begun or why) and not self.is_done then
    self.call.flight:remove(self)
  end
  if not begun then
    error(why, 0)
  end
  return why
end

--- A function that runs an operation to its end.
local function runner(operation, call, ...)
  local arguments = pack(...)
  return function()
    return operation.run(call, unpack(arguments, 1, arguments.n))
  end
end

function Pending:begin_unprotected(operation, ...)
  local call = self.call
  if call.loop and call.loop.spawn then
    return self:run_hosted(runner(operation, call, ...))
  elseif not operation.begin then
    return self:run_polled(runner(operation, call, ...), true)
  end
  -- most purchases end with the answer to their first request, and need no coroutine
  local record, wrong = operation.begin(call, ...)
  if record and not record.done then
    call.waits_for = record
    record.pending = self
    self.operation = operation
    call.flight.on_done(record, settle)
    return
  end
  local go = not (wrong or record) and runner(operation, call, ...)
  self:run_polled(function()
    if wrong then
      return operation.settle(call, operation.refuse(wrong))
    elseif record then
      return operation.go_on(call, record.form, record.answer)
    end
    return go()
  end, true)
end

--- Whether the outcome is known.
---@return boolean
function Pending:done()
  if not self.is_done then
    self.call.flight:abandon_overdue()
  end
  return self.is_done
end

--- The outcome, as purchase returns it; while it is not known: nil and a message.
---@return twilio.numbers.Number? number
---@return string? message
---@return twilio.numbers.Error? err nil while the purchase is still in flight
function Pending:result()
  if self:done() then
    return self.number, self.message, self.err
  end
  return nil, "still in flight"
end

--- Waits for the outcome, in the way of the host that it is called in. In a host without a loop it
--- raises, as poll() does, what a callback raised.
---@param seconds? number at most so long; default: as long as it takes
---@return twilio.numbers.Number? number
---@return string? message
---@return twilio.numbers.Error? err
function Pending:wait(seconds)
  compat.check_seconds(seconds)
  if not self:done() then
    local loop, message = loops.find(self.call.config.loop)
    if message then
      return errors.invalid { { name = "loop", message = message } }
    end
    self.record = self.record or {}
    self.call.flight:wait(self.record, loop, seconds)
    if not (loop and loop.spawn) then -- no host that reports it
      self.call.flight:raise()
    end
  end
  return self:result()
end

--- Gives the purchase up. Its outcome follows, as soon as it is known whether it was sent: kind
--- "cancelled", purchased "no" or "unknown"; or what Twilio has answered meanwhile.
---@return boolean cancelled false if the outcome was known already
function Pending:cancel()
  if self:done() then
    return false
  end
  self.call:cancel()
  return true
end

function Pending:__tostring()
  return "twilio.numbers pending call (" .. (self.is_done and "done" or "in flight") .. ")"
end

return Pending
