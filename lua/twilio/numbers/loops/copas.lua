--- Waiting in copas: it takes anything for a socket that select() can ask for a descriptor.
local copas = require("copas") -- before the next: it changes some of its functions
local socket = require("socket")

local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")

local loop = { spawns_anywhere = true, sleep = copas.pause or copas.sleep } -- nil in copas 1

local LOOK_EVERY = 0.01 -- seconds

local DOZE = 0.001 -- seconds

--- What a callback raised concerns nobody who waits here: a thread of its own hands it to copas.
local function poll(flight)
  local called, why = pcall(flight.poll, flight)
  if not called then
    copas.addthread(function()
      error(why, 0)
    end)
  end
end

local function do_nothing() end

--- Waits until is_over(). select() asks an object for its descriptor, and whether it is "dirty",
--- which means that there is something to read in any case. There is nothing new at first.
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

--- Copas 1 knows no time: there one looks again in each turn of its loop.
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

function loop.here()
  if compat.is_in_coroutine() then
    return loop
  end
  return nil, "it must be called in a thread of copas"
end

--- Another's poll may bring the news that this one waits for: then it is "dirty".
function loop.wait(flight, record)
  local function is_done()
    return record.done == true
  end
  local engine = flight:get_engine()
  if not engine then
    while not record.done do
      loop.sleep(LOOK_EVERY)
    end
    return
  end
  flight:watch()
  receive(
    function()
      return engine:descriptor() -- not the flight's, which may be closed meanwhile
    end,
    is_done,
    is_done,
    function()
      poll(flight)
    end
  )
  flight:unwatch()
end

function loop.spawn(_, f)
  copas.addthread(f)
end

return loop
