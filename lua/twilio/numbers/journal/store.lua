--- A journal's store, and how a call waits for it: its requests run on the store's own thread, and the call
--- waits in its host. One store may serve several clients.
local core = require("twilio.numbers.core")
local compat = require("twilio.numbers.compat")
local custom_store = require("twilio.numbers.journal.custom_store")
local globals = require("twilio.numbers.globals")
local spec = require("twilio.numbers.journal.spec")

local Journal = { __name = "twilio.numbers.Journal" }
Journal.__index = Journal

local TAG_MAX = 2 ^ 31 - 1

--- A signal just before a wait does not end it, so a limit keeps Ctrl-C responsive.
local LONGEST_WAIT = 1 -- seconds

local POLL_EVERY = 0.002 -- seconds, if nothing signals a result

--- The part of a call's time that its request does not get, so that the store's own error can still arrive.
local SHARE, SHARE_MAX = 0.1, 0.5 -- fraction; seconds

local TRIES = 3 -- attempts to take a result when memory is short for a moment

local NO_MEANS = "the system has no memory, thread or descriptor for the journal"
local LATE = "the journal did not respond in time"
local CLOSED = "the journal is closed"

function Journal:__tostring()
  return self.__name .. " (" .. self.kind .. ")"
end

-- ---- the handle ----

--- The handle of this process, opened when it is first needed: a child of fork() must not use its parent's.
local function get_handle(self)
  if self.is_closed then
    return nil, CLOSED
  end
  local handle = self.handle
  if not handle or handle:is_foreign() then
    local opened, new = pcall(self.open_handle)
    if not opened then
      return nil, NO_MEANS
    end
    self.handle, self.futures = new, {}
    handle = new
  end
  return handle
end

--- For the scheduler, see async/stores.lua.
function Journal:descriptor()
  return self.handle and self.handle:descriptor()
end

local function hand_over(self, tag, a, b, c)
  local future = self.futures[tag]
  if not future then
    return
  end
  future.a, future.b, future.c = a, b, c
  future.has_result = true
  if future.scheduler then
    future.scheduler:arrived(self, future)
  else
    future.done = true
  end
  self.futures[tag] = nil
end

--- For the scheduler, see async/stores.lua. After a result is taken, this allocates nothing.
function Journal:deliver()
  local tag, a, b, c
  if self.handle then
    tag, a, b, c = self.handle:take()
  end
  if not tag then
    return false
  end
  hand_over(self, tag, a, b, c)
  return true
end

--- Delivers all results that have arrived, with retries when memory is short.
local function deliver_all(self)
  local delivered, more = true, true
  for _ = 1, TRIES do
    while delivered and more do
      delivered, more = pcall(self.deliver, self)
    end
    if delivered then
      return
    elseif not compat.is_shortage(more) then
      error(more, 0)
    end
    globals.collect()
    delivered, more = true, true
  end
  error("not enough memory", 0)
end

-- ---- waiting ----

local function wait_blocking(self, future, ends)
  local handle = self.handle
  deliver_all(self)
  while not future.done and core.now() < ends and handle == self.handle do
    handle:wait(math.min(ends - core.now(), LONGEST_WAIT))
    deliver_all(self)
  end
end

--- Waits by sleeping, without an I/O thread to watch the descriptor.
local function wait_asleep(self, call, future, ends, grace)
  deliver_all(self)
  local rest = grace and call.rest or call.sleep
  while not future.done and core.now() < ends and rest(call, POLL_EVERY) do
    deliver_all(self)
  end
end

--- How a call waits: "scheduled", "asleep", or "blocking"; nil after its client was closed, if poll() would
--- have to end the wait.
local function way_of(call)
  local loop = call.loop
  if not loop then
    return "blocking"
  elseif loop.is_polled and call.client.scheduler.is_over then
    return nil
  elseif loop.is_polled or call.client.scheduler:get_io_thread() then
    return "scheduled"
  end
  return loop.sleep and "asleep" or "blocking"
end

--- Creates the future of a request with all its fields, so that completing it allocates nothing.
local function new_future(self, call, way, ends)
  return {
    due = ends,
    began = core.now(),
    done = false,
    wake = false,
    task = false,
    call = false,
    before = false,
    tag = false,
    scheduler = way == "scheduled" and call.client.scheduler or false, -- completes it
    store = self,
    is_expected = false,
    has_result = false,
    a = false,
    b = false,
    c = false,
  }
end

local function wait(self, call, future, way, ends, grace)
  if way == "blocking" then
    wait_blocking(self, future, ends)
  elseif way == "asleep" then
    wait_asleep(self, call, future, ends, grace)
  else
    future.scheduler:watch_store(self)
    call:wait(future)
  end
end

local function queue(self, handle, future, tag, deadline, ...)
  self.futures[tag] = future
  if future.scheduler then
    future.scheduler:expect_result(self, future)
  end
  return handle:submit(tag, deadline, ...)
end

--- Queues a request.
---@return boolean submitted
local function submit(self, handle, future, deadline, ...)
  local tag = self.tag % TAG_MAX + 1
  self.tag = tag
  local called, submitted = pcall(queue, self, handle, future, tag, deadline, ...)
  if called and submitted then
    return true
  end
  self.futures[tag] = nil
  if future.scheduler then
    future.scheduler:expect_none(self, future)
  end
  if not called then
    error(submitted, 0)
  end
  return false
