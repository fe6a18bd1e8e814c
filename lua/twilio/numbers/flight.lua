--- What is in flight for a client: requests that its engine sends, waits that end later, and the
--- calls that these belong to. It waits for nothing: poll() is told that there may be news.
---
--- Whatever one can wait for is a record: a table whose `done` becomes true, and what was
--- given to on_done() is then called. How to wait for it is a loop's affair (loops/).
local block = require("twilio.numbers.loops.block")
local core = require("twilio.numbers.core")

---@class twilio.numbers.Flight
local Flight = {}
Flight.__index = Flight

--- How long one poll() hands over results, which a game's frame can spare, and how many are decoded
--- (each takes some 0.01 ms) between two looks at the clock.
local BUDGET, AT_ONCE = 0.0001, 2 -- seconds

local LOOK_EVERY = 0.01 -- seconds

--- How long a call may do without any request or pause, when nothing else shows that it lives on.
local MOMENT = 0.1 -- seconds

--- How long after its deadline a call may still be on its way to its end.
local GRACE = 1 -- seconds

--- A signal that comes just before a doze does not end it, and Ctrl-C shall be heard.
local LONGEST_DOZE = 1 -- seconds

local NO_MEANS = {
  outcome = "connect",
  sent = false,
  permanent = true,
  reason = "the system gives no memory or no thread for it",
}
local FORKED = {
  outcome = "cancelled",
  sent = true,
  reason = "this process was forked meanwhile, and the answer is its parent's",
}
local CLOSED = { outcome = "cancelled", sent = true, reason = "the client was closed meanwhile" }

local function copy(answer)
  local own = { headers = {} }
  for name, value in pairs(answer) do
    own[name] = value
  end
  return own
end

--- A function that says whether it gets the same value as the last time. In a closure, so that nobody
--- who prints a client prints its credentials.
local function new_memory()
  local last
  return function(value)
    local is_same = value == last
    last = value
    return is_same
  end
end

---@param make_engine? function makes an engine of twilio.numbers.curl; nil for other transports
function Flight.new(make_engine)
  return setmetatable({
    make_engine = make_engine,
    process = core.process(),
    records = {}, -- of the engine's requests, by tag
    settled = {}, -- records that are done; nobody was told yet of those from `next_settled` on
    next_settled = 1,
    failures = {}, -- what callbacks raised, and poll() has not
    alarms = {}, -- a set of records
    calls = setmetatable({}, { __mode = "k" }), -- a set; a host may drop a coroutine with its call
    watchers = 0, -- loops of ours that watch the descriptor
    pendings = {}, -- a set of what purchase_async returned and that is not over
    pending = 0, -- how many these are
    overdue = math.huge, -- when the first of them that a host runs should be over
  }, Flight)
end

--- The engine, which is made when it is first needed; nil if there is none, or the system gives none.
function Flight:get_engine()
  self:notice_fork()
  if not self.engine and self.make_engine then
    local made, engine = pcall(self.make_engine)
    self.engine = made and engine or nil
    self.has_news = made and engine:news() or nil
    self.is_authorized = new_memory()
    if self.next_alarm then
      self:wake_at(self.next_alarm)
    end
  end
  return self.engine
end

-- ---- records ----

