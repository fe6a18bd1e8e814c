--- Runs a call in flight: in a coroutine of the host if the host can spawn one, else in one of the library,
--- which poll() resumes.
local callbacks = require("twilio.numbers.async.callbacks")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local guard = require("twilio.numbers.async.guard")

local running = coroutine.running
local coroutine = compat.coroutine

local Pending = require("twilio.numbers.async.pending")

local Task = {}
Task.__index = Task

--- Yielded by an idle coroutine of the library.
local IDLE = {}

local WAITING, YIELDED = callbacks.WAITING, callbacks.YIELDED

local function new_task()
  return setmetatable({
    call = false,
    pending = false, -- what the program has of the call
    is_hosted = false, -- it runs in a coroutine of the host
    expected = false, -- when that should be over
    is_late = false, -- it is not, and the host has a last turn
    is_ended = false,
    is_first = false, -- it waits for its first response, without a coroutine
    has_gone_on = false, -- that response, if it came, did not end it
    thread = false, -- the coroutine that poll() resumes
    host_thread = false, -- the coroutine that the host resumes
    why = false, -- the error of the coroutine
    is_beginning = false,
    is_ready = false, -- queued by the scheduler
    next_ready = false,
  }, Task)
end

--- The task of a call. A call that is used again brings its own, as recycle() leaves it.
local function task_of(call, callback)
  local self, loop = call.spare_task or new_task(), call.loop
  call.spare_task, call.task = false, self
  self.call, self.pending = call, Pending.new(self, callback)
  self.is_hosted, self.is_beginning = loop and loop.spawn ~= nil, true
  return self
end

--- Calls the waiters, and reserves memory for the callback.
local function notify_waiters(self)
  local scheduler, pending = self.call.client.scheduler, self.pending
  pending.is_done = true
  scheduler:remove(self)
  if pending.future then
    scheduler:complete(pending.future)
  end
  core.reserve_stack()
end

--- Calls the callback in the host.
local function call_back_hosted(self)
  local pending = self.pending
  if pending.callback and callbacks.is_of_part(pending) then
    local called, why = pcall(callbacks.call, pending)
    if not called then -- poll() calls it again, and raises the error
      self.call.client.scheduler:make_ready(self)
      self.call.client.scheduler:note(why)
    end
  elseif pending.callback then
    callbacks.call(pending, self.call.loop.call_back)
  end
end

--- Recycles the task and its call, if that ended with its first response. A part of another call is still
--- used by it.
local function recycle(self)
  local call, pending = self.call, self.pending
  if self.is_first and not (self.has_gone_on or self.is_ready or pending.err or call.parent) then
    pending.task = false
    self.call, self.pending, self.next_ready = false, false, false
    self.is_first, self.is_ended = false, false
    call.spare_task = self
    call:recycle()
  end
end

--- Calls the waiters and the callback. After an error, a second call continues.
local function notify(self)
  notify_waiters(self)
  if self.is_hosted then
    call_back_hosted(self)
  elseif self.pending.callback then
    callbacks.call_apart(self.pending)
  end
  recycle(self)
end

--- Ends the call. Allocates nothing.
local function set_result(self, number, message, err)
  local pending = self.pending
  pending.number, pending.message, pending.err = number, message, err
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
  self.host_thread = false
  finish(self, guard.recover(pcall, call, LEFT))
end

--- Makes a call of many parts start no more of them.
---@return integer sent how many requests it still waits for
function Task:stop()
  return self.call.operation.stop(self.call)
end

--- The loop of a call that poll() resumes.
local polled = { is_polled = true }

function polled.wait(_, future)
  while not future.done do
    coroutine.yield(WAITING)
  end
end

--- Runs a function of the task. Only here the task gets its coroutine: an error such as Ctrl-C may come
--- before that has started.
local function run_to_end(self, f, ...)
  self.thread = running()
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

--- Keeps the error that interrupted a call. It may be nil or false.
local function interrupt(self, why)
  self.thread, self.why, self.has_gone_on = false, why or compat.tostring(why), true
end

--- Makes the scheduler end a call that an error interrupted.
local function break_off(self, why)
  interrupt(self, why)
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
  self.host_thread = running() or false
  local value, message, err = guard.run(call, a, b, c)
  call.loop, self.host_thread = loop, false
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

--- Starts a call. Never calls its callback directly. After an error poll() ends it if something was sent.
---@param call twilio.numbers.Call
---@param callback function|nil
---@param a any an argument of the operation's run(), as the next two
---@return twilio.numbers.Pending? pending
---@return string? why it cannot start
function Task.start(call, callback, a, b, c)
  local self = task_of(call, callback)
  local pending = self.pending
  local begun, why = pcall(begin, self, a, b, c)
  self.is_beginning = false
  if begun then
    return not why and pending or nil, why
  end
  local scheduler = call.client.scheduler
  scheduler.is_interrupted = true -- in case that memory is lacking for what follows
  if self.pending ~= pending then -- a finalizer has polled: the call is done, and the task is free again
    return pending
  end
  if not (self.is_ended or self.is_ready or self.why) then
    interrupt(self, why)
    if call.attempts == 0 then
      pending.callback = false
      call:cancel() -- if the host runs it after all, it sends nothing
      scheduler:remove(self)
      error(why, 0)
    end
  end
  scheduler:make_ready(self)
  return pending
end

return Task
