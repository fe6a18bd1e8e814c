--- An order that takes a number which the account owned before, in place of one that is bought.
local dates = require("twilio.numbers.api.dates")
local order = require("twilio.numbers.journal.order")
local owner = require("twilio.numbers.journal.owner")

local adopt = {}

--- The fields of an order that a call begins.
---@param charged string|nil the record of the count of its day
function adopt.fields(session, job, number, charged)
  return {
    number = number,
    op = job.op,
    asked = job.asked,
    charged = charged,
    looked = dates.seconds(session.call.server_date) or nil,
    at = session:wall_clock(),
    by = owner.identity(),
  }
end

--- Notes the number, with its claim, before it is returned.
---@return true? adopted
---@return any ... nil: what the step returns
function adopt.run(session, job, number, claim_key)
  local fields = adopt.fields(session, job, number.phone_number, nil)
  fields.sid = number.sid
  local result, message = session:write("settle", order.adopt(session:record(), fields), {
    { key = claim_key, record = { order = session.order_key } },
  })
  if result == "done" then
    return true
  elseif result == "differs" then
    job:put_back(number.phone_number)
  end
  return nil, session:after_write(result, message)
end

return adopt
