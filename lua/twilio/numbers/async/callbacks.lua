--- Callbacks of calls in flight. Each is called once, from poll() or by the host.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local hosts = require("twilio.numbers.hosts")

local coroutine = compat.coroutine

local callbacks = {}

callbacks.YIELDED = "a function of the caller's yielded: in an _async call, in a part of a call for many"
  .. " numbers, and in a callback it may do so only if the option loop names a supported event loop"

--- Yielded by the library's coroutine if poll() must resume it.
local WAITING = {}
callbacks.WAITING = WAITING

--- Whether the callback is the library's own, without which the whole would wait for ever, see group.lua.
function callbacks.is_of_part(pending)
  return pending.task and pending.task.call.parent
end

--- Calls the callback of a pending call once; after an error, that of a part may be called again. Reserves
--- stack space first, so that it cannot fail to start.
function callbacks.call(pending, how)
  core.reserve_stack()
  local callback = pending.callback
  if callback and callbacks.is_of_part(pending) then
    callback(pending.number, pending.message, pending.err)
    pending.callback = false
    return
  end
  pending.callback = false
  if not callback then
    return -- a finalizer has polled in between
  elseif how then
    return how(callback, pending.number, pending.message, pending.err)
  end
  callback(pending.number, pending.message, pending.err)
end

local function call_back_each()
  while true do
    callbacks.call(coroutine.yield(WAITING))
  end
end

--- The coroutine for callbacks. One is enough unless a callback yields or raises an error.
local idle_caller

--- Calls a callback from poll(), in a coroutine of its own: a yield must not suspend poll() and its other
--- results.
function callbacks.call_apart(pending)
  local thread = idle_caller
  if not thread then
    thread = coroutine.create(call_back_each)
    assert(coroutine.resume(thread))
  end
  idle_caller = nil -- the callback may poll
  hosts.callbacks = hosts.callbacks + 1
  local called, resumed, yielded = pcall(coroutine.resume, thread, pending)
  hosts.callbacks = hosts.callbacks - 1
  if not called then
    error(resumed, 0)
  elseif not resumed or yielded ~= WAITING then
    error(resumed and callbacks.YIELDED or yielded, 0)
  end
  idle_caller = thread
end

return callbacks
