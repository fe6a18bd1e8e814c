--- Waits in luv: a poll handle watches the client's descriptor while a future is waited for.
local uv = require("luv")

local compat = require("twilio.numbers.compat")
local debug = require("twilio.numbers.globals").debug -- nil in a sandbox

local loop = { yields = true, spawns_anywhere = true }

--- The value that a waiting coroutine yields. luv's loop resumes the coroutine, so the value is not used; a
--- caller that uses it as the item of a generator gets an error that says what is wrong.
local function refuse()
  error("a coroutine that waits for Twilio cannot be a generator: see docs/hosts/luv.md", 3)
end

local WAITING = setmetatable({}, {
  __index = refuse,
  __newindex = refuse,
  __call = refuse,
  __tostring = function()
    return "twilio.numbers waits for Twilio"
  end,
})

local function resume(thread)
  local resumed, why = coroutine.resume(thread)
  if not resumed then
    error(why, 0)
  end
end

--- Stopped watches, by descriptor, for reuse by the next scheduler with the same descriptor. Poll handles
--- are never closed here: luv before 1.46 crashes at exit if uv.run() does not run after that
--- (pending:wait() does not run it), and libuv would stop any other watch of a descriptor with the same
--- number.
local stopped = {}

--- Creates a watch. Errors of callbacks propagate, so that luv reports them.
local function new_watch(descriptor)
  local watch =
    { descriptor = descriptor, handle = assert(uv.new_poll(descriptor)), scheduler = false }
  function watch.look()
    watch.scheduler:poll()
  end
  return watch
end

--- Takes a stopped watch, or creates one: the host may have closed all handles, including these.
local function take_watch(descriptor)
  local watch = stopped[descriptor]
  stopped[descriptor] = nil
  return watch and not watch.handle:is_closing() and watch or new_watch(descriptor)
end

local waits = setmetatable({}, { __mode = "k" })

--- The waits of a scheduler: the set of futures that are waited for, and the watch while there are any.
local function waits_of(scheduler)
  local new = { waiting = {}, watch = nil, is_starting = false }
  waits[scheduler] = waits[scheduler] or new
  return waits[scheduler]
end

--- Starts the watch, unless there is one. While it is created a finalizer may wait too, and libuv refuses a
--- second watch of a descriptor.
local function watch(scheduler, own)
  if not scheduler:get_io_thread() or own.watch or own.is_starting then
    return
  end
  own.is_starting = true
  local taken, new = pcall(take_watch, scheduler:watch())
  own.is_starting = false
  if not taken then
    scheduler:unwatch()
    error(new, 0)
  end
  own.watch, new.scheduler = new, scheduler
  new.handle:start("r", new.look)
end

--- Stops the watch when no future is waited for: an active handle would keep uv.run() from returning.
local function unwatch(scheduler, own)
  local old = own.watch
  if not old or next(own.waiting) then
    return
  end
  own.watch, old.scheduler = nil, false -- luv keeps a reference to the callback
  if not old.handle:is_closing() then
    old.handle:stop()
    stopped[old.descriptor] = old
  end
  scheduler:unwatch()
end

function loop.here()
  if compat.is_in_coroutine() then
    return loop
  end
  return nil, "it must be called in a coroutine"
end

--- Whether a coroutine is suspended in loop.wait. On PUC Lua 5.1 the yield may have raised an error.
local function is_waiting(thread)
  if coroutine.status(thread) ~= "suspended" then
    return false
  end
  local caller = debug and debug.getinfo(thread, 1, "f")
  return not debug or (caller ~= nil and caller.func == loop.wait)
end

--- Other code may resume the coroutine: it yields again.
function loop.wait(scheduler, future)
  local thread, own = coroutine.running(), waits_of(scheduler)
  own.waiting[future] = true
  scheduler.on_done(future, function()
    own.waiting[future] = nil
    local resumed, why = true, nil
    if is_waiting(thread) then
      resumed, why = pcall(resume, thread)
    end
    unwatch(scheduler, own)
    if not resumed then
      error(why, 0)
    end
  end)
  watch(scheduler, own)
  if future.done then -- a finalizer has polled in between
    own.waiting[future] = nil
    unwatch(scheduler, own)
  end
  while not future.done do
    coroutine.yield(WAITING)
  end
end

function loop.sleep(seconds)
  local thread, over = coroutine.running(), false
  local timer = assert(uv.new_timer())
  uv.update_time() -- before uv.run() its clock may be behind, and the timer would be early
  timer:start(math.ceil(seconds * 1000), 0, function()
    timer:close()
    over = true
    resume(thread)
  end)
  while not over do
    coroutine.yield(WAITING)
  end
end

function loop.spawn(_, f)
  resume(coroutine.create(f))
end

return loop
