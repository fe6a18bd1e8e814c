--- A call in flight, as purchase_async returns it. It runs in a coroutine of the host if the host can spawn
--- one, else in one of the library, which poll() resumes.
local callbacks = require("twilio.numbers.async.callbacks")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local guard = require("twilio.numbers.async.guard")
local hosts = require("twilio.numbers.hosts")

local coroutine = compat.coroutine

local Task = { __name = "twilio.numbers.Pending" }
Task.__index = Task

--- Yielded by an idle coroutine of the library.
local IDLE = {}

local WAITING, YIELDED = callbacks.WAITING, callbacks.YIELDED

---@param call twilio.numbers.Call
---@param callback function|nil
function Task.new(call, callback)
  local loop = call.loop
  local self = setmetatable({
    call = call,
    callback = callback or false,
    is_hosted = loop and loop.spawn ~= nil, -- it runs in a coroutine of the host
    is_ended = false,
    is_done = false, -- ended, and its waiters were called
    number = false,
    message = false,
    err = false,
    future = false, -- of the waiters
    is_first = false, -- it waits for its first response, without a coroutine
    has_gone_on = false, -- that response, if it came, did not end it
    thread = false, -- the coroutine that poll() resumes
    why = false, -- the error of the coroutine
    is_beginning = true,
    is_ready = false, -- queued by the scheduler
    next_ready = false,
  }, Task)
  call.task = self
  return self
end

--- Calls the waiters, and reserves memory for the callback.
local function notify_waiters(self)
  local scheduler = self.call.client.scheduler
  self.is_done = true
  scheduler:remove(self)
  if self.future then
    scheduler:complete(self.future)
  end
  core.reserve_stack()
end

--- Calls the callback in the host.
local function call_back_hosted(self)
  if self.callback then
    callbacks.call(self, self.call.loop.call_back)
  end
end

--- Recycles a call that ended with its first response. A part of another call is still used by it.
local function recycle_call(self)
  local call = self.call
  if call and self.is_first and not self.has_gone_on and not self.err and not call.parent then
    self.call = false
    call:recycle()
  end
end

--- Calls the waiters and the callback. After an error, a second call continues.
local function notify(self)
  notify_waiters(self)
  if self.is_hosted then
    call_back_hosted(self)
  elseif self.callback then
    callbacks.call_apart(self)
  end
  recycle_call(self)
end

--- Ends the call. Allocates nothing.
local function set_result(self, number, message, err)
  self.number, self.message, self.err = number, message, err
  self.is_ended = true
end

--- Ends the call. Allocates nothing if poll() calls the waiters.
local function finish(self, number, message, err)
  if self.is_ended then
    return
  end
  set_result(self, number, message, err)
  if self.is_hosted and pcall(notify_waiters, self) then
    return call_back_hosted(self)
  end
  self.call.client.scheduler:make_ready(self)
end

local LEFT = "the host dropped its coroutine"

--- Ends a call whose coroutine the host no longer resumes, with what is known.
function Task:abandon()
  local call = self.call
  call:cancel() -- if it is resumed after all, it sends nothing
  finish(self, guard.recover(pcall, call, LEFT))
end

--- The loop of a call that poll() resumes.
local polled = { is_polled = true }

function polled.wait(_, future)
  while not future.done do
    coroutine.yield(WAITING)
  end
end

local function run_to_end(self, f, ...)
  finish(self, f(...))
end

--- The body of the library's coroutines: runs one task after another. An idle coroutine holds no task.
local function work()
  while true do
    run_to_end(coroutine.yield(IDLE))
  end
end

--- Idle coroutines. (Coroutines of nginx belong to the request that created them.)
local pool = {}
local POOL_MAX = type(globals.ngx) == "table" and 0 or 1000

--- Makes the scheduler end a call that an error interrupted.
local function break_off(self, why)
  self.thread, self.why, self.has_gone_on = false, why, true
  self.call.client.scheduler:make_ready(self)
