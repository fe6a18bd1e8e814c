--- A call in flight, as purchase_async returns it. It runs in a coroutine: of the host's where that can
--- spawn one, else in one of ours, which poll() resumes.
local callbacks = require("twilio.numbers.async.callbacks")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local guard = require("twilio.numbers.async.guard")
local hosts = require("twilio.numbers.hosts")

local coroutine = compat.coroutine

local Task = { __name = "twilio.numbers.Pending" }
Task.__index = Task

--- What a coroutine of ours yields when it has nothing more to do.
local IDLE = {}

local WAITING, YIELDED = callbacks.WAITING, callbacks.YIELDED

---@param call twilio.numbers.Call
---@param callback function|nil
function Task.new(call, callback)
  local self = setmetatable({
    call = call,
    callback = callback or false,
    is_ended = false,
    is_done = false, -- ended, and told
    number = false,
    message = false,
    err = false,
    future = false, -- of those who wait
    is_first = false, -- it waits for its first request, without a coroutine
    has_gone_on = false, -- it needed one all the same
    thread = false, -- the coroutine that poll() resumes
    why = false, -- what that raised
    is_beginning = true,
    is_ready = false, -- the scheduler has it go on
    next_ready = false,
  }, Task)
  call.task = self
  return self
end

local function is_hosted(self)
  local loop = self.call.loop
  return loop and loop.spawn ~= nil
end

--- Tells all who wait, and makes room for the callback.
local function tell_waiters(self)
  local scheduler = self.call.client.scheduler
  self.is_done = true
  scheduler:remove(self)
  if self.future then
    scheduler:complete(self.future)
  end
  core.reserve_stack()
end

--- Calls the callback in the way of the host.
local function call_back_hosted(self)
  if self.callback then
    callbacks.call(self, self.call.loop.call_back)
  end
end

--- A call that ended with its first response is used by nothing any more. One that is a part of another is.
local function recycle_call(self)
  local call = self.call
  if call and self.is_first and not self.has_gone_on and not self.err and not call.parent then
    self.call = false
    call:recycle()
  end
end

--- Tells all. Goes on where an error broke that off.
local function tell(self)
  tell_waiters(self)
  if is_hosted(self) then
    call_back_hosted(self)
  elseif self.callback then
    callbacks.call_apart(self)
  end
  recycle_call(self)
end

--- The end of the call. Takes no memory where poll() tells of it.
local function finish(self, number, message, err)
  if self.is_ended then
    return
  end
  self.number, self.message, self.err = number, message, err
  self.is_ended = true
  if is_hosted(self) and pcall(tell_waiters, self) then
    return call_back_hosted(self)
  end
  self.call.client.scheduler:make_ready(self)
end

local LEFT = "the host's loop has left it"

--- Ends a call whose coroutine the host does not resume any more, with what is known.
function Task:abandon()
  local call = self.call
  call:cancel() -- if it is resumed after all, it sends nothing more
  finish(self, guard.recover(pcall, call, LEFT))
end

--- The loop of a call that poll() moves on.
local polled = { is_polled = true }

function polled.wait(_, future)
  while not future.done do
    coroutine.yield(WAITING)
  end
end

local function run_to_end(self, f, ...)
  finish(self, f(...))
end

--- What a coroutine of ours does: it runs one task after the other. While it is idle it holds none of them.
local function work()
  while true do
    run_to_end(coroutine.yield(IDLE))
  end
end

