--- A call in flight, as purchase_async returns it.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")
local hosts = require("twilio.numbers.hosts")
local purchase = require("twilio.numbers.api.purchase")
local guard = require("twilio.numbers.async.guard")

local coroutine = compat.coroutine

---@class twilio.numbers.Pending
local Pending = { __name = "twilio.numbers.Pending" }
Pending.__index = Pending

local function pack(...)
  return { n = select("#", ...), ... }
end

local YIELDED =
  "a function of yours yielded, which it may only where the option loop names the host"

--- What a coroutine of ours yields when poll() is to resume it.
local WAITING = {}

--- Calls the callback of a pending, once: with room for the call, so that it is begun.
local function call_back(self, how)
  core.need_room()
  local callback = self.callback
  self.callback = false
  self.call.client.flight:let_go(self)
  if not callback then
    return -- a finalizer has polled meanwhile
  elseif how then
    return how(callback, self.number, self.message, self.err)
  end
  callback(self.number, self.message, self.err)
end

local function call_back_each()
  while true do
    call_back(coroutine.yield(WAITING))
  end
end

--- The coroutine for callbacks; one is enough as long as none yields or raises.
local idle

--- Calls a callback from poll(): if it could suspend that, the results of others would wait with it.
local function call_back_apart(self)
  local thread = idle
  if not thread then
    thread = coroutine.create(call_back_each)
    coroutine.resume(thread)
  end
  idle = nil -- the callback may poll
  hosts.callbacks = hosts.callbacks + 1
  local called, resumed, yielded = pcall(coroutine.resume, thread, self)
  hosts.callbacks = hosts.callbacks - 1
  if not called then
    error(resumed, 0)
  elseif not resumed or yielded ~= WAITING then
    error(resumed and YIELDED or yielded, 0)
  end
  idle = thread
end

---@param call table
---@param callback function|nil
function Pending.new(call, callback)
  return setmetatable({
    call = call,
    callback = callback or false,
    is_done = false,
    -- to set these takes no memory
    number = false,
    message = false,
    err = false,
    record = false, -- of those who wait
    thread = false, -- the coroutine of a call that poll() moves on
    why = false, -- what that raised
    tries = 0, -- to go on all the same
    is_kept = false, -- by the flight: on its way to its end, and it may break off there
    is_at_it = false, -- on that way now: a finalizer that polls must not begin it again
    next_kept = false,
  }, Pending)
end

--- Keeps a pending for the next poll, until something is done that an error may break off.
local function keep(self)
  local flight = self.call.client.flight
  if not self.is_kept then
    self.next_kept = flight.kept
    flight.kept = self
    self.is_kept = true
  end
  return flight
end

local function let_go(self, flight)
  if self.is_kept then
    flight:let_go(self)
  end
end

--- Tells everybody who waits. Goes on where an error broke that off.
local function tell(self)
  local call, flight = self.call, self.call.client.flight
  flight:remove(self)
  if self.record then
    flight:complete(self.record)
  end
  if not self.callback then
    let_go(self, flight)
  elseif call.loop and call.loop.spawn then
    call_back(self, call.loop.call_back)
  else
    call_back_apart(self)
  end
end

--- The end of the call, of which everybody is told who waits.
function Pending:finish(number, message, err)
  if self.is_done then
    return
  end
  self.number, self.message, self.err = number, message, err
  self.is_done = true
  keep(self)
  tell(self)
end

