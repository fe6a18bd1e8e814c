--- Waiting in luv: a poll handle watches the client's descriptor as long as something waits.
local uv = require("luv")

local compat = require("twilio.numbers.compat")
local debug = require("twilio.numbers.globals").debug -- nil in a sandbox

local loop = { yields = true, spawns_anywhere = true }

--- What a coroutine yields that waits. The loop resumes it by itself, so nobody needs that; but who takes
--- it for an item of a generator hears what is wrong.
local function refuse()
  error("a coroutine that waits for Twilio cannot be a generator: see docs/luv.md", 3)
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

--- Watches that are stopped, by descriptor, for the next scheduler with that one. A poll handle is never
--- closed here: luv before 1.46 crashes at the end of the process if uv.run() does not follow, as after
--- pending:wait(), and libuv would stop whatever else watches a descriptor of that number by then.
local stopped = {}

--- Raises what callbacks raised, so that luv reports it.
local function new_watch(descriptor)
  local watch =
    { descriptor = descriptor, handle = assert(uv.new_poll(descriptor)), scheduler = false }
  function watch.look()
    watch.scheduler:poll()
  end
  return watch
end

--- The host may have closed a handle with all others.
local function take_watch(descriptor)
  local watch = stopped[descriptor]
  stopped[descriptor] = nil
  return watch and not watch.handle:is_closing() and watch or new_watch(descriptor)
end

--- By scheduler: the set of futures that are waited for, and the watch.
local waits = setmetatable({}, { __mode = "k" })

local function watch(scheduler, future)
  local own = waits[scheduler] or { waiting = {}, watch = nil }
  waits[scheduler] = own
  own.waiting[future] = true
  if not own.watch and scheduler:get_io_thread() then
    own.watch = take_watch(scheduler:watch())
    own.watch.scheduler = scheduler
    own.watch.handle:start("r", own.watch.look)
  end
end

--- A handle that watches would keep uv.run() from returning.
local function unwatch(scheduler)
  local own = waits[scheduler]
  local old = own.watch
  if not old or next(own.waiting) then
    return
  end
  own.watch, old.scheduler = nil, false -- luv keeps what a handle calls
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

--- Whether a coroutine is where loop.wait has left it. On PUC Lua 5.1 the yield may have raised.
local function is_waiting(thread)
  if coroutine.status(thread) ~= "suspended" then
    return false
  end
  local caller = debug and debug.getinfo(thread, 1, "f")
  return not debug or (caller ~= nil and caller.func == loop.wait)
end

--- Somebody else may resume the coroutine, which changes nothing.
function loop.wait(scheduler, future)
  local thread = coroutine.running()
  scheduler.on_done(future, function()
    waits[scheduler].waiting[future] = nil
    local resumed, why = true, nil
    if is_waiting(thread) then
      resumed, why = pcall(resume, thread)
    end
    unwatch(scheduler)
    if not resumed then
      error(why, 0)
    end
  end)
  watch(scheduler, future)
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