--- Coroutines that have ended a task. (nginx's belong to the request that made them.)
local pool = {}
local POOL_MAX = type(globals.ngx) == "table" and 0 or 1000

--- Has the scheduler end a call that an error broke off.
local function break_off(self, why)
  self.thread, self.why = false, why
  self.call.client.scheduler:make_ready(self)
end

local function step(self, thread, ...)
  local resumed, yielded = coroutine.resume(thread, ...)
  if not resumed then
    break_off(self, yielded)
  elseif yielded == IDLE then
    self.thread = false
    if #pool < POOL_MAX then
      pcall(table.insert, pool, thread) -- without memory for it, another is made
    end
  elseif yielded ~= WAITING then
    break_off(self, YIELDED)
    self.call:cancel() -- if it is resumed after all, it sends nothing more
  end
end

local function run_polled(self, f, ...)
  local thread = table.remove(pool)
  if not thread then
    thread = coroutine.create(work)
    coroutine.resume(thread)
  end
  self.thread = thread
  step(self, thread, self, f, ...)
end

--- Goes on with the response to the first request. Most are all that was wanted.
local function take_first(self)
  local call = self.call
  local operation = call.operation
  local taken, value, message, err = pcall(operation.take_first, call)
  if not taken then
    self.has_gone_on = true
    break_off(self, value)
  elseif value then
    finish(self, value, message, err)
  else
    self.has_gone_on = true
    run_polled(self, operation.go_on, call)
  end
end

--- Goes on, as the scheduler asks for.
function Task:go_on()
  local thread, why = self.thread, self.why
  if self.is_ended then
    tell(self)
  elseif thread then
    step(self, thread)
  elseif why then
    run_polled(self, guard.recover, compat.protect, self.call, why)
  elseif self.is_first then
    take_first(self)
  end
end

--- In a coroutine of the host's.
local function run_hosted(self, ...)
  local call = self.call
  local loop = call.loop
  call:stay_outside()
  local value, message, err = guard.run(call, ...)
  call.loop = loop
  if self.is_beginning then
    call:sleep(0) -- it may not end before its beginning has
  end
  finish(self, value, message, err)
end

--- Has the host run it.
---@return string? why the host does not
local function spawn(self, ...)
  local call, count, arguments = self.call, select("#", ...), { ... }
  local scheduler = call.client.scheduler
  scheduler:expect(self, call.ends)
  local started, why = call.loop.spawn(scheduler, function()
    run_hosted(self, globals.unpack(arguments, 1, count))
  end)
  if started == nil and why then
    scheduler:remove(self)
    return why
  end
end

local function begin(self, ...)
  local call = self.call
  call.client.scheduler:add(self)
  if is_hosted(self) then
    return spawn(self, ...)
  end
  call.loop = polled
  local operation = call.operation
  local future = operation.send_first and operation.send_first(call, ...)
  if not future then
    return run_polled(self, operation.run, call, ...)
  end
  self.is_first, call.waiting_on, future.task = true, future, self
  if future.done then
    call.client.scheduler:make_ready(self)
  end
end

--- Begins the call. Its callback is never called from here.
---@return string? why it cannot begin
function Task:begin(...)
  local call = self.call
  local begun, why = pcall(begin, self, ...)
  self.is_beginning = false
  if begun then
    return why
  elseif self.is_ended or self.is_ready then
    self.call.client.scheduler:make_ready(self) -- poll() ends it
    return
  elseif call.attempts > 0 then
    return break_off(self, why)
  end
  call:cancel() -- if the host runs it after all, it sends nothing
  call.client.scheduler:remove(self)
  error(why, 0)
end

-- ---- for programs: meta/in_flight.lua documents these ----

function Task:done()
  if not self.is_done then
    self.call.client.scheduler:abandon_overdue()
  end
  return self.is_done
end

function Task:result()
  if self:done() then
    return self.number, self.message, self.err
  end
  return nil, "still in flight"
end

function Task:wait(seconds)
  compat.check_seconds(seconds)
  if not self:done() then
    local scheduler = self.call.client.scheduler
    local loop, message = hosts.find(self.call.client.config.loop)
    if message then
      return nil, "still in flight: " .. message
    end
    if self:done() then -- to find the loop may have let others go on
      return self:result()
    end
    self.future = self.future or { done = false, wake = false }
    scheduler:wait(self.future, loop, seconds)
    if not (loop and loop.spawn) then -- no host that reports it
      scheduler:raise()
    end
  end
  return self:result()
end

function Task:cancel()
  if self:done() then
    return false
  end
  self.call:cancel()
  return true
end

function Task:__tostring()
  return "twilio.numbers pending call (" .. (self.is_done and "done" or "in flight") .. ")"
end

return Task
