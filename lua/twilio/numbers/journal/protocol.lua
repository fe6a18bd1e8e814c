--- A call with an idempotency key, from its order's record to the number. Wherever it is interrupted, the
--- next call with the same key continues from the record; see docs/exactly-once.md for the rules R1 to R14.
---
--- Each step returns the results of the call, or AGAIN: the order must be read again.
local choose = require("twilio.numbers.journal.choose")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local give_up = require("twilio.numbers.journal.give_up")
local lookup = require("twilio.numbers.api.lookup")
local note = require("twilio.numbers.journal.note")
local order = require("twilio.numbers.journal.order")
local owner = require("twilio.numbers.journal.owner")
local ownership = require("twilio.numbers.api.ownership")
local purchase = require("twilio.numbers.api.purchase")
local realms = require("twilio.numbers.journal.realms")
local refusals = require("twilio.numbers.api.refusals")
local replay = require("twilio.numbers.journal.replay")
local turn = require("twilio.numbers.journal.turn")

local Session = require("twilio.numbers.journal.session")

local protocol = {}

local AGAIN = Session.AGAIN

--- How long a call leaves an order to another call that works on it, unless that has certainly ended: the
--- time of a request. This only saves requests: all calls may send the same purchase.
local PATIENCE = 35 * 1000 -- milliseconds
local POLL_EVERY = 1 -- second

--- Adds a reason to those of an outcome.
local function add_reason(outcome, reason)
  local said = outcome.reason and outcome.reason ~= "" and outcome.reason .. "; " or ""
  outcome.reason = said .. reason
end

-- ---- a refusal ----

--- Writes T3. All purchases of this call were refused, or it has sent none.
---@param change function order.refuse or order.sign_off
---@param outcome table of the last purchase
---@return string result of the write, or "again"
---@return boolean? is_given_up
---@return string? why the journal failed
local function leave_once(session, change, outcome)
  local is_trying, _, err = give_up.read(session, session.number)
  if err then
    local _, message = errors.restate(err, "no") -- without the words about money
    return "failed", false, errors.part(message)
  elseif not is_trying or not order.sender(session:record(), session.token) then
    return "again"
  end
  local record = session:record()
  local new, is_given_up = change(record, session.token)
  new.last_error = outcome.code and ("%s %d"):format(outcome.kind, outcome.code) or outcome.kind
  local writes = is_given_up and give_up.writes(session, record) or nil
  local result, why = session:write("give_up", new, writes)
  return result, is_given_up, why
end

local function leave(session, change, outcome)
  local charged = session:record().charged
  if not charged then
    return leave_once(session, change, outcome)
  end
  while true do
    local own = turn.enter(session, charged)
    local result, is_given_up, why = leave_once(session, change, outcome)
    turn.leave(session, charged, own)
    if result ~= "differs" or session.call:remaining() <= 0 then
      return result, is_given_up, why
    end
  end
end

--- The next step after a purchase that Twilio refused, or that was not sent.
---@param outcome table of the purchase
local function refused(session, job, outcome, change)
  if session.has_doubt then -- an earlier one went unanswered
    if change == order.refuse then
      session.refusal = outcome
    else
      session.last = outcome -- the purchase was not sent, so it was not refused
    end
    return AGAIN
  end
  local result, is_given_up, why = leave(session, change, outcome)
  if result == "again" then
    return AGAIN
  elseif result ~= "done" then
    if session:after_write(result, why) == AGAIN then
      return AGAIN
    end
    add_reason(outcome, "the journal could not record that" .. (why and ": " .. why or ""))
    session.last = outcome
    return session:fail(outcome)
  elseif not is_given_up then
    session.refusal = change == order.refuse and outcome or false
    if session.refusal then
      return AGAIN
    end
    return session:fail(outcome)
  end
  local number = session.number
  outcome.phone_number = number
  local _, message, err = session:fail(outcome)
  if refusals.is_unfit(err) and job:refused(number, err) then
    return AGAIN
  end
  return nil, message, err
end

-- ---- sending ----

--- Sends the purchase of the order's number once more, after a write whose response arrived.
local function send(session, job)
  local call = session.call
  local state, response = call.state, call.response
  while true do
    session.refusal = false
    if core.process() ~= session.process then -- a child of fork(): the purchase belongs to its parent
      return session:fail { kind = "cancelled" }
    end
    local number, outcome = purchase.send_once(call, state.form)
    if number then
      state.is_out = false
      return note.settle(session, job, number, true)
    end
    local is_sent, is_unknown = response:is_sent(), outcome.purchased ~= "no"
    session.sent = session.sent + (is_sent and 1 or 0)
    session.has_doubt = session.has_doubt or is_unknown
    state.is_out = false
    if is_unknown then
      call.client.scheduler:owe(call) -- before any wait
    end
    if outcome.other and not call.cancelled and ownership.is_new_here(call, outcome.other) then
      return note.settle_other(session, outcome)
    end
    local may_repeat = call:may_repeat(session.repeats, outcome, true)
    session.repeats = session.repeats + 1
    if is_unknown then
      session.unanswered, session.last = outcome, not may_repeat and outcome or false
      return AGAIN
    elseif not may_repeat then
      return refused(session, job, outcome, is_sent and order.refuse or order.sign_off)
    end
  end
end

