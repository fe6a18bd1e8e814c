--- An order that adopts a number that the account owned before, instead of buying one; perhaps after it has
--- tried to buy it.
local dates = require("twilio.numbers.api.dates")
local limit = require("twilio.numbers.journal.limit")
local order = require("twilio.numbers.journal.order")
local owner = require("twilio.numbers.journal.owner")
local turn = require("twilio.numbers.journal.turn")

local adopt = {}

local SURELY_BEFORE = 300 -- seconds; tolerates two clocks and dates in whole seconds

--- Whether a number was owned before the order's first attempt, so that a client with another journal bought
--- it.
---@param record table of an order that tries the number
function adopt.was_owned(record, number)
  local created = dates.seconds(number.date_created)
  return created ~= nil and record.looked ~= nil and created < record.looked - SURELY_BEFORE
end

--- The record of an order whose number a lookup found (T2). Its settings are still to be completed, unless
--- the account owned it before.
---@param record table of an order that tries the number
---@return table new
function adopt.found(record, number)
  local is_adopted = adopt.was_owned(record, number)
  local new = order.buy(record, number.sid, is_adopted)
  return is_adopted and order.make_adopted(new) or new
end

--- The fields of a new order.
---@param charged string|nil the key of its day's count
function adopt.fields(session, job, number, charged)
  return {
    number = number,
    op = job.op,
    asked = job.asked,
    charged = charged,
    looked = dates.seconds(session.call.server_date) or nil,
    at = session:wall_clock(),
    by = owner.identity(),
    unattached = session.call.state.services and true or nil,
  }
end

--- Writes the order. The slots of a key write their header too, so they queue with those that write T1.
---@return "done"|"differs"|"failed"|"unheard"|nil result nil: an error
---@return string? message
---@return table? err
local function write(session, record, writes)
  if not session.request then
    return session:write_first("settle", record, writes)
  end
  local queue = limit.key(session)
  local own = turn.enter(session, queue)
  local result, message, err = session:read_more { session.many_key }
  if not err then
    result, message = session:write_first("settle", record, writes)
  end
  turn.leave(session, queue, own)
  return result, message, err
end

--- Records the number, with its claim, before it is returned.
---@param is_updated? boolean its settings will be updated
---@return true? adopted
---@return any ... if nil: the results of the step
function adopt.run(session, job, number, claim_key, is_updated)
  local fields = adopt.fields(session, job, number.phone_number, nil)
  fields.sid = number.sid
  local record = order.adopt(session:record(), fields, is_updated and session:sender() or nil)
  local claim = { key = claim_key, record = { order = session.order_key } }
  local result, message, err = write(session, record, { claim })
  if err then
    return nil, nil, message, err
  elseif result == "done" then
    return true
  elseif result == "differs" then
    job:put_back(number.phone_number)
  end
  return nil, session:after_write(result, message)
end

return adopt
