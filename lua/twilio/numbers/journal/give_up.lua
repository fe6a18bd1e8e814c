--- The writes besides the order when its number is given up (T3): the number's claim is deleted, and the
--- day's count is decremented.
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")

local give_up = {}

--- Reads the order and the other records that giving up its number changes.
---@param session twilio.numbers.Session
---@param number string
---@return boolean? is_trying false: the order no longer tries that number
---@return string? message
---@return twilio.numbers.Error? err
function give_up.read(session, number)
  local record = session:record()
  local keys = { records.number(session.scope, number), record and record.charged or nil }
  local _, message, err = session:read(keys, true)
  if err then
    return nil, message, err
  end
  return order.is_trying(session:record(), number)
end

--- The writes, for a session that has read the records.
---@param record table the order
---@return table[] writes see Session:write()
function give_up.writes(session, record)
  local claim_key = records.number(session.scope, record.number)
  local claim, writes = session:record(claim_key), {}
  if claim and claim.order == session.order_key then
    writes[1] = { key = claim_key }
  end
  local charged = record.charged
  local count = charged and session:record(charged)
  if count then
    local new = {}
    for name, value in pairs(count) do
      new[name] = value
    end
    new.numbers = math.max(0, (count.numbers or 0) - 1)
    writes[#writes + 1] = { key = charged, record = new }
  end
  return writes
end

return give_up
