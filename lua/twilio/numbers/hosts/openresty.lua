--- Waiting in nginx: nothing but its own sockets is watched there, so a timer reads a unix socket to
--- which the engine writes a byte when something is done, and posts a semaphore for each who waits.
--- Where that socket cannot be had, each looks by itself, a few hundred times a second.
local background = require("twilio.numbers.hosts.openresty_timers")
local globals = require("twilio.numbers.globals")
local semaphore = require("ngx.semaphore")

local ngx = globals.ngx

local loop = { yields = true, sleep = ngx.sleep }

local POLL_EVERY = 0.004 -- seconds
local POLLS_IN_A_TURN = 4 -- of 0.1 ms each
local BETWEEN_TURNS = 0.001 -- seconds; 0 is more than Debian's nginx can do without a warning
local LINGER = 1 -- second that the timer stays for the next call (and an exiting nginx for the timer)
local STEP = 1 -- second after which one looks whether somebody else still does
local LONGEST = 3600 -- seconds

--- Phases in which a request may wait (https://github.com/openresty/lua-nginx-module#ngxsleep).
local CAN_WAIT = {
  server_rewrite = true,
  rewrite = true,
  access = true,
  content = true,
  timer = true,
  preread = true,
  ssl_cert = true,
  ssl_session_fetch = true,
  ssl_client_hello = true,
}
--- In these nobody else is served yet, so that a call may block.
local MAY_BLOCK = { init = true, init_worker = true }

--- By engine: its watch, whose timer reads its socket, and which counts how often that has looked. The
--- timer may never run (lua_max_running_timers), and may end at any time (ngx.exit in on_event).
local watched = setmetatable({}, { __mode = "k" })

local function connect(engine)
  local path = engine:listen()
  local socket = path and ngx.socket.tcp()
  local connected = socket and socket:connect("unix:" .. path)
  return engine:accept() and connected and socket
end

--- What a callback raises concerns nobody who waits here.
local function poll(flight)
  local called, why = pcall(flight.poll, flight)
  if not called then
    ngx.log(ngx.ERR, "a callback of a purchase raised: ", tostring(why))
  end
end

--- Whether the watch is still the one of an engine in use.
local function is_on(watch, flight)
  return flight.engine == watch.engine and watched[watch.engine] == watch
end

local function look(watch, flight)
  watch.looks = watch.looks + 1
  poll(flight)
end

--- Polls until there is no news. Gives nginx a turn now and then: its other requests shall not wait
--- for all the answers to be decoded.
local function look_at_all(watch, flight)
  while is_on(watch, flight) and flight.has_news() do
    look(watch, flight)
    if watch.looks % POLLS_IN_A_TURN == 0 then
      ngx.sleep(BETWEEN_TURNS)
    end
  end
end

--- Whether poll() will have something to do. (A call of purchase_async counts as pending until its
--- thread has run, long after the last news.)
local function has_work(flight)
  return next(flight.records) ~= nil or next(flight.alarms) ~= nil
end

--- Ends when nothing was in flight for a while, or the socket breaks.
local function read(watch, flight, socket)
  socket:settimeout(LONGEST * 1000)
  while is_on(watch, flight) do
    local is_last = not has_work(flight) and flight:alarm(LINGER)
    local byte, why = socket:receive(1)
    if not byte and why ~= "timeout" then
      return
    end
    look_at_all(watch, flight)
    if is_last then
      flight:disarm(is_last)
      if not has_work(flight) and (is_last.done or ngx.worker.exiting()) then
        return
      end
    end
  end
end

local function run_watch(_, flight, watch)
  local engine = watch.engine
  local socket = is_on(watch, flight) and connect(engine)
  if socket then
    read(watch, flight, socket)
  end
  if watched[engine] ~= watch then
    return -- another has taken over
  end
  engine:unlisten()
  while is_on(watch, flight) and has_work(flight) do
    look(watch, flight)
    ngx.sleep(POLL_EVERY)
  end
  if watched[engine] == watch then
    watched[engine] = nil
  end
end

--- Sees to it that the engine has a watch.
---@return boolean? has_one
local function start_watch(flight)
  local engine = flight.engine
  if not engine or watched[engine] then
    return true
  end
  local watch = { engine = engine, looks = 0 }
  local started = ngx.timer.at(0, run_watch, flight, watch)
  watched[engine] = started and watch or nil
  return started
end

--- Waits a while for the watch to find news. If it has not told of an end, or in all that time not looked
--- at news that there is, it is given up.
local function wait_for_watch(flight, record, news)
  local watch = flight.engine and watched[flight.engine]
  local looks = watch and watch.looks
  local has_news = news:wait(STEP)
  if not has_news then
    background.tend() -- what is waited for may not have begun
  end
  if has_news or not watch or not is_on(watch, flight) then
    return
  end
  local is_news = flight.has_news() or flight.settled[flight.next_settled]
  if record.done or (is_news and watch.looks == looks) then
    watched[watch.engine] = nil
    poll(flight)
  end
end

function loop.here()
  local phase = ngx.get_phase()
  if CAN_WAIT[phase] then
    return loop
  elseif MAY_BLOCK[phase] then
    return nil
  end
  return nil, "nginx cannot wait in the phase " .. phase .. ": use ngx.timer.at(0, ...)"
end

--- The one phase in which one may block, and timers can be had.
function loop.spawns_here()
  return ngx.get_phase() == "init_worker"
end

--- nginx may drop the thread that waits, and with its stack what a closure would find there: so the
--- closure is made in a function that has returned.
local function post(news)
  return function()
    news:post(1)
  end
end

function loop.wait(flight, record)
  local news = semaphore.new()
  flight.on_done(record, post(news))
  while not record.done do
    if start_watch(flight) then
      wait_for_watch(flight, record, news)
    else
      poll(flight)
      ngx.sleep(POLL_EVERY)
    end
  end
end

loop.spawn, loop.call_back = background.spawn, background.call_back

return loop
