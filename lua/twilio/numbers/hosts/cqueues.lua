--- Waits in cqueues: each controller has one coroutine that watches the client's descriptor, and the waiting
--- coroutines wait on conditions.
local condition = require("cqueues.condition")
local cqueues = require("cqueues")

local compat = require("twilio.numbers.compat")

local loop = { yields = true, sleep = cqueues.sleep }

local WEAK = { __mode = "k" }

--- The set of the watching coroutines.
local watchers = setmetatable({}, WEAK)

--- By scheduler and controller.
local watches = setmetatable({}, WEAK)

--- The watch of a controller: the set of futures that are waited for there, and a condition that wakes the
--- watching coroutine.
local function watch_of(scheduler, controller)
  local own = watches[scheduler] or setmetatable({}, WEAK)
  watches[scheduler] = own
  local watch = own[controller]
  if not watch then
    watch = { futures = setmetatable({}, WEAK), look_up = condition.new(), is_running = false }
    own[controller] = watch
  end
  return watch
end

local function has_waiters(watch)
  for future in pairs(watch.futures) do
    if not future.done then
      return true
    end
    watch.futures[future] = nil
  end
  return false
end

--- Starts the watching coroutine. It ends when no future is waited for, so that the controller's loop can
--- end. If a callback raises an error, it starts another in its place, and raises the error for the
--- controller to report.
local function start(scheduler, watch)
  local controller, descriptor = cqueues.running(), scheduler:watch()
  local news = {
    pollfd = descriptor,
    events = scheduler.events,
    timeout = function()
      return scheduler:timeout()
    end,
  }
  watch.is_running = true
  controller:wrap(function()
    watchers[coroutine.running()] = true
    local polled, why = pcall(scheduler.poll, scheduler)
    while polled and (has_waiters(watch) or scheduler:has_unfinished()) do
      cqueues.poll(news, watch.look_up)
      polled, why = pcall(scheduler.poll, scheduler)
    end
    watch.is_running = false
    controller:cancel(descriptor) -- before it may be closed
    scheduler:unwatch()
    if not polled then
      start(scheduler, watch)
      error(why, 0)
    end
  end)
end

--- A coroutine that the caller created inside one of cqueues would yield to the caller, not to cqueues. (On
--- PUC Lua 5.1 the library's coroutine is one of these, and nothing is sent before cqueues has resumed it.)
function loop.here()
  local controller, is_its_own = cqueues.running()
  if not controller then
    return nil, "it must be called in a coroutine of cqueues"
  elseif not is_its_own and compat.yields_across_pcall then
    return nil, "it cannot wait in a nested coroutine inside one of cqueues"
  end
  return loop
end

function loop.spawns_here()
  return cqueues.running() ~= nil
end

function loop.wait(scheduler, future)
  local watch, news = watch_of(scheduler, cqueues.running()), condition.new()
  watch.futures[future] = true
  scheduler.on_done(future, function()
    news:signal()
    watch.look_up:signal() -- another poll may have completed the future
  end)
  local is_watcher = watchers[coroutine.running()] -- in on_event: it cannot watch while it waits
  if scheduler:get_io_thread() and (is_watcher or not watch.is_running) then
    start(scheduler, watch)
  end
  while not future.done do
    news:wait()
  end
end

function loop.spawn(_, f)
  cqueues.running():wrap(f)
end

return loop
