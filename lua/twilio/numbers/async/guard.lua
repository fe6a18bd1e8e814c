--- Runs a call so that no error hides a number. The host may have no memory or no stack left when a
--- purchase was sent, or somebody presses Ctrl-C: then the call ends with what is known.
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")

local guard = {}

guard.UNSURE = "the number was bought; whether all was set is not known"

--- What conclude() returns for an error that hides nothing, and is to be raised on.
local RAISE = {}

--- Ends a call that an error broke off, in as many words as there is memory for.
---@param call table|nil
---@param why any the error
---@return any value, string? message, table? err
function guard.conclude(call, why)
  local operation = call and call.operation
  local is_to_be_raised = not compat.is_shortage(why) and not (call and call.pending)
  if operation and operation.conclude then
    local value, message, err = operation.conclude(call, why)
    if value or err then
      if is_to_be_raised and not call.loop then -- in a host, others buy next
        call.client.withheld = why
      end
      return value, message, err
    end
  end
  if is_to_be_raised then
    return RAISE, why
  end
  return guard.broken_off(call, "no", why)
end

--- Raises what a purchase has withheld, since it had something to tell: Ctrl-C shall end a program that
--- goes on to buy.
function guard.raise_withheld(client)
  local why = client.withheld
  if why then
    client.withheld = false
    error(why, 0)
  end
end

--- The error of a call that broke off.
---@param purchased "no"|"unknown"|"yes"
function guard.broken_off(call, purchased, why)
  return errors.fail {
    kind = call and call.client.closed and "closed" or "cancelled",
    words = "the call broke off",
    purchased = purchased,
    phone_number = call and call.phone_number,
    attempts = call and call.attempts,
    reason = compat.tostring(why),
  }
end

local TRIES = 2 -- to go on, where memory was short for a moment

--- Goes on with a call for which memory was short, if it knows how.
---@param protected function pcall, or what stands for it
function guard.again(protected, call, why)
  local again = call and call.operation.again
  for _ = 1, again and compat.is_shortage(why) and TRIES or 0 do
    globals.collect()
    local ran, value, message, err = protected(again, call, why)
    if ran then
      return value, message, err
    end
  end
end

local function finish(protected, call, why)
  local value, message, err = guard.again(protected, call, why)
  if value or err then
    return value, message, err
  end
  return guard.conclude(call, why) -- a tail call, which takes no memory
end

--- Two layers: what conclude() lacks memory for is caught as well. (Where a stack is made smaller after
--- an error, even to call a function may take memory.)
local function try(reserve, start, ...)
  local ran, value, message, err = pcall(start, reserve, ...)
  if ran then
    return value, message, err
  end
  return finish(pcall, reserve.call, value)
end

local protect = pcall

if not compat.yields_across_pcall then
  function protect(_, reserve, start, ...)
    local ran, value, message, err = compat.protect(start, reserve, ...)
    if ran then
      return ran, value, message, err
    end
    return compat.protect(finish, compat.protect, reserve.call, value)
  end
end

--- The error of a call that could not begin for want of memory; raises any other error.
---@return nil, string message, table err
function guard.refuse(client, why)
  if not compat.is_shortage(why) then
    error(why, 0)
  end
  local reserve = client.reserve or guard.new_reserve()
  local err = reserve.err
  client.reserve = false
  err.purchased, err.message, err.attempts = "no", errors.BROKEN_OFF.no, 0
  return nil, err.message, err
end

--- What a call needs to end without any memory.
function guard.new_reserve()
  return { call = false, err = errors.reserve() }
end

--- Runs start(reserve, ...), which puts its call into the reserve. A client keeps one reserve for its next
--- call.
---@return any value, string? message, table? err
function guard.run(client, start, ...)
  local reserve = client.reserve or guard.new_reserve()
  client.reserve = false
  local ran, value, message, err = protect(try, reserve, start, ...)
  local call, flight = reserve.call, client.flight
  if call and not call.pending then
    call.is_over = true
  end
  if ran then
    if call and flight.calls[call] and not call.pending then
      pcall(flight.leave, flight, call) -- or close() would wait for it
    end
    reserve.call, client.reserve = false, reserve
    if value == RAISE then
      error(message, 0)
    end
    return value, message, err
  end
  -- from here on nothing may take memory, not even a call
  err = reserve.err
  local purchased = "no"
  if call then
    local calls = flight.calls
    if calls[call] then -- else even nil would take memory
      calls[call] = nil
    end
    err.attempts = call.attempts
    local report, begun, list = call.report, call.begun, call.list
    if report then -- as many.purchase.conclude() does it
      local results, numbers, kept = report.results, report.numbers, report.kept
      local bought, kept_count = 0, 0
      for i = 1, list and #list or 0 do
        local result = begun[i]
        if result and result.outcome == "stopped" then
          result.outcome, result.message = "unknown", errors.BROKEN_OFF.unknown
          results[list[i].slot] = result
        end
      end
      report.bought, report.refused, report.unknown, report.released, report.stopped = 0, 0, 0, 0, 0
      for i = 1, report.wanted do
        local outcome = results[i].outcome
        if outcome == "kept" then
          kept_count = kept_count + 1
          kept[kept_count] = results[i].number
        else
          report[outcome] = report[outcome] + 1
        end
        if outcome == "bought" then
          bought = bought + 1
          numbers[bought] = results[i].number
        end
      end
      for i = report.wanted, bought + 1, -1 do
        numbers[i] = nil
      end
      for i = report.wanted, kept_count + 1, -1 do
        kept[i] = nil
      end
      return report, errors.BROKEN_OFF.unknown
    elseif call.operation.buys then
      local record, out = call.waits_for, call.out
      local number = call.whole or call.number or (record and record.number)
      if number then
        return number, not call.whole and guard.UNSURE or nil
      end
      local answer = call.answer or (record and record.answer)
      if out and answer then
        out = answer.sent and (answer.status or 0)
      end
      purchased = call.purchased
      if out == 201 then
        purchased = "yes"
      elseif out and purchased == "no" and not (answer and answer.is_refusal) then
        purchased = "unknown"
      end
    end
  end
  err.purchased, err.message = purchased, errors.BROKEN_OFF[purchased]
  return nil, err.message, err
end

return guard
