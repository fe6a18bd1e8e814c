--- Waits for a purchase so that Ctrl-C hides nothing: it is then given up, and what is known of it told.
local interrupt = {}

local GRACE = 5 -- seconds for what was given up to say how far it had come

--- What lua and luajit raise at Ctrl-C.
function interrupt.is_interrupt(problem)
  return type(problem) == "string" and problem:find("interrupted!", 1, true) ~= nil
end

--- Waits.
---@param pending twilio.numbers.Pending
---@return any value as the operation returns it
---@return string? message
---@return twilio.numbers.Error? err
---@return string? problem what broke the wait off
function interrupt.wait(pending)
  local waited, problem = pcall(pending.wait, pending)
  if not waited then
    pcall(pending.cancel, pending)
    pcall(pending.wait, pending, GRACE)
  end
  if pending:done() then
    local value, message, err = pending:result()
    return value, message, err, not waited and problem or nil
  end
  local message = "interrupted. A number may have been bought: look at the account's numbers first."
  return nil, message, { kind = "cancelled", purchased = "unknown", message = message }, problem
end

return interrupt
