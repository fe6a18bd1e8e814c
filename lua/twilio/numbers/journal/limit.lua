--- The daily limit of numbers: a record that counts the numbers that an account has started to buy on a day
--- (UTC), for all clients that share the journal. Only the transactions that start an order or give a number
--- up change it.
local dates = require("twilio.numbers.api.dates")
local records = require("twilio.numbers.journal.records")

local limit = {}

local DAY = 86400 -- seconds

--- The key of the record that counts today's numbers of the client's account.
function limit.key(session)
  local config = session.call.client.config
  local scope = records.scope(config.realm, config.account_sid)
  return records.limit(scope, dates.day(session:wall_clock() / 1000))
end

--- Whether the limit of today is reached, and its message.
---@return boolean? is_reached
---@return string? message
---@return integer? retry_after seconds to the next day
function limit.problem(session, key)
  local most = session.call.client.config.limit
  local record = session:record(key)
  local count = record and record.numbers or 0
  if most and count >= most.numbers then
    local message = ("the limit of %d a day for %s is reached: %d bought since midnight UTC"):format(
      most.numbers,
      session.call.client.config.account_sid,
      count
    )
    return true, message, math.ceil(DAY - session:wall_clock() / 1000 % DAY)
  end
end

--- The record with one more number.
function limit.one_more(record)
  local new = {}
  for name, value in pairs(record or {}) do
    new[name] = value
  end
  new.numbers = (record and record.numbers or 0) + 1
  return new
end

return limit
