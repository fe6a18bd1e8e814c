--- Waits for a purchase, or for many requests, so that Ctrl-C hides nothing. Of many, the first Ctrl-C starts
--- no more and waits for those that were sent; the second gives up and prints what is known.
local core = require("twilio.numbers.core")
local hints = require("twilio.numbers.command.hints")
local streams = require("twilio.numbers.command.streams")

local interrupt = {}

interrupt.MONEY = "A number may have been bought: see twilio-numbers list before you buy again."

interrupt.NOTHING = "Nothing was bought."

--- The same for a purchase that may have a key.
---@param key string?
function interrupt.money(key)
  return key and "A number may have been bought: " .. hints.again(key) or interrupt.MONEY
end

local GRACE = 5 -- seconds that a cancelled call has to report what it did

--- Whether an error is the one that lua and luajit raise on Ctrl-C.
function interrupt.is_interrupt(problem)
  return type(problem) == "string" and problem:find("interrupted!", 1, true) ~= nil
end

--- Prints something below the bar.
local function say(f, text)
  if streams.is_terminal(2) then
    streams.say("")
  end
  f(text)
end

local function give_up(pending, why)
  say(streams.complain, why or "interrupted")
  pcall(pending.cancel, pending)
  pcall(pending.wait, pending, GRACE)
end

--- Stops many requests, and prints how many are still in flight.
local function stop(pending)
  local sent = pending.task:stop()
  local text = "Finishing %d request%s already sent"
  text = sent > 0 and text:format(sent, sent == 1 and "" or "s") or "Stopping"
  say(streams.say, text .. " (Ctrl-C again to give up)...")
end

--- Waits until the call is done or given up: at the second Ctrl-C for many requests, else at the first.
local function wait_patiently(waits, pending, is_many, show)
  local is_stopping = not is_many
  waits:wait(pending, not is_many and "POST" or nil, show, function()
    if not core.take_interrupt() or pending:done() then
      return nil
    end
    local is_end = is_stopping
    is_stopping = true
    return is_end and give_up or stop, is_end
  end)
end

--- Waits for a call in flight. Afterwards Ctrl-C stays blocked: only the outcome is left to report.
---@param waits table see waiting.lua
---@param pending twilio.numbers.Pending
---@param is_many boolean
---@param show fun(text: string)? in place of a line of its own
---@param doubt? string the message if the outcome is not known; default: that of a purchase
---@return any value as the operation returns it
---@return string? message
---@return twilio.numbers.Error? err
function interrupt.wait(waits, pending, is_many, show, doubt)
  core.hold_interrupts(true)
  local waited, problem = pcall(wait_patiently, waits, pending, is_many, show)
  if not waited then
    give_up(pending, tostring(problem))
  end
  if pending:done() then
    local value, message, err = pending:result()
    return value, message, err
  end
  local message = doubt or interrupt.MONEY
  return nil, message, { kind = "cancelled", purchased = "unknown", message = message }
end

return interrupt
