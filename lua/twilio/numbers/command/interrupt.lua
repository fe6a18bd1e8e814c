--- Waits for a purchase so that Ctrl-C hides nothing: it is then given up, and what is known of it told.
local streams = require("twilio.numbers.command.streams")

local interrupt = {}

interrupt.MONEY = "A number may have been bought: see twilio-numbers list before you buy again."

local GRACE = 5 -- seconds for what was given up to say how far it had come

--- What lua and luajit raise at Ctrl-C.
function interrupt.is_interrupt(problem)
  return type(problem) == "string" and problem:find("interrupted!", 1, true) ~= nil
end

--- Waits.
---@param waits table see waiting.lua
---@param pending twilio.numbers.Pending
---@param method string? that of the request whose attempts are shown
---@param show fun(text: string)? in place of a line of its own
---@return any value as the operation returns it
---@return string? message
---@return twilio.numbers.Error? err
function interrupt.wait(waits, pending, method, show)
  local waited, problem = pcall(waits.wait, waits, pending, method, show)
  if not waited then
    if streams.is_terminal(2) then
      streams.say("") -- below the bar
    end
    streams.complain(interrupt.is_interrupt(problem) and "interrupted" or tostring(problem))
    pcall(pending.cancel, pending)
    pcall(pending.wait, pending, GRACE)
  end
  if pending:done() then
    local value, message, err = pending:result()
    return value, message, err
  end
  local message = interrupt.MONEY
  return nil, message, { kind = "cancelled", purchased = "unknown", message = message }
end

return interrupt