end

--- Sends a request to the store and waits for its result.
---@param grace number|nil the minimum time in seconds, even if the call is cancelled or late
---@return any result nil: there is none
---@return any ...
local function ask(self, call, grace, ...)
  local handle, why = get_handle(self)
  local cancelled = (call.broken_by or not grace) and call.cancelled
  if cancelled or not handle then
    return nil, cancelled or why, true
  end
  local now = core.now()
  local ends, way = math.max(call.ends, now + (grace or 0)), way_of(call)
  if ends <= now or not way then
    return nil, LATE, true
  end
  local future = new_future(self, call, way, ends)
  local deadline = ends - math.min(SHARE_MAX, SHARE * (ends - now))
  if not submit(self, handle, future, deadline, ...) then
    return nil, NO_MEANS, true
  end
  wait(self, call, future, way, ends, grace)
  if future.has_result then
    return future.a, future.b, future.c
  end
  return nil, call.cancelled or (self.is_closed and CLOSED) or LATE, false
end

--- The lag of the store: the number of requests without a result, including those whose call has ended, and
--- the age of the oldest in seconds.
---@return integer waiting
---@return number seconds
function Journal:lag()
  local handle = self.handle
  if not handle or handle:is_foreign() then
    return 0, 0
  end
  deliver_all(self)
  local now = core.now()
  local waiting, first = 0, now
  for _, future in pairs(self.futures) do
    if not future.has_result then
      waiting, first = waiting + 1, math.min(first, future.began)
    end
  end
  return waiting, now - first
end

-- ---- for the protocol ----

--- Reads records.
---@param call twilio.numbers.Call
---@param keys string[]
---@return table<string, { version: integer, value: string }>? records the existing ones; nil: unknown
---@return integer|string now in milliseconds, or a message
---@return string? era
---@param grace? number as for apply()
function Journal:read(call, keys, grace)
  return ask(self, call, grace, "read", keys)
end

--- Writes all, or none if some version differs.
---@param call twilio.numbers.Call
---@param writes { key: string, version: integer, value: string? }[] version 0: must not exist; no value:
---delete
---@return boolean? written nil: unknown
---@return string? message
---@return boolean? is_certain nothing was written, nor will be
---@param grace? number the minimum time in seconds, even if the call is cancelled or late
function Journal:apply(call, writes, grace)
  return ask(self, call, grace, "apply", writes)
end

--- Lists records in byte order of their keys.
---@param call twilio.numbers.Call
---@param prefix string
---@param after string? the key to start after
---@param limit integer
---@return { key: string, version: integer, value: string }[]? list nil: unknown
---@return string? message
function Journal:scan(call, prefix, after, limit)
  return ask(self, call, nil, "scan", prefix, after, limit)
end

--- Completes the futures that are left.
local function abandon(self)
  for tag, future in pairs(self.futures) do
    self.futures[tag] = nil
    if future.scheduler then
      future.scheduler:arrived(self, future)
    end
    future.done = true
  end
end

--- Closes the journal after its queued requests, or after a time limit.
---@param seconds? number
function Journal:close(seconds)
  local handle, ends = self.handle, core.now() + (seconds or 0)
  if self.is_closed then
    return
  end
  self.is_closed = true
  if handle and not handle:is_foreign() then
    deliver_all(self)
    while next(self.futures) and core.now() < ends do
      handle:wait(math.min(ends - core.now(), LONGEST_WAIT))
      deliver_all(self)
    end
    handle:close(ends - core.now())
  end
  abandon(self)
  self.handle = false
end

-- ---- opening ----

local store = {}

--- Checks the file of an SQLite journal with stat(). The first call may create a missing one.
local function problem_of(stores, read, create)
  if read.kind ~= "sqlite" then
    return
  end
  local kind, message = stores.problem(read.path)
  if kind == "invalid" or (kind and not create) then
    return message, kind
  end
end

--- Opens a journal. The first call opens the file or the connection.
---@param given string|table see journal/spec.lua
---@param options? { create: boolean? }
---@return twilio.numbers.Journal|twilio.numbers.CustomJournal|nil journal
---@return string? message
---@return "invalid"|"journal"|nil kind of the problem
function store.open(given, options)
  local read, message = spec.read(given)
  if not read then
    return nil, message, "invalid"
  elseif read.store then
    return custom_store.new(read.store)
  end
  local loaded, stores = pcall(globals.load, "twilio.numbers.stores")
  if not loaded then
    return nil, compat.tostring(stores):match("^[^\n]*"), "journal"
  end
  read.create = options and options.create or false
  local problem, kind = problem_of(stores, read, read.create)
  if problem then
    return nil, problem, kind
  end
  return setmetatable({
    kind = read.kind,
    open_handle = function() -- a closure, so that printing a journal prints no connection string
      return stores.open(read)
    end,
    handle = false,
    futures = {}, -- of requests, by tag
    tag = 0,
    is_closed = false,
  }, Journal)
end

--- Whether a value is a journal that open() returned.
function store.is_open(value)
  return getmetatable(value) == Journal or custom_store.is_open(value)
end

return store
