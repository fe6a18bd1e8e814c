--- The settings of a number that was bought with a key.
local order = require("twilio.numbers.journal.order")
local reconcile = require("twilio.numbers.api.reconcile")

--- Completes the settings, and notes that they are (T2b).
---@return table number
---@return string? message
---@return table? info
local function complete(session, number)
  local call = session.call
  local message, info
  call.state.number = number
  number, message, info = reconcile.run(call, number)
  if not info and not session:record().whole then
    session:write("settle", order.make_whole(session:record()))
  end
  return number, message, info
end

return complete
