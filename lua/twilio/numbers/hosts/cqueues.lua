--- Waiting in cqueues: one coroutine of each controller watches the client's descriptor for all who
--- wait there, and they wait for conditions.
local condition = require("cqueues.condition")
local cqueues = require("cqueues")

local compat = require("twilio.numbers.compat")

local loop = { yields = true, sleep = cqueues.sleep }

local WEAK = { __mode = "k" }

--- By scheduler and controller.
local watches = setmetatable({}, WEAK)

--- Who waits in a controller: a set of futures, and a condition that makes its watcher look up.
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

--- It ends when nobody waits any more, so that the controller's loop can end; and when a callback
--- has raised, which cqueues tells whoever runs the loop: then another takes over.
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
    local polled, why = pcall(scheduler.poll, scheduler)
    while polled and has_waiters(watch) do
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

--- Who resumes a coroutine of one's own within one of cqueues gets what cqueues should. (On PUC Lua 5.1
--- our own coroutine is one of these, and nothing is sent before cqueues has resumed it.)
function loop.here()
  local controller, is_its_own = cqueues.running()
  if not controller then
    return nil, "it must be called in a coroutine of cqueues"
  elseif not is_its_own and compat.yields_across_pcall then
    return nil, "it cannot wait in a coroutine of one's own within one of cqueues"
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
    watch.look_up:signal() -- this may be news that somebody else has read
  end)
  if scheduler:get_io_thread() and not watch.is_running then
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
