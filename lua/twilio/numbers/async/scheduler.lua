--- The scheduler of a client: the requests of its I/O thread, timers, and the tasks that wait for them. It
--- never blocks: poll() handles what is ready.
---
--- A future is a table whose `done` becomes true, after which its waiters are called. The ways to wait for
--- one in a host are in hosts/.
local alarms = require("twilio.numbers.async.alarms")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local for_hosts = require("twilio.numbers.async.for_hosts")
local futures = require("twilio.numbers.async.futures")
local globals = require("twilio.numbers.globals")
local interruption = require("twilio.numbers.async.interruption")
local shutdown = require("twilio.numbers.async.shutdown")
local stores = require("twilio.numbers.async.stores")

---@class twilio.numbers.Scheduler
local Scheduler = {}
Scheduler.__index = Scheduler

for _, part in ipairs { alarms, for_hosts, futures, interruption, shutdown, stores } do
  for name, method in pairs(part) do
    Scheduler[name] = method
  end
end

--- The time limit of one poll(), small enough for a frame of a game, and its minimum of work.
local BUDGET, LEAST = 0.0001, 2 -- seconds; results

local TRIES = 3 -- attempts to poll when memory is short for a moment

local HUGE = math.huge

--- Returns a function that sets the authorization of the I/O thread if it has changed. A closure, so that
--- printing a client does not print its credentials.
local function new_authorizer()
  local last
  return function(io_thread, value)
    if value ~= last then
      last = io_thread:authorize(value) and value or nil
    end
    return last ~= nil
  end
end

---@param make_io_thread? function makes an I/O thread of twilio.numbers.curl; nil for other transports
function Scheduler.new(make_io_thread)
  return setmetatable({
    make_io_thread = make_io_thread,
    process = core.process(),
    io_thread = false,
    has_io_news = false, -- a function of the I/O thread
    is_authorized = false,
    futures = {}, -- of requests, by their responses, which are reused: no new keys
    responses = {}, -- by tag
    stores = {}, -- of journals -> the number of results that calls wait for
    alarms = {}, -- a set of futures
    next_alarm = false, -- when the first one is due
    is_unwoken = false, -- the I/O thread may not have that time
    unfinished = false, -- the first of a chain of futures with waiters to call
    is_queuing = false, -- an error may have left one of them that is not marked as done
    first_ready = false, -- of the chain of ready tasks
    last_ready = false,
    is_running = false, -- a task runs now
    is_over = false, -- close() waits for nothing any more
    is_interrupted = false, -- an error may have left things undone, see interruption.lua
    repairs = 0, -- their number
    busy = 0, -- the number of nested polls
    failures = {}, -- errors of callbacks that poll() has yet to raise
    calls = setmetatable({}, { __mode = "k" }), -- a set; a host may drop a coroutine with its call
    owing = 0, -- the number of them with a purchase to report
    watchers = 0, -- hosts of this library that watch the descriptor
    is_watched = false, -- by other code, for an unknown time
    tasks = {}, -- the unfinished ones, by their calls
    pending = 0, -- their number
    overdue = HUGE, -- when the first one that a host runs should be over
  }, Scheduler)
end

--- Starts the I/O thread, if the system can. Meanwhile a finalizer may start another one, with requests in
--- flight, or close the client.
local function start_io_thread(self)
  local is_authorized = new_authorizer()
  local made, io_thread, has_news = pcall(self.make_io_thread)
  if not made then
    return
  elseif self.io_thread or not self.make_io_thread then
    return io_thread:close()
  end
  self.io_thread, self.has_io_news, self.is_authorized = io_thread, has_news, is_authorized
  if self.next_alarm then
    self:wake_at(self.next_alarm)
  end
  if self.first_ready or self.unfinished then
    io_thread:ring()
  end
end

--- The I/O thread, started when it is first needed; nil if the transport has none, or the system cannot start
--- one.
function Scheduler:get_io_thread()
  self:notice_fork()
  if not self.io_thread and self.make_io_thread then
    start_io_thread(self)
  end
  return self.io_thread or nil
end

-- ---- requests ----

local NO_MEANS = "the system has no memory or thread for it"

