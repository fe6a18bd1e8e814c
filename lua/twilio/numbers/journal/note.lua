--- Records in the journal that a number was bought (T2), and completes it. The number is returned even if the
--- journal cannot be written: the next call with the key records it.
local adopt = require("twilio.numbers.journal.adopt")
local bought = require("twilio.numbers.api.bought")
local complete = require("twilio.numbers.journal.complete")
local errors = require("twilio.numbers.errors")
local order = require("twilio.numbers.journal.order")
local ownership = require("twilio.numbers.api.ownership")
local reconcile = require("twilio.numbers.api.reconcile")
local records = require("twilio.numbers.journal.records")

local Session = require("twilio.numbers.journal.session")

local note = {}

local TRIES = 3

--- The third result of a call that returns a number; nil if there is nothing to report.
local function info_of(info, fields)
  for name, value in pairs(fields) do
    info = info or {}
    info[name] = value
  end
  return info
end

--- Whether no other call has joined the order, so that certainly this one bought the number.
local function is_sole_sender(session)
  local senders = session:record().senders or {}
  return #senders == 1 and senders[1].token == session.token
end

local function keys_of(writes)
  local keys = {}
  for i, write in ipairs(writes or {}) do
    keys[i] = write.key
  end
  return keys
end

--- Writes T2. After a response to this call's own purchase it is written regardless of other writes; after a
--- lookup only if the order is unchanged since before it (rule R5).
---@param is_heard boolean a response to a purchase of this call described the number
---@param writes? table[] of other records, in the same transaction
---@return "done"|"again"|"failed"
---@return string? message
local function write(session, number, is_heard, is_whole, is_adopted, writes)
  local is_first, version = is_heard and session.sent == 0, session:version()
  local phone_number, message = session:record().number, nil
  for _ = 1, TRIES do
    local record = session:record()
    local is_noted = order.state(record) == "bought" and record.number == phone_number
    if is_noted and (is_heard or record.sid == number.sid) then
      return "done" -- this call or another has recorded it
    elseif not is_heard and session:version() ~= version then
      return "again"
    elseif not order.is_trying(record, phone_number) then
      return "failed", "the order no longer tries " .. phone_number
    end
    local is_quiet = is_first and is_sole_sender(session)
    local new = order.buy(record, number.sid, is_whole, is_quiet)
    new = is_adopted and order.make_adopted(new) or new
    new.owned_as = number.phone_number ~= phone_number and number.phone_number or nil
    local result
    result, message = session:write("settle", new, writes)
    if result == "done" then
      return "done"
    elseif result == "differs" and not is_heard then
      return "again"
    elseif result == "failed" then
      break
    end
    local _, why = session:read(keys_of(writes), true)
    if why then
      return "failed", why
    end
  end
  return "failed", message
end

--- The error if the journal could not record the purchase.
local function journal_error(session, message, is_adopted)
  local purchased = is_adopted and "unknown" or "yes" -- the order is still trying the adopted number
  local fields = { kind = "journal", purchased = purchased, reason = message }
  fields.idempotency_key, fields.phone_number = session.key, session.number or nil
  return select(3, errors.fail(fields))
end

--- Ends an order whose number was bought, as a response said or a lookup found.
---@param number table
---@param is_heard boolean a response to a purchase of this call described it
function note.settle(session, job, number, is_heard)
  local call, state = session.call, session.call.state
  state.number = is_heard and number or false -- a lookup may have found the purchase of another order
  local is_adopted = adopt.was_owned(session:record(), number)
  local fit = state.form:fit(number, call.options.account_sid)
  if not is_heard and session:is_for_others(job) then -- finish: the number is returned unchanged
    fit = "others"
  end
  local is_whole = is_adopted
    or fit == "whole"
    or (fit ~= "others" and call.options.complete == false)
  local result, message = write(session, number, is_heard, is_whole, is_adopted)
  if result == "again" then
    return Session.AGAIN
  elseif result == "failed" and not is_heard then
    return session:fail { kind = "journal", reason = message }
  end
  state.number = number
  local is_first = bought.note(call, number.sid)
  state.is_certain = is_first
    and is_heard
    and session.sent == 0
    and is_sole_sender(session)
    and not is_adopted
  local words, info
  if is_adopted then
    words, info = ownership.ADOPTED, { adopted = true }
  elseif fit == "incomplete" and result == "done" then
    number, words, info = complete.settings(session, number)
  elseif fit == "incomplete" then
    number, words, info = reconcile.run(call, number)
  end
  state.number, state.is_complete = number, true
  state.is_attached = state.is_attached or is_adopted or fit == "others"
  if state.services and not state.is_attached then
    number, words, info = complete.attachment(session, number, words, info)
  end
  local err = result == "failed" and journal_error(session, message, is_adopted) or nil
  info = info_of(info, { journal = err, replayed = session.sent == 0 and not is_heard or nil })
  if err then
    words = (words and words .. "; " or "") .. errors.part(err.message)
  end
  return job:compare(number, words, info)
end

--- Ends an order whose response described another number that is this call's purchase in another spelling.
--- The order keeps its SID, and the spelling, whose claim it takes, unless another order has bought that
--- number.
function note.settle_other(session, outcome)
  local other = outcome.other
  local claim_key = other.phone_number and records.number(session.scope, other.phone_number)
  local _, message, err = session:read { claim_key }
  if err then
    return nil, message, err
  end
  local claim = claim_key and session:record(claim_key)
  if claim and claim.order ~= session.order_key then
    session.has_doubt, session.last = true, outcome
    return Session.AGAIN
  end
  local own = claim_key and { key = claim_key, record = { order = session.order_key } }
  write(session, other, true, true, false, { own or nil })
  outcome.sid, outcome.phone_number = other.sid, other.phone_number
  outcome.purchased_surely = "yes"
  return session:fail(outcome)
end

return note