--- Calls a function; what it raises is raised by poll() once all have been told.
function Flight:tell(f, record)
  local called, why = pcall(f, record)
  if not called then
    self.failures[#self.failures + 1] = { why = why }
  end
end

--- Ends a wait.
function Flight:complete(record)
  if record.completed then
    return
  end
  local wake, waiters = record.wake, record.waiters
  record.done, record.completed, record.wake, record.waiters = true, true, false, nil
  if record.arrived then
    self:tell(record.arrived, record)
  end
  if wake then
    self:tell(wake, record)
  end
  for i = 1, waiters and #waiters or 0 do
    self:tell(waiters[i], record)
  end
end

--- Has a function called when a record is done, besides those that will be already. (Most records have
--- but one, which needs no list.)
function Flight.on_done(record, wake)
  if not record.wake then
    record.wake = wake
    return
  end
  local waiters = record.waiters or {}
  record.waiters = waiters
  waiters[#waiters + 1] = wake
end

--- Takes that back.
local function forget(record, wake)
  if record.wake == wake then
    record.wake = false
    return
  end
  for i, waiter in ipairs(record.waiters or {}) do
    if waiter == wake then
      table.remove(record.waiters, i)
      return
    end
  end
end

--- A record that is done after so many seconds.
function Flight:alarm(seconds)
  local record = { due = core.now() + seconds }
  self:get_engine() -- which watches the clock
  self.alarms[record] = true
  if not self.next_alarm or record.due < self.next_alarm then
    self:wake_at(record.due)
  end
  return record
end

--- Forgets an alarm.
function Flight:disarm(record)
  self.alarms[record] = nil
end

function Flight:wake_at(time)
  self.next_alarm = time
  if self.engine then
    self.engine:wake_at(time)
  end
end

--- Settles the waits whose time has come.
function Flight:ring(now)
  self:notice_fork()
  local due, next_alarm = {}, nil
  for record in pairs(self.alarms) do
    if record.due <= now then
      due[#due + 1] = record
    elseif not next_alarm or record.due < next_alarm then
      next_alarm = record.due
    end
  end
  self.next_alarm = nil
  if next_alarm then
    self:wake_at(next_alarm)
  end
  for _, record in ipairs(due) do
    self.alarms[record] = nil
    self.settled[#self.settled + 1] = record
  end
end

-- ---- requests ----

function Flight:authorize(engine, authorization)
  if not self.is_authorized(authorization) then
    engine:authorize(authorization)
  end
end

--- The record of a request, known by its tag before its answer can come. What most of them will hold
--- is named here, so that the table need not grow.
---   call, request, arrived   whose it is, and what is called before all others when it is done
---   wake, pending            who waits
---   number, status, request_id   of a purchase that was made; else answer, and form
local function track(self, engine)
  local record = {
    tag = engine:tag(),
    done = false,
    completed = false,
    call = false,
    request = false,
    arrived = false,
    wake = false,
    pending = false,
    number = false,
  }
  self.records[record.tag] = record
  return record
end

local function untrack(self, record)
  self.records[record.tag] = nil
  record.answer, record.done = copy(NO_MEANS), true
end

--- The record of a request for which there is no engine.
local function refused(form)
  return { answer = copy(NO_MEANS), form = form, done = true }
end

--- Sends a request, once: record.answer will be what session:exchange() returns.
function Flight:exchange(request, authorization)
  local engine = self:get_engine()
  if not engine then
    return refused()
  end
  self:authorize(engine, authorization)
  local r, record = request, track(self, engine)
  local submitted =
    engine:exchange(record.tag, r.url, r.body, r.timeout, r.connect_timeout, r.expires, r.method)
  if not submitted then
    untrack(self, record)
  end
  return record
end

--- Checks, encodes and sends a purchase, once: the record will have number, status and request_id,
--- or form and answer.
---@return table? record
---@return table? problems nothing will be sent
function Flight:purchase(request, authorization, params)
  local engine = self:get_engine()
  if not engine then
    local form, problems = core.form(params)
    return form and refused(form), problems
  end
  self:authorize(engine, authorization)
  local r, record = request, track(self, engine)
  local submitted, problems =
    engine:purchase(record.tag, r.url, params, r.timeout, r.connect_timeout, r.expires)
  if not submitted then
    untrack(self, record)
    record.form = not problems and core.form(params) or nil
  end
  return not problems and record or nil, problems
end

--- Gives a wait up: a request will be done as "cancelled" when the engine has let go of it.
function Flight:cancel(record)
  self:notice_fork()
  if record.done then
    return
  elseif record.tag and self.engine then
    self.engine:cancel(record.tag)
  elseif self.alarms[record] then
    record.due = 0
    self:wake_at(0)
  end
end

-- ---- news ----

--- Hands over what is done, as far as the budget goes, moves on what waited for it, and raises what
--- a callback raised.
---@return integer pending calls of purchase_async that are still in flight
function Flight:poll()
  local has_news = self.has_news
  -- an engine has news when the time of an alarm has come
  if has_news == nil or has_news() or self.overdue < math.huge then
    self:move_on()
  end
  if self.failures[1] and not self.is_rest then
    self:raise()
  end
  return self.pending
end

--- As poll(), but leaves what callbacks raise for later: who waits shall not be disturbed by it.
function Flight:move_on()
  if self.overdue < math.huge then
    self:abandon_overdue()
  end
  -- without an engine nothing would call for the rest
  local ends = self.engine and core.now() + BUDGET
  local is_rest = self:settle(ends) -- what another poll has not come to
  local engine = self.engine
  while engine and not is_rest do
    local count = engine:take(self.records, self.settled, AT_ONCE)
    if count < 0 then
      self:leave_engine()
      self:ring(core.now())
    end
    is_rest = self:settle(self.engine and ends)
    if count < AT_ONCE or core.now() >= ends then
      break
    end
    engine = self.engine -- a callback may have closed it
  end
  -- after the news is taken, which may be that this time has come
  if not is_rest and self.next_alarm and core.now() >= self.next_alarm then
    self:ring(core.now())
    is_rest = self:settle(self.engine and ends)
  end
  self.is_rest = is_rest and self.engine ~= nil
  if self.is_rest then
    self.engine:ring() -- for another poll
  end
end

--- Raises what a callback raised; the next one another time.
function Flight:raise()
  if self.failures[1] then
    error(table.remove(self.failures, 1).why, 0)
  end
end

--- Tells who waits for what is settled. Whoever is told may poll, and wait for another of the list:
--- so it is the same for all polls.
---@param ends? number when to stop, after AT_ONCE at the least
---@return boolean is_rest
function Flight:settle(ends)
  local settled, told = self.settled, 0
  while settled[self.next_settled] do
    if ends and told >= AT_ONCE and core.now() >= ends then
      return true
    end
    local record = settled[self.next_settled]
    settled[self.next_settled] = false
    self.next_settled = self.next_settled + 1
    self:complete(record)
    told = told + 1
  end
  for i = self.next_settled - 1, 1, -1 do
    settled[i] = nil
  end
  self.next_settled = 1
  return false
end

--- Whether anything is to be waited for: if not, nobody needs to poll.
function Flight:is_busy()
  return self.engine ~= nil and (next(self.records) ~= nil or next(self.alarms) ~= nil)
    or self.pending > 0
end

--- Readable whenever poll() has something to do; nil where there can be no engine. Nobody knows how
--- long it is watched for.
function Flight:pollfd()
  local engine = self:get_engine()
  self.is_watched = true
  return engine and engine:descriptor()
end

--- The same for a loop of ours, which says when it watches it no more.
function Flight:watch()
  local engine = self:get_engine()
  self.watchers = self.watchers + 1
  return engine and engine:descriptor()
end

function Flight:unwatch()
  self.watchers = self.watchers - 1
  if self.watchers == 0 and not self.is_watched then
    self:close_engine()
  end
end

--- For cqueues.
function Flight.events()
  return "r"
end

--- Seconds until poll() has something to do by the clock alone, or nil.
function Flight:timeout()
  return self.next_alarm and math.max(0, self.next_alarm - core.now())
end

--- Waits in the way of a loop, or blocks without one; with `seconds` no longer than that.
function Flight:wait(record, loop, seconds)
  loop = loop or block
  if record.done then
    return
  elseif not seconds then
    return loop.wait(self, record)
  elseif loop ~= block and not self:get_engine() then -- nothing would tell when the time is over
    local ends = core.now() + seconds
    while loop.sleep and not record.done and core.now() < ends do
      loop.sleep(LOOK_EVERY)
    end
    return
  end
  local either, over = {}, self:alarm(seconds)
  local function wake()
    self:complete(either)
  end
  self.on_done(record, wake)
  self.on_done(over, wake)
  loop.wait(self, either)
  forget(record, wake)
  self:disarm(over)
end

--- Blocks until there may be news, at most so long.
function Flight:doze(seconds)
  local left = math.min(seconds, self:timeout() or seconds, LONGEST_DOZE)
  if self.engine then
    self.engine:wait(left)
  else
    core.sleep(left)
  end
end

-- ---- life ----

--- Counts what purchase_async returned, from its beginning to its end.
function Flight:add(pending)
  self:enter(pending.call)
  self.pendings[pending] = true
  self.pending = self.pending + 1
end

--- Sees to it that one which the host runs comes to an end, even if the host runs it no more.
function Flight:expect(pending, ends)
  pending.expected = ends + GRACE
  self.overdue = math.min(self.overdue, pending.expected)
end

function Flight:expect_all(ends)
  for pending in pairs(self.pendings) do
    if pending.expected then
      self:expect(pending, ends)
    end
  end
end

function Flight:abandon_overdue()
  local now = core.now()
  if now < self.overdue then
    return
  end
  local overdue = {}
  self.overdue = math.huge
  for pending in pairs(self.pendings) do
    if pending.expected and pending.expected <= now then
      overdue[#overdue + 1] = pending
    elseif pending.expected then
      self.overdue = math.min(self.overdue, pending.expected)
    end
  end
  for _, pending in ipairs(overdue) do
    self:tell(pending.abandon, pending)
  end
end

function Flight:remove(pending)
  self.pendings[pending] = nil
  self.pending = self.pending - 1
  self:leave(pending.call)
end

function Flight:enter(call)
  self:notice_fork() -- before the call is one of those that the parent has
  self.calls[call] = true
end

function Flight:leave(call)
  self.calls[call] = nil
  if self.all_over and next(self.calls) == nil then
    self:complete(self.all_over)
  end
end

--- A record that is done when no call is in flight.
function Flight:when_over()
  if not self.all_over or self.all_over.done then
    self.all_over = { done = next(self.calls) == nil }
  end
  return self.all_over
end

--- Waits until no call is in flight, at most so long. A host may have dropped the coroutine of one,
--- which nobody notices: so it is over, too, when nothing was sent or slept for a moment.
function Flight:wind_down(loop, seconds)
  local over, ends, was_idle = self:when_over(), core.now() + seconds, false
  while not over.done and core.now() < ends do
    self:wait(over, loop, math.min(MOMENT, ends - core.now()))
    local is_idle = self.engine ~= nil and self.pending == 0 and not next(self.records)
    is_idle = is_idle and not next(self.alarms)
    if is_idle and was_idle then
      return
    end
    was_idle = is_idle
  end
end

function Flight:cancel_calls(reason)
  for call in pairs(self.calls) do
    call.cancelled = call.cancelled or reason
  end
end

--- Lets go of an engine whose requests can have no answer here. Who waits for one is told by the
--- next poll().
function Flight:leave_engine()
  local forked = self.process ~= core.process()
  self.process, self.engine, self.has_news, self.next_alarm = core.process(), nil, nil, nil
  self:cancel_calls(forked and "forked" or "closed")
  local records = self.records
  self.records = {}
  for _, record in pairs(records) do
    record.answer = copy(forked and FORKED or CLOSED)
    record.form = record.form or ""
    self.alarms[record] = true
  end
  for record in pairs(self.alarms) do
    record.due, self.next_alarm = 0, 0
  end
end

--- A child of fork() has no part in what its parent has in flight, and an engine of its own.
function Flight:notice_fork()
  local forked
  if self.engine then
    forked = self.engine:is_foreign() -- which asks no system
  else
    forked = self.process ~= core.process()
  end
  if forked then
    self:leave_engine()
  end
end

--- Ends everything: what is in flight is cancelled, and everybody who waits is told.
function Flight:close()
  local engine = self.engine
  self.make_engine = nil
  self:notice_fork()
  self:cancel_calls("closed")
  if self.engine then
    engine:stop()
    local count
    repeat
      count = engine:take(self.records, self.settled, AT_ONCE)
      self:settle()
    until count <= 0
    self.closing_engine = engine
    if self.is_watched or self.watchers > 0 then
      engine:ring() -- whoever watches the descriptor looks up, and finds nothing more to do
    else
      self:close_engine()
    end
  end
  self:leave_engine()
  self:ring(core.now())
  self:settle()
  self:expect_all(core.now())
end

--- Closes an engine whose descriptor nobody watches any more, rather than leave it to the collector,
--- from which LuaJIT's compiled code may keep it.
function Flight:close_engine()
  local engine = self.closing_engine
  if engine then
    self.closing_engine = nil
    engine:close()
  end
end

return Flight