--- The end of a call that something else than Twilio broke off.
---@param reason string
---@param purchased "no"|"unknown"|"yes"
function Pending:break_off(reason, purchased)
  local call = self.call
  self:finish(errors.fail {
    kind = call.client.closed and "closed" or "cancelled",
    purchased = purchased,
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
  local flight = keep(self)
  local resumed, yielded = coroutine.resume(thread)
  if not resumed then
    self.why = yielded -- mend() ends the call
    error(yielded, 0)
  elseif coroutine.status(thread) ~= "dead" and yielded ~= WAITING then
    self:break_off(YIELDED, self.call.attempts > 0 and "unknown" or "no")
  end
  let_go(self, flight)
end

--- The loop of a call that poll() moves on.
local function polled_loop(self, thread)
  local function wake()
    step(self, thread)
  end
  return {
    is_polled = true,
    wait = function(flight, record)
      flight.on_done(record, wake)
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
  self.thread = thread
  step(self, thread)
  is_beginning = false
end

--- In a coroutine of the host's.
local function start_hosted(reserve, call, go)
  reserve.call = call
  call:stay_outside()
  return go()
end

--- Runs the call as the host runs things.
---@return string? why the host does not
function Pending:run_hosted(run)
  local call, is_beginning = self.call, true
  call.client.flight:expect(self, call.ends)
  local function go()
    local value, message, err = run()
    if is_beginning then
      call:sleep(0)
    end
    return value, message, err
  end
  local started, why = call.loop.spawn(call.client.flight, function()
    self:finish(guard.run(call.client, start_hosted, call, go))
  end)
  is_beginning = false
  if started == nil and why then
    return why
  end
end

--- Does what a finalizer that polls meanwhile must not begin again.
local function alone(self, f, ...)
  self.is_at_it = true
  local called, why = pcall(f, self, ...)
  self.is_at_it = false
  if not called then
    error(why, 0)
  end
end

--- Goes on with a call whose first request brought no number, or one that is not set up.
local function go_on(self, record)
  local call, operation = self.call, self.call.operation
  self:run_polled(function()
    if record.number then
      return operation.settle(call, operation.complete(call, record.number, record.form))
    end
    return operation.go_on(call, record.form, record.answer)
  end)
end

--- Ends the call with what its first request brought; goes on with it if that was no number.
local function settle(record)
  local self = record.pending
  local call = self.call
  keep(self)
  if record.number and not record.form then
    call.whole = record.number
    return self:finish(call.operation.settle(call, record.number))
  end
  alone(self, go_on, record)
end

local TRIES = 2 -- to go on with a call, where memory was short for a moment

--- The same for a call whose coroutine has raised an error.
local function go_on_again(self)
  local call, why = self.call, self.why
  local again = compat.is_shortage(why) and call.operation.again
  if not again or self.tries >= TRIES then
    return self:finish(guard.conclude(call, why))
  end
  self.tries = self.tries + 1
  self:run_polled(function()
    local value, message, err = again(call, why)
    if value or err then
      return value, message, err
    end
    return guard.conclude(call, why)
  end)
end

--- Goes on where an error broke off what was to end the call, or a part of it.
function Pending:mend()
  local thread = self.thread
  local status = thread and coroutine.status(thread)
  if self.is_done then
    tell(self)
  elseif self.is_at_it then
    return
  elseif not thread then
    local record = self.call.waits_for
    if record.pending == self then
      settle(record)
    end
  elseif status == "suspended" then
    step(self, thread)
  elseif status == "dead" then
    alone(self, go_on_again)
  end
end

--- Begins the call. Its callback is never called from here.
---@param operation table see run.lua
---@return string? why it cannot begin
function Pending:begin(operation, ...)
  local begun, why = pcall(self.begin_unprotected, self, operation, ...)
  if begun and not why then
    return
  end
  local call, flight = self.call, self.call.client.flight
  if not begun and (self.is_done or purchase.is_out(call)) then
    self:follow(call.waits_for)
    flight:note(why) -- for poll() to raise
    return
  end
  if not self.is_done then
    flight:remove(self)
    let_go(self, flight)
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
    return operation.run(call, globals.unpack(arguments, 1, arguments.n))
  end
end

--- Ends the call with what comes of its first request. Takes no memory.
function Pending:follow(record)
  if not self.thread and record and record.wake == false then
    record.pending, record.wake = self, settle
  end
end

function Pending:begin_unprotected(operation, ...)
  local call = self.call
  call.client.flight:add(self)
  if call.loop and call.loop.spawn then
    return self:run_hosted(runner(operation, call, ...))
  elseif not operation.begin then
    return self:run_polled(runner(operation, call, ...), true)
  end
  -- most purchases end with the answer to their first request, and need no coroutine
  local record, wrong = operation.begin(call, ...)
  if record and not record.done then
    return self:follow(record)
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
    self.call.client.flight:abandon_overdue()
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
    local loop, message = hosts.find(self.call.client.config.loop)
    if message then
      return nil, "still in flight: " .. message
    end
    if self:done() then -- to find the loop may have let others go on
      return self:result()
    end
    self.record = self.record or {}
    self.call.client.flight:wait(self.record, loop, seconds)
    if not (loop and loop.spawn) then -- no host that reports it
      self.call.client.flight:raise()
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
