--- Waits for a purchase, or for many requests, so that Ctrl-C hides nothing. Of many, the first one begins no
--- more and waits for what was sent; the next gives up, and prints what is known.
local core = require("twilio.numbers.core")
local hints = require("twilio.numbers.command.hints")
local streams = require("twilio.numbers.command.streams")

local interrupt = {}

interrupt.MONEY = "A number may have been bought: see twilio-numbers list before you buy again."

interrupt.NOTHING = "Nothing was bought."

--- The same of a purchase that may have a key.
---@param key string?
function interrupt.money(key)
  return key and "A number may have been bought: " .. hints.again(key) or interrupt.MONEY
end

local GRACE = 5 -- seconds for what was given up to say how far it had come

--- What lua and luajit raise at Ctrl-C.
function interrupt.is_interrupt(problem)
  return type(problem) == "string" and problem:find("interrupted!", 1, true) ~= nil
end

--- Says something below the bar.
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

--- Stops many, and says what they wait for still.
local function stop(pending)
  local call = pending.task.call
  local sent = call.operation.stop(call)
  local text = "Finishing %d request%s already sent"
  text = sent > 0 and text:format(sent, sent == 1 and "" or "s") or "Stopping"
  say(streams.say, text .. " (Ctrl-C again to give up)...")
end

--- Waits until it is done, or until a second Ctrl-C; the only one, if it is not many.
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

--- Waits. Ctrl-C stays held afterwards, when only the outcome is left to report.
---@param waits table see waiting.lua
---@param pending twilio.numbers.Pending
---@param is_many boolean
---@param show fun(text: string)? in place of a line of its own
---@param doubt? string what to say where it cannot be heard how it ended; default: of a purchase
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
