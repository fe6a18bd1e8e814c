--- Requests that a flight hands to its engine, and their records.
local core = require("twilio.numbers.core")

---@class twilio.numbers.Flight
local requests = {}

--- The answer to a request for which the system gives no means.
local function no_means()
  local reason = "the system gives no memory or no thread for it"
  return { outcome = "connect", sent = false, permanent = true, reason = reason, headers = {} }
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
  record.answer, record.done = no_means(), true
end

--- The engine, which sends what follows with this header; nil if it cannot.
function requests:authorize(authorization)
  local engine = self:get_engine()
  return engine and self.is_authorized(engine, authorization) and engine or nil
end

--- The record of a request for which there is no engine.
local function refused(form)
  return { answer = no_means(), form = form, done = true }
end

--- Sends a request, once: record.answer will be what session:exchange() returns.
function requests:exchange(request, authorization)
  local engine = self:authorize(authorization)
  if not engine then
    return refused()
  end
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
function requests:purchase(request, authorization, params)
  local engine = self:authorize(authorization)
  if not engine then
    local form, problems = core.form(params)
    return form and refused(form), problems
  end
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