--- Sends a request of a call, once.
---@param request table see http/call.lua
---@param call twilio.numbers.Call
---@return table future done when request.response is filled
function Scheduler:send(request, call)
  local response, io_thread, future = request.response, self:get_io_thread(), call.spare_future
  if future then
    call.spare_future, future.done, future.call, future.before = false, false, call, false
  else
    future = {
      done = false,
      wake = false, -- a waiter
      task = false, -- or a waiting task of the library
      call = call,
      request = request,
      tag = false,
      before = false,
    }
  end
  if io_thread and self.is_authorized(io_thread, request.authorization) then
    local tag = io_thread:tag()
    future.tag, self.futures[response], self.responses[tag] = tag, future, response
    local is_submitted = io_thread:send(
      tag,
      response,
      request.method,
      request.url,
      request.body,
      request.timeout,
      request.connect_timeout,
      request.expires,
      request.not_after
    )
    if is_submitted then
      return future
    end
    self.futures[response], self.responses[tag] = nil, nil
  end
  response:refuse("connect", NO_MEANS, true)
  future.done, future.call = true, false
  call:arrived(request)
  return future
end

--- Cancels a request: its future completes as "cancelled" when the I/O thread has dropped it.
function Scheduler:cancel(future)
  self:notice_fork()
  if future.done then
    return
  elseif future.tag and self.io_thread then
    self.io_thread:cancel(future.tag)
  elseif self.alarms[future] then
    future.due = 0
    self:wake_at(0)
  end
end

-- ---- polling ----

--- Completes futures and runs the tasks that waited for them, within the time limit. Raises errors of
--- callbacks.
---@return integer pending _async calls that are still in flight
function Scheduler:poll()
  local has_news = self.has_io_news
  if
    self.first_ready
    or self.unfinished
    or self.overdue < HUGE
    or self.is_interrupted
    or (self.next_alarm and (self.is_unwoken or not self.io_thread))
    or (has_news and has_news())
  then
    self:move_on()
  end
  if self.failures[1] and (not self.is_rest or self.pending == 0) then
    self:raise()
  end
  return self.pending
end

--- Handles the next ready task, or response with its task, or result. False if there is none.
local function step(self)
  if self.unfinished then
    self:settle(self.unfinished)
    return true
  elseif self.first_ready then
    self:run_first()
    return true
  end
  local io_thread = self.io_thread
  if not io_thread then
    return next(self.stores) ~= nil and self:take_from_stores()
  end
  local tag, response = io_thread:take(self.responses)
  if tag == false then -- the process was forked, or the I/O thread is closed
    self:leave_io_thread()
    self:end_alarms(core.now())
    return true
  end
  local future = tag and self.futures[response]
  if future then
    future.before = self.unfinished -- as queue() does it
    self.unfinished = future
    future.done = true
    self.futures[response] = nil -- last, see interruption.lua
    self:settle(future)
    if self.first_ready then
      self:run_first()
    end
  end
  return tag ~= nil or (next(self.stores) ~= nil and self:take_from_stores())
end

--- Steps until nothing is ready, or the time is over.
---@return boolean is_rest work is left
local function run(self)
  local ends, count = core.now() + BUDGET, 0
  while step(self) do
    count = count + 1
    if count >= LEAST and core.now() >= ends then
      return true
    end
  end
  return false
end

--- Handles all that is ready, without a time limit.
function Scheduler:run_all()
  while step(self) do -- luacheck: ignore 542
  end
end

local function move_on(self, is_nested)
  self.is_running = true
  if self.is_interrupted and not is_nested then
    self:resume_interrupted()
  end
  local is_rest = run(self)
  -- after the last event of the I/O thread, which may have been this timer
  while not is_rest and self.next_alarm and core.now() >= self.next_alarm do
    self:end_alarms(core.now())
    is_rest = run(self)
  end
  if self.is_unwoken and self.next_alarm and self.io_thread then
    self:wake_at(self.next_alarm)
  end
  if self.overdue < HUGE then
    self:abandon_overdue(is_rest) -- last: their responses may have arrived long ago
  end
  self.is_rest = is_rest
  if is_rest and self.io_thread then
    self.io_thread:ring() -- for another poll
  end
  self.is_running = is_nested -- last, and here: an error after the pcall() would leave it true for good
end

--- Like poll(), but keeps errors of callbacks for later. Raises an error if it is out of memory; nothing is
--- lost, and the descriptor stays readable.
function Scheduler:move_on()
  local was_running = self.is_running
  local moved, why = pcall(move_on, self, was_running)
  if not moved then
    self.is_interrupted, self.is_running = true, was_running -- before any call, which may need memory
    if self.io_thread then
      self.io_thread:ring()
    end
    error(why, 0)
  end
end

--- The same for a waiting call, with retries when memory is short.
---@return boolean moved false: memory stays short
function Scheduler:move_on_patiently()
  for _ = 1, TRIES do
    local moved, why = pcall(self.move_on, self)
    if moved then
      return true
    elseif not compat.is_shortage(why) then
      error(why, 0)
    end
    globals.collect()
  end
  return false
end

return Scheduler