end

local function step(self, thread, ...)
  local resumed, yielded = coroutine.resume(thread, ...)
  if not resumed then
    break_off(self, yielded)
  elseif yielded == IDLE then
    self.thread = false
    if #pool < POOL_MAX then
      pcall(table.insert, pool, thread) -- without memory for that, another one is created
    end
  elseif yielded ~= WAITING then
    break_off(self, YIELDED)
    self.call:cancel() -- if it is resumed after all, it sends nothing
  end
end

local function run_polled(self, f, ...)
  local thread = table.remove(pool)
  if not thread then
    thread = coroutine.create(work)
    assert(coroutine.resume(thread))
  end
  self.thread = thread
  step(self, thread, self, f, ...)
end

--- Continues with the response to the first request, which most calls end with. An error is raised to the
--- caller of poll(), whose next call delivers the result.
local function take_first(self)
  local call = self.call
  local operation = call.operation
  local taken, value, message, err = pcall(operation.take_first, call)
  if not taken then
    break_off(self, value)
    if not compat.is_shortage(value) then
      error(value, 0)
    end
  elseif value then
    set_result(self, value, message, err)
    notify(self)
  else
    self.has_gone_on = true
    run_polled(self, operation.go_on, call)
  end
end

--- Runs the task; called by the scheduler.
function Task:go_on()
  local thread, why = self.thread, self.why
  if self.is_ended then
    notify(self)
  elseif thread then
    step(self, thread)
  elseif why then
    run_polled(self, guard.recover, compat.protect, self.call, why)
  elseif self.is_first then
    take_first(self)
  end
end

--- Runs the call in a coroutine of the host.
local function run_hosted(self, a, b, c)
  local call = self.call
  local loop = call.loop
  call:stay_outside()
  local value, message, err = guard.run(call, a, b, c)
  call.loop = loop
  if self.is_beginning then
    call:rest(0) -- it must not end before spawn() returns
  end
  finish(self, value, message, err)
end

--- Makes the host run the task.
---@return string? why the host cannot
local function spawn(self, a, b, c)
  local call = self.call
  local scheduler = call.client.scheduler
  scheduler:expect(self, call.ends)
  local started, why = call.loop.spawn(scheduler, function()
    run_hosted(self, a, b, c)
  end)
  if started == nil and why then
    scheduler:remove(self)
    return why
  end
end

local function begin(self, a, b, c)
  local call = self.call
  call.client.scheduler:add(self)
  if self.is_hosted then
    return spawn(self, a, b, c)
  end
  call.loop = polled
  local operation = call.operation
  local future = operation.send_first and operation.send_first(call, a)
  if not future then
    return run_polled(self, operation.run, call, a, b, c)
  end
  self.is_first, call.waiting_on, future.task = true, future, self
  if future.done then
    call.client.scheduler:make_ready(self)
  end
end

--- Starts the call. Never calls its callback directly. After an error poll() ends it if something was sent.
---@param a any an argument of the operation's run(), as the next two
---@return string? why it cannot start
function Task:begin(a, b, c)
  local call = self.call
  local begun, why = pcall(begin, self, a, b, c)
  self.is_beginning = false
  if begun then
    return why
  end
  local scheduler = call.client.scheduler
  scheduler.is_interrupted = true -- in case that memory is lacking for what follows
  if not (self.is_ended or self.is_ready or self.why) then
    self.thread, self.why, self.has_gone_on = false, why, true
    if call.attempts == 0 then
      self.callback = false
      call:cancel() -- if the host runs it after all, it sends nothing
      scheduler:remove(self)
      error(why, 0)
    end
  end
  scheduler:make_ready(self)
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
    if self:done() then -- finding the loop may have yielded
      return self:result()
    end
    self.future = self.future or scheduler.new_future()
    scheduler:wait(self.future, loop, seconds)
    if not (loop and loop.spawn) then -- there is no host that reports it
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
