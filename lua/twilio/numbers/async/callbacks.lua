--- Callbacks of tasks: each is called once, from poll() or in the way of the host.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local hosts = require("twilio.numbers.hosts")

local coroutine = compat.coroutine

local callbacks = {}

callbacks.YIELDED =
  "a function of the caller's yielded: set the option loop to the host that resumes it"

--- What a coroutine of ours yields when poll() is to resume it.
local WAITING = {}
callbacks.WAITING = WAITING

--- Calls the callback of a task, once: with room for the call, so that it is begun.
function callbacks.call(self, how)
  core.reserve_stack()
  local callback = self.callback
  self.callback = false
  if not callback then
    return -- a finalizer has polled meanwhile
  elseif how then
    return how(callback, self.number, self.message, self.err)
  end
  callback(self.number, self.message, self.err)
end

local function call_back_each()
  while true do
    callbacks.call(coroutine.yield(WAITING))
  end
end

--- The coroutine for callbacks; one is enough as long as none yields or raises.
local idle_caller

--- Calls a callback from poll(): if it could suspend that, the results of others would wait with it.
function callbacks.call_apart(self)
  local thread = idle_caller
  if not thread then
    thread = coroutine.create(call_back_each)
    coroutine.resume(thread)
  end
  idle_caller = nil -- the callback may poll
  hosts.callbacks = hosts.callbacks + 1
  local called, resumed, yielded = pcall(coroutine.resume, thread, self)
  hosts.callbacks = hosts.callbacks - 1
  if not called then
    error(resumed, 0)
  elseif not resumed or yielded ~= WAITING then
    error(resumed and callbacks.YIELDED or yielded, 0)
  end
  idle_caller = thread
end

return callbacks
