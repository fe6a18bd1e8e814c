--- Completes a number that was bought with a key: its settings, and its Messaging Service.
local order = require("twilio.numbers.journal.order")
local reconcile = require("twilio.numbers.api.reconcile")

local complete = {}

--- Completes the settings, and records that (T2b).
---@return table number
---@return string? message
---@return table? info
function complete.settings(session, number)
  local call = session.call
  local message, info
  call.state.number = number
  number, message, info = reconcile.run(call, number)
  if not info and not session:record().whole then
    session:write("settle", order.make_whole(session:record()))
  end
  return number, message, info
end

--- Adds the number to its Messaging Service, and records that (T2b).
---@return table number
---@return string? message
---@return table? info
function complete.attachment(session, number, message, info)
  local state = session.call.state
  number, message, info = state.services:attach(session.call, number, message, info)
  local record = session:record()
  if state.is_attached and order.state(record) == "bought" and record.unattached then
    session:write("settle", order.make_attached(record))
  end
  return number, message, info
end

return complete
