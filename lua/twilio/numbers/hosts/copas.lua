--- Waits in copas, which accepts any object with a descriptor for select() as a socket.
local copas = require("copas") -- before socket: copas replaces some of its functions
local socket = require("socket")

local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local debug = require("twilio.numbers.globals").debug -- nil in a sandbox

local loop = { yields = true, spawns_anywhere = true, sleep = copas.pause or copas.sleep } -- nil in copas 1

local LOOK_EVERY = 0.01 -- seconds

local DOZE = 0.001 -- seconds

--- Polls. An error of a callback must not end the waiting thread: a new thread raises it, so that copas
--- reports it.
local function poll(scheduler)
  local called, why = pcall(scheduler.poll, scheduler)
  if not called then
    copas.addthread(function()
      error(why, 0)
    end)
  end
end

local function do_nothing() end

--- Waits until is_over(). select() asks an object for its descriptor, and whether it is "dirty", that is
--- readable without a check of the descriptor. The first receive() always waits.
local function receive(descriptor, is_over, is_dirty, look)
  local is_first = true
  local object = {
    getfd = descriptor,
    dirty = is_dirty,
    receive = function()
      if is_first then
        is_first = false
        return nil, "timeout"
      end
      look()
      return is_over(), "timeout"
    end,
    settimeout = do_nothing,
    close = do_nothing,
  }
  repeat -- a thread may be woken for other reasons
    copas.receive(object)
  until is_over()
end

--- Copas 1 has no timers: checks the time in each turn of its loop.
if not loop.sleep then
  function loop.sleep(seconds)
    local ends = core.now() + seconds
    local silent = assert((socket.udp4 or socket.udp)())
    receive(function()
      return silent:getfd()
    end, function()
      return core.now() >= ends
    end, function()
      return true
    end, function()
      core.sleep(math.min(DOZE, ends - core.now()))
    end)
    silent:close()
  end
end

--- The function of copas that resumes a thread, its first parameter. Copas does not export it.
local function find_tick()
  for _, f in ipairs { copas.addthread, copas.addnamedthread } do
    local index, name, value = 1, debug.getupvalue(f, 1)
    while name and name ~= "_doTick" do
      index = index + 1
      name, value = debug.getupvalue(f, index)
    end
    if name then
      return value
    end
  end
end

local tick = debug and find_tick()

--- The thread of copas that a coroutine resumed last.
local function resumed_from(thread)
  local level, info = 0, debug.getinfo(thread, 0, "f")
  while info and info.func ~= tick do
    level = level + 1
    info = debug.getinfo(thread, level, "f")
  end
  local _, resumed
  if info then
    _, resumed = debug.getlocal(thread, level, 1)
  end
  return type(resumed) == "thread" and resumed or nil
end

--- Whether this is a coroutine that copas did not resume itself. It would yield to the code that resumed
--- it, and copas would never resume it again. (On PUC Lua 5.1 the library's coroutine is one of these,
--- and nothing is sent before copas has resumed it.)
local function is_nested()
  local thread, depth = tick and compat.yields_across_pcall and core.main_thread, 0
  while thread and thread ~= coroutine.running() do
    thread, depth = resumed_from(thread), depth + 1
  end
  return not thread and depth > 1
end

function loop.here()
  if not compat.is_in_coroutine() then
    return nil, "it must be called in a thread of copas"
  elseif is_nested() then
    return nil, "it cannot wait in a nested coroutine inside a copas thread"
  end
  return loop
end

--- Another thread's poll may complete the future: the object is "dirty" then.
function loop.wait(scheduler, future)
  local function is_done()
    return future.done == true
  end
  local io_thread = scheduler:get_io_thread()
  if not io_thread then
    while not future.done do
      loop.sleep(LOOK_EVERY)
    end
    return
  end
  scheduler:watch()
  receive(
    function()
      return io_thread:descriptor() -- not the scheduler's: it may be closed in the meantime
    end,
    is_done,
    is_done,
    function()
      poll(scheduler)
    end
  )
  scheduler:unwatch()
end

function loop.spawn(_, f)
  copas.addthread(f)
end

return loop