--- Creates the form of the purchase of a number, and makes it the call's number.
local function prepare(session, job, number)
  local state = session.call.state
  if session.number ~= number then
    session.number, session.sent, session.repeats = number, 0, 0
    session.has_doubt, session.refusal, session.last = false, false, false
    session.unanswered = false
    local form, message, err = purchase.read(session.call, job:params_for(number))
    if not form then
      return message, err
    end
    state.form, state.phone_number, state.is_out = form, number, false
  end
end

-- ---- helping ----

--- Whether another call is probably working on the order, so that this one should wait for a while.
local function is_others(session, record)
  local began, era = order.youngest(record)
  local age = began and session.now - began
  if not age or era ~= session.era or age < 0 or age >= PATIENCE then -- below 0: the clock was set back
    return false
  end
  local is_local = session.journal.kind == "sqlite"
  for _, sender in ipairs(record.senders) do
    if not sender.refused and not owner.has_ended(sender, session.era, is_local) then
      return true
    end
  end
  return false
end

--- Waits a moment for the other call.
local function wait(session)
  local call = session.call
  if call:remaining() <= POLL_EVERY then
    return session:fail { kind = "in_progress", retry_after = POLL_EVERY }
  elseif not call:sleep(POLL_EVERY) then
    return session:fail { kind = "cancelled" }
  end
  return AGAIN
end

--- After a refusal, if other calls may have sent the purchase too: gives the number up when the terms of all
--- senders are over. Assumes that a lookup after the last read of the record has not found the number.
local function let_time_pass(session)
  local record, call = session:record(), session.call
  local is_over, senders, over_at = order.judge(record.senders, session.now, session.era)
  if senders then
    local result, message = session:renew(senders)
    return session:after_write(result, message)
  elseif is_over and session:has_passed(over_at) then
    local version = session:version()
    local is_trying, message, err = give_up.read(session, record.number)
    if err then
      return nil, message, err
    elseif not is_trying or session:version() ~= version then -- another call has changed it since the lookup
      return AGAIN
    end
    record = session:record()
    local writes = give_up.writes(session, record)
    local result, why = session:write("give_up", order.give_up(record, true), writes)
    return session:after_write(result, why)
  end
  local seconds = session:over_in(over_at)
  if seconds >= call:remaining() or not call:sleep(seconds) then
    session.refusal.retry_after = math.ceil(seconds)
    return session:fail(session.refusal)
  end
  return AGAIN
end

--- Joins the senders of the order, and sends the purchase.
local function join(session, job)
  local is_attached = not session.call.state.services
  local fields = job.finish and { asked = job.asked, unattached = not is_attached or nil } or nil
  local record = order.shorten(session:record(), session.token, session.now, session.era)
  record = order.join(record, session:sender(), fields)
  local result, message = session:write("begin", record)
  if result == "done" then
    return send(session, job)
  end
  return session:after_write(result, message)
end

--- The step of an order that is trying a number, perhaps by this call.
local function help(session, job)
  local call, record = session.call, session:record()
  local _, err = prepare(session, job, record.number)
  if err then
    return session:pass_on(err)
  end
  local number, doubt = lookup.owned(call, record.number)
  if number then
    return note.settle(session, job, number, false)
  elseif doubt then
    local last = session.last or session.refusal or doubt
    if last ~= doubt then
      local why = doubt.reason ~= "" and doubt.reason or doubt.words or doubt.kind
      add_reason(last, "the lookup failed: " .. why)
    end
    return session:fail(last)
  elseif session.last then
    return session:fail(session.last)
  elseif session.refusal then
    return let_time_pass(session)
  elseif call.cancelled then
    return session:fail { kind = "cancelled" }
  elseif call:remaining() <= 0 then
    return session:fail { kind = "timeout", reason = "the deadline has passed" }
  elseif session:may_send() then
    return send(session, job)
  elseif not session.unheard and session.sent == 0 and is_others(session, record) then
    return wait(session)
  end
  return join(session, job)
end

-- ---- one call ----

--- The next step, by the order's record.
local function step(session, job)
  local _, message, err = session:read()
  local is_late = err and session.call:remaining() <= 0 and session.unanswered
  if err and (session.last or session.call.cancelled or is_late) then
    return session:fail(session.last or is_late or { kind = "cancelled" })
  elseif err then
    return nil, message, err
  end
  local record = session:record()
  local state = order.state(record)
  if replay.differs(session, job) then
    return replay.conflict(session, job)
  elseif state == "bought" then
    return replay.run(session, job)
  elseif state == "trying" then
    return help(session, job)
  elseif session.call.cancelled then
    return session:fail { kind = "cancelled" }
  end
  _, message, err = realms.check(session)
  if err then
    return nil, message, err
  end
  local begun, why, problem = choose.run(session, job)
  if begun ~= choose.BEGUN then
    return begun, why, problem
  end
  session.failures = 0
  _, err = prepare(session, job, session:record().number)
  if err then
    return session:pass_on(err)
  end
  return send(session, job)
end

--- Runs a call to its end.
---@param session twilio.numbers.Session
---@param job twilio.numbers.Job
---@return table? number
---@return string? message
---@return table? err or info
function protocol.run(session, job)
  owner.enter(session)
  while true do
    local value, message, err = step(session, job)
    if value ~= AGAIN then
      owner.leave(session)
      return value, message, err
    elseif session.call:remaining() <= 0 and core.now() > session.call.ends + 1 then
      owner.leave(session)
      return session:fail { kind = "timeout", reason = "the deadline has passed" }
    end
  end
end

return protocol
