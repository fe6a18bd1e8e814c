--- Waits in nginx, which watches only its own sockets: a timer reads a unix socket to which the io_thread
--- writes a byte when a request is done, and the poll that follows posts a semaphore for each waiting call.
--- Without that socket the timer polls, and without a timer each waiting call does, a few hundred times a
--- second.
local background = require("twilio.numbers.hosts.openresty_timers")
local globals = require("twilio.numbers.globals")
local semaphore = require("ngx.semaphore")

local ngx = globals.ngx

local loop = { yields = true, sleep = ngx.sleep }

local POLL_EVERY = 0.004 -- seconds
local POLLS_IN_A_TURN = 4 -- of 0.1 ms each
local BETWEEN_TURNS = 0.001 -- seconds; with 0 Debian's nginx logs a warning
local LINGER = 1 -- second that the idle timer waits for the next call (and an exiting nginx for the timer)
local STEP = 1 -- second after which a waiting call checks that the watch still works
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
--- Phases before any request is served, in which a call may block.
local MAY_BLOCK = { init = true, init_worker = true }

--- The watch of each io_thread: its timer reads the socket, and `looks` counts its polls. The timer may
--- never run (lua_max_running_timers), and may end at any time (ngx.exit in on_event).
local watched = setmetatable({}, { __mode = "k" })

local function connect(io_thread)
  local path = io_thread:listen()
  local socket = path and ngx.socket.tcp()
  local connected = socket and socket:connect("unix:" .. path)
  return io_thread:accept() and connected and socket
end

--- Polls. An error of a callback is logged: it must not end the waiting call.
local function poll(scheduler)
  local called, why = pcall(scheduler.poll, scheduler)
  if not called then
    ngx.log(ngx.ERR, "a callback of a purchase raised: ", tostring(why))
  end
end

--- Whether the watch is still the current one, of the current io_thread.
local function is_on(watch, scheduler)
  return scheduler:current_io_thread() == watch.io_thread and watched[watch.io_thread] == watch
end

local function look(watch, scheduler)
  watch.looks = watch.looks + 1
  poll(scheduler)
end

--- Polls until there are no more events. Sleeps from time to time, so that other requests of nginx do not
--- wait until all responses are decoded.
local function look_at_all(watch, scheduler)
  while is_on(watch, scheduler) and scheduler:has_news() do
    look(watch, scheduler)
    if watch.looks % POLLS_IN_A_TURN == 0 then
      ngx.sleep(BETWEEN_TURNS)
    end
  end
end

--- Reads the socket until nothing has been in flight for a while, or the socket fails.
local function read(watch, scheduler, socket)
  socket:settimeout(LONGEST * 1000)
  while is_on(watch, scheduler) do
    local is_last = not scheduler:has_work() and scheduler:alarm(LINGER)
    local byte, why = socket:receive(1)
    if not byte and why ~= "timeout" then
      return
    end
    look_at_all(watch, scheduler)
    if is_last then
      scheduler:disarm(is_last)
      if not scheduler:has_work() and (is_last.done or ngx.worker.exiting()) then
        return
      end
    end
  end
end

local function run_watch(_, scheduler, watch)
  local io_thread = watch.io_thread
  local socket = is_on(watch, scheduler) and connect(io_thread)
  if socket then
    read(watch, scheduler, socket)
  end
  if watched[io_thread] ~= watch then
    return -- another watch has replaced it
  end
  io_thread:unlisten()
  while is_on(watch, scheduler) and scheduler:has_work() do
    look(watch, scheduler)
    ngx.sleep(POLL_EVERY)
  end
  if watched[io_thread] == watch then
    watched[io_thread] = nil
  end
end

--- Starts a watch for the io_thread, if it has none.
---@return boolean? has_one nil: nginx gives no timer
local function start_watch(scheduler)
  local io_thread = scheduler:current_io_thread()
  if not io_thread or watched[io_thread] then
    return true
  end
  local watch = { io_thread = io_thread, looks = 0 }
  local started = ngx.timer.at(0, run_watch, scheduler, watch)
  watched[io_thread] = started and watch or nil
  return started
end

--- Waits up to STEP for the future. The watch is dropped if the future was done but its semaphore not
--- posted, or if there are events but the watch has not polled in all that time.
local function wait_for_watch(scheduler, future, news)
  local io_thread = scheduler:current_io_thread()
  local watch = io_thread and watched[io_thread]
  local looks = watch and watch.looks
  local has_news = news:wait(STEP)
  if not has_news then
    background.tend() -- the call may not have started
  end
  if has_news or not watch or not is_on(watch, scheduler) then
    return
  end
  local is_news = scheduler:has_news()
  if future.done or (is_news and watch.looks == looks) then
    watched[watch.io_thread] = nil
    poll(scheduler)
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

--- The one phase in which a call may block and timers can be created.
function loop.spawns_here()
  return ngx.get_phase() == "init_worker"
end

--- nginx may drop the waiting thread, and its stack with the upvalues that are still open there. The
--- function has returned by then, so that its upvalue is closed.
local function post(news)
  return function()
    news:post(1)
  end
end

function loop.wait(scheduler, future)
  local news = semaphore.new()
  scheduler.on_done(future, post(news))
  while not future.done do
    if start_watch(scheduler) then
      wait_for_watch(scheduler, future, news)
    else
      poll(scheduler)
      ngx.sleep(POLL_EVERY)
    end
  end
end

loop.spawn, loop.call_back = background.spawn, background.call_back

return loop
