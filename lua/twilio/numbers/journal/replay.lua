--- A call whose order was bought by an earlier call, or has other parameters. It buys nothing.
local adopt = require("twilio.numbers.journal.adopt")
local age = require("twilio.numbers.journal.age")
local complete = require("twilio.numbers.journal.complete")
local lookup = require("twilio.numbers.api.lookup")
local order = require("twilio.numbers.journal.order")
local ownership = require("twilio.numbers.api.ownership")
local records = require("twilio.numbers.journal.records")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local Session = require("twilio.numbers.journal.session")

local replay = {}

local AGAIN = Session.AGAIN

-- ---- other parameters ----

--- Whether the key was used for another kind of operation, or with other parameters.
function replay.differs(session, job)
  if session:taken() then
    return true
  end
  return not job.finish and order.state(session:record()) ~= "open" and session:is_for_others(job)
end

local function fail(session, names)
  local record = session:record()
  local is_for_many = order.state(record) == "open" -- the key is that of purchase_many
  return session:conflict(names, not is_for_many and "its order", "another number", {
    sid = record and record.sid,
    phone_number = record and record.number,
    purchased_surely = is_for_many and "unknown" or nil,
  })
end

--- The error of a call whose parameters differ, with the state of the order's number.
function replay.conflict(session, job)
  local record = session:record()
  local names = session:taken() or session:differences(job)
  if order.state(record) ~= "trying" then
    return fail(session, names)
  end
  local number = lookup.owned(session.call, record.number)
  if number then
    local result = session:write("settle", adopt.found(record, number))
    if result == "differs" then
      return AGAIN
    end
  end
  return fail(session, names)
end

-- ---- a bought number ----

--- Fetches the number by its SID.
---@return table? number
---@return table? outcome why it could not be read; nil if the account has no such number
local function fetch(session, sid)
  local call = session.call
  local url = call:url(resources.number_path(sid))
  local number, outcome = call:ask("GET", url, nil, responses.reader_of(sid))
  if number or not responses.is_not_found(outcome) then
    return number, outcome
  end
end

--- Reads the number as the account owns it now. A number under another SID only counts if its claim, read
--- afterwards, still names this order (rule R14).
---@return table? number
---@return string? message
---@return table? err if it could not be read
local function find(session)
  local record = session:record()
  local number, outcome = fetch(session, record.sid)
  if not number and not outcome then
    number, outcome = lookup.owned(session.call, record.number)
  end
  if outcome then
    return session:fail(outcome)
  elseif not number or number.sid:lower() == record.sid:lower() then
    return number
  end
  local claim_key = records.number(session.scope, record.number)
  local _, message, err = session:read { claim_key }
  if err then
    return nil, message, err
  end
  local claim = session:record(claim_key)
  return claim and claim.order == session.order_key and number or nil
end

local RETRY_AFTER = 1 -- second

local BOUGHT, ADOPTED = "was bought with this key", "was owned before this key was used"

local NOT_SEEN = "%s (%s) %s, and cannot be found yet"

local GONE = "%s (%s) %s, and is no longer in account %s: released, or moved to another account"

--- The error if the number is not found, which proves nothing until the terms of all senders are over.
local function not_found(session, is_over, over_at)
  local record, call = session:record(), session.call
  local origin = record.adopted and ADOPTED or BOUGHT
  if not is_over then
    if call:remaining() > RETRY_AFTER and call:sleep(RETRY_AFTER) then
      return AGAIN
    end
    local seconds = math.ceil(session:over_in(over_at))
    return session:fail {
      kind = "in_progress",
      words = NOT_SEEN:format(record.number, record.sid, origin),
      retry_after = seconds,
      sid = record.sid,
    }
  end
  local account_sid = call.options.account_sid
  return session:fail {
    kind = "conflict",
    words = GONE:format(record.number, record.sid, origin, account_sid),
    sid = record.sid,
  }
end

--- Completes a number that was found, as long as a purchase of it may be in progress. A call with other
--- parameters, which only finishes the order, does not complete it.
---@param may_complete boolean
local function describe(session, job, number, may_complete)
  local record, state = session:record(), session.call.state
  local form = session.call:new_form(job:params_for(record.number)) -- the parameters are valid
  state.form, state.number, state.phone_number = form, number, record.number
  state.is_attached = not record.unattached or not state.services or session:is_for_others(job)
  local words, info
  if record.adopted then
    words, info = ownership.ADOPTED, { adopted = true }
    if not record.whole and may_complete and job.update then -- a crash has left an update undone
      local updated, message, err = job:update(session, number)
      if not updated or updated == AGAIN then
        return updated, message, err
      end
      number = updated
    end
  elseif not record.whole and may_complete then
    number, words, info = complete.settings(session, number)
  elseif not record.whole and not session:is_for_others(job) then
    local differences = form:differences(number)
    info = differences and { incomplete = { differences = differences } } or nil
    words = differences and "the number was bought, and some settings were never completed" or nil
  end
  state.is_complete = true
  if not state.is_attached and may_complete then
    number, words, info = complete.attachment(session, number, words, info)
  elseif not state.is_attached then
    number, words, info = state.services:compare(session.call, number, words, info)
  end
  info = info or {}
  info.replayed = true
  return job:compare(number, words, info)
end

--- Returns the number that an earlier call bought.
function replay.run(session, job)
  local record = session:record()
  local is_over, senders, over_at = order.judge(record.senders, session.now, session.era)
  local result = senders and session:renew(senders) or "done"
  if result == "differs" then
    return AGAIN
  end
  local number, message, err = find(session)
  if err then
    return nil, message, err
  elseif number then
    local may_complete = result == "done"
      and not is_over
      and not age.are_senders_past(record, nil, session.now, session.era, session:wall_clock())
    return describe(session, job, number, may_complete and not session:is_for_others(job))
  end
  return not_found(session, is_over, over_at)
end

return replay
