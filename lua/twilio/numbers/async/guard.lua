--- The protected call around a call, so that no error hides a purchased number. The responses of its requests
--- stay readable in C; after an error the operation's recover() reads them again.
---
--- A short lack of memory loses nothing. Running out of memory for good is like a crash, see docs/money.md.
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")

local guard = {}

local protected = compat.protect

local TRIES = 2 -- attempts to resume when memory was short for a moment

--- Raises an error that an earlier purchase deferred because it had a result to return: Ctrl-C must stop a
--- program that continues to buy.
function guard.raise_deferred(client)
  local why = client.deferred
  if why then
    client.deferred = false
    error(why, 0)
  end
end

--- Resumes a call that ran out of memory.
local function go_on(protect, call, why)
  for _ = 1, TRIES do
    globals.collect()
    local ran, value, message, err = protect(call.operation.recover, call, why, true)
    if ran then
      return value, message, err
    end
  end
end

--- Ends a call by its recover(), or break_off(), with what is known of it.
local function conclude(recover, call, why)
  local ran, value, message, err = pcall(recover, call, why, false)
  if not ran then
    globals.collect()
    return recover(call, why, false)
  end
  return value, message, err
end

--- The error of a call with nothing else to report. An operation without a recover() has none for a change
--- that may have been carried out.
local function break_off(call, why)
  local _, message, err = errors.broken_off(call, "no", compat.tostring(why))
  err.unheard = (not call.operation.recover and call:may_have_changed()) or nil
  return nil, message, err
end

--- Ends a call that an error interrupted. Re-raises the error if that hides nothing, such as Ctrl-C or a
--- mistake in a function of the caller.
---@param protect function pcall, or its replacement
function guard.recover(protect, call, why)
  local is_short = compat.is_shortage(why)
  local is_raised = not is_short and not call.task
  if call.operation.recover then
    local value, message, err
    if is_short then
      value, message, err = go_on(protect, call, why)
    end
    if not value and not err then
      value, message, err = conclude(call.operation.recover, call, why)
    end
    if value or err then
      if is_raised and not call.loop then -- in a host, other code buys next
        call.client.deferred = why
      end
      return value, message, err
    end
  end
  if is_raised then
    call.client.scheduler:leave(call) -- or close() would wait for it
    error(why, 0)
  end
  return conclude(break_off, call, why)
end

--- Runs the operation of a call.
---@param call twilio.numbers.Call
---@param a any an argument of run(), as the next two
---@return any value
---@return string? message
---@return table? err
function guard.run(call, a, b, c)
  local ran, value, message, err = protected(call.operation.run, call, a, b, c)
  if ran then
    return value, message, err
  end
  return guard.recover(protected, call, value)
end

return guard
