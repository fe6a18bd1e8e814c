--- An order that adopts a number that the account owned before, instead of buying one.
local dates = require("twilio.numbers.api.dates")
local order = require("twilio.numbers.journal.order")
local owner = require("twilio.numbers.journal.owner")

local adopt = {}

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

--- Records the number, with its claim, before it is returned.
---@param is_updated? boolean its settings will be updated
---@return true? adopted
---@return any ... if nil: the results of the step
function adopt.run(session, job, number, claim_key, is_updated)
  local fields = adopt.fields(session, job, number.phone_number, nil)
  fields.sid = number.sid
  local record = order.adopt(session:record(), fields, is_updated and session:sender() or nil)
  local result, message = session:write_first("settle", record, {
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
