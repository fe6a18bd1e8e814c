--- Releases of a client with a journal. A purchase in progress would buy a released number again, so a
--- release waits until the terms of all calls that may have sent one are over (rule R8).
local order = require("twilio.numbers.journal.order")
local owned_number = require("twilio.numbers.api.owned_number")
local purchases = require("twilio.numbers.journal.purchases")
local records = require("twilio.numbers.journal.records")

local Session = require("twilio.numbers.journal.session")

local UNFINISHED =
  "an unfinished order is buying the number: repeat that call first, or run client:recover()"
local IN_PROGRESS = "a purchase of the number may still be in progress, and would buy it again"

--- An error without `purchased` and a key: a release has neither.
local function about(number, message, err)
  err.purchased, err.idempotency_key, err.phone_number = nil, nil, number.phone_number
  return nil, message, err
end

local function fail(session, number, fields)
  local _, message, err = session:fail(fields)
  return about(number, message, err)
end

--- Reads the order that has bought the number.
---@return table? record nil: there is none
---@return string? order_key
---@return table? err
local function read_order(session)
  local _, message, err = session:read()
  if err then
    return nil, message, err
  end
  local claim = session:record()
  if not claim then
    return nil
  end
  _, message, err = session:read { claim.order }
  if err then
    return nil, message, err
  end
  return session:record(claim.order), claim.order
end

--- Whether no purchase of the number can be in progress for an order. (A number in another spelling has the
--- same SID.)
local function is_settled(record, number)
  return record.quiet or (record.number ~= number.phone_number and record.sid ~= number.sid)
end

--- Waits until no purchase of the number can be in progress.
---@return nil, string? message, table? err
local function wait(call, number)
  local scope = purchases.scope_of(call)
  local claim_key = records.number(scope, number.phone_number)
  local session = Session.reader(call, claim_key, false, claim_key, scope)
  while true do
    local record, order_key, err = read_order(session)
    if err then
      return about(number, order_key, err)
    elseif not record or is_settled(record, number) then
      return
    end
    local key = (records.parse(order_key) or {}).key
    if order.state(record) == "trying" then
      return fail(
        session,
        number,
        { kind = "in_progress", words = UNFINISHED, order = key, retry_after = 1 }
      )
    end
    local is_over, senders, over_at = order.judge(record.senders, session.now, session.era)
    if senders then
      local result, why = session:renew(senders, order_key)
      if result ~= "done" and result ~= "differs" then
        return fail(session, number, { kind = "journal", reason = why })
      end
    elseif is_over and session:has_passed(over_at) then
      return
    else
      local seconds = session:over_in(over_at)
      if seconds >= call:remaining() or not call:sleep(seconds) then
        local retry_after = math.ceil(seconds)
        return fail(
          session,
          number,
          { kind = "in_progress", words = IN_PROGRESS, order = key, retry_after = retry_after }
        )
      end
    end
  end
end

--- An operation, see async/start.lua.
return {
  run = function(call, sid)
    local number, message, err = owned_number.fetch.run(call, sid)
    if number then
      local _
      _, message, err = wait(call, number)
    end
    if err then
      return nil, message, err
    end
    return owned_number.release.run(call, sid)
  end,
}
