--- Requests that a flight hands to its engine, and their records.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Flight
local requests = {}

--- The answer to a request for which the system gives no means.
local function no_means()
  local reason = "the system gives no memory or no thread for it"
  return { outcome = "connect", sent = false, permanent = true, reason = reason, headers = {} }
end

--- The call hears of an answer as soon as it is there: its own coroutine may have been dropped by the
--- host. (All that it takes is in the record, since what a closure finds on a dropped stack is gone.)
local function tell(record)
  record.call:arrived(record.request, record.answer, record.status, record.request_id)
end

--- The record of a request, known by its tag before its answer can come. What most of them will hold
--- is named here, so that the table need not grow.
---   call, request, arrived   whose it is, and what is called before all others when it is done
---   is_out                   it was handed over
---   wake, pending            who waits
---   number, status, request_id   of a purchase that was made; else answer, and form
local function track(self, engine, call, request)
  local record = {
    tag = engine:tag(),
    is_out = false,
    done = false,
    completed = false,
    call = call,
    request = request,
    arrived = tell,
    wake = false,
    pending = false,
    number = false,
  }
  self.records[record.tag] = record
  call.waits_for = record
  return record
end

--- Hands a request over. From there on nothing may take memory until somebody waits for its record.
local function submit(self, method, engine, record, ...)
  local called, submitted, problems = pcall(method, engine, record.tag, ...)
  if not called then
    if not record.call.out then
      self.records[record.tag] = nil
    end
    error(submitted, 0)
  end
  record.is_out = submitted
  return submitted, problems
end

local function untrack(self, record)
  self.records[record.tag] = nil
  record.answer, record.done, record.arrived = no_means(), true, false
  tell(record)
end

--- The engine, which sends what follows with this header; nil if it cannot.
function requests:authorize(authorization)
  local engine = self:get_engine()
  return engine and self.is_authorized(engine, authorization) and engine or nil
end

--- The record of a request for which there is no engine.
local function refused(call, request, form)
  local record = { call = call, request = request, answer = no_means(), form = form, done = true }
  tell(record)
  return record
end

--- Sends a request, once: record.answer will be what session:exchange() returns.
function requests:exchange(request, authorization, call)
  local engine = self:authorize(authorization)
  if not engine then
    return refused(call, request)
  end
  local r, record = request, track(self, engine, call, request)
  local submitted = submit(
    self,
    engine.exchange,
    engine,
    record,
    r.url,
    r.body,
    r.timeout,
    r.connect_timeout,
    r.expires,
    r.method,
    call
  )
  if not submitted then
    untrack(self, record)
  end
  return record
end

--- Checks, encodes and sends a purchase, once: the record will have number, status and request_id,
--- or form and answer.
---@return table? record
---@return table? problems nothing will be sent
function requests:purchase(request, authorization, params, call)
  local engine = self:authorize(authorization)
  if not engine then
    local form, problems = core.form(params)
    return form and refused(call, request, form), problems
  end
  local r, record = request, track(self, engine, call, request)
  local submitted, problems = submit(
    self,
    engine.purchase,
    engine,
    record,
    r.url,
    params,
    r.timeout,
    r.connect_timeout,
    r.expires,
    call
  )
  if problems then
    self.records[record.tag] = nil
  elseif not submitted then
    record.form = core.form(params)
    untrack(self, record)
  end
  return not problems and record or nil, problems
end

--- Gives a wait up: a request will be done as "cancelled" when the engine has let go of it.
function requests:cancel(record)
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

return requests
