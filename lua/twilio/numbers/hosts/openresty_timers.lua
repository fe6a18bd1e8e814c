--- Runs code in nginx that outlives the request that started it, in timers. nginx limits their number; a
--- timer may never run (lua_max_running_timers), and may end at any time (ngx.exit). Used by
--- hosts/openresty.lua only.
local globals = require("twilio.numbers.globals")
local semaphore = require("ngx.semaphore")

local ngx = globals.ngx

local background = {}

local STEP = 1 -- second after which it is checked that a timer has run
local TRY_EVERY = 0.004 -- seconds
local PATIENCE = 3 -- seconds that a callback waits for a timer
local LONGEST = 3600 -- seconds

--- The functions that no runner has taken yet, and since when they wait.
local asked, asked_since = {}, 0

--- The runner: one timer that runs each function in a light thread of its own, since nginx limits timers,
--- and a light thread belongs to the request or timer that created it.
---   running   how many of its threads run
---   ended     its threads that have finished
---   news      a semaphore: there is a function to run, or a thread has finished
local runner

local function run_in_thread(own, f)
  own.running = own.running + 1
  ngx.thread.spawn(function()
    local called, why = pcall(f)
    if not called then
      ngx.log(ngx.ERR, "a purchase raised: ", tostring(why))
    end
    own.running = own.running - 1
    own.ended[#own.ended + 1] = coroutine.running()
    own.news:post(1)
  end)
end

--- nginx keeps a finished thread until it is waited for or killed, or its timer ends.
local function forget_ended(own)
  local threads = own.ended
  own.ended = {}
  for _, thread in ipairs(threads) do
    ngx.thread.kill(thread)
  end
end

local function take_asked(own)
  local functions = asked
  asked = {}
  for _, f in ipairs(functions) do
    run_in_thread(own, f)
  end
end

local function run(_, own)
  while own.running > 0 or (runner == own and asked[1]) do
    if runner == own then
      take_asked(own)
    end
    own.news:wait(LONGEST)
    forget_ended(own)
  end
  if runner == own then
    runner = nil
  end
end

--- Starts a runner if there is none, and another if the current one has not taken a function for STEP.
---@return boolean? has_one
---@return string? why
local function start_runner()
  if runner and not (asked[1] and ngx.now() - asked_since >= STEP) then
    return true
  end
  local own = { running = 0, ended = {}, news = semaphore.new() }
  local started, why = ngx.timer.at(0, run, own)
  if started then
    runner, asked_since = own, ngx.now()
  end
  return started, why
end

local looks_at = 0

--- The timer of tend(): runs once a second while functions wait.
local function look_after()
  looks_at = 0
  background.tend()
end

--- Starts another runner if the current one has not taken the functions that wait.
function background.tend()
  if not asked[1] then
    return
  end
  start_runner()
  if ngx.now() >= looks_at + STEP and ngx.timer.at(STEP, look_after) then
    looks_at = ngx.now() + STEP
  end
end

--- Runs a function in a timer.
---@param f fun()
---@return boolean? started
---@return string? message
function background.spawn(_, f)
  local started, why = start_runner()
  if not started then
    return nil, "nginx created no timer: " .. tostring(why)
  end
  if not asked[1] then
    asked_since = ngx.now()
  end
  asked[#asked + 1] = f
  runner.news:post(1)
  background.tend()
  return true
end

--- Calls a callback, unless it was called already.
local function call_back_once(call)
  if call.is_taken then
    return
  end
  call.is_taken = true
  call.news:post(1)
  local called, why = pcall(call.callback, call.number, call.message, call.err)
  if not called then
    ngx.log(ngx.ERR, "a callback of a purchase raised: ", tostring(why))
  end
end

local function call_back_in_timer(_, call)
  call_back_once(call)
end

--- Calls a callback in a timer of its own, so that an ngx.exit in the callback ends nothing else. If no
--- timer runs within PATIENCE, calls it here.
function background.call_back(callback, number, message, err)
  local call = { callback = callback, number = number, message = message, err = err }
  call.news = semaphore.new()
  local ends = ngx.now() + PATIENCE
  while not call.is_taken and ngx.now() < ends do
    if ngx.timer.at(0, call_back_in_timer, call) then
      call.news:wait(STEP)
    else -- too many timers are pending
      ngx.sleep(TRY_EVERY)
    end
  end
  call_back_once(call)
end

return background
