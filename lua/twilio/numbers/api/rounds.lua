--- A round of a call for many numbers: the entries of a list, in flight together, with a result for each in
--- the report. Also stops such a call, and completes its report after an error.
---
--- Each entry of the list has `slot` (its index in the report), `params`, and `sid` if it has one.
local compat = require("twilio.numbers.compat")
local groups = require("twilio.numbers.async.group")
local reports = require("twilio.numbers.api.report")

local rounds = {}

--- Creates the state of such a call.
---@param kind twilio.numbers.ReportKind
function rounds.new_state(kind)
  return {
    kind = kind,
    report = false,
    earlier = {}, -- numbers that earlier calls with the idempotency key have begun to buy, by slot
    found = false, -- the candidates, of a filter
    list = false, -- the entries of the round
    begun = {},
    stopped = false, -- no more are started
    stop_reason = false,
    is_broken_off = false,
  }
end

--- The functions that process the entries of a list.
---@class twilio.numbers.Round
---@field prepare? fun(call, one) called before start()
---@field start fun(call, one, on_done): table?, string?, table? starts an entry: a pending call, or an error
---@field note? fun(call, one, result, value, err, part) called at the end of each; `part` is its call
---@field is_final fun(err, found): boolean whether all others would be refused too, so that the call stops

--- Processes the entries of a list and waits for all of them.
---@param call twilio.numbers.Call its state has the report
---@param list table[]
---@param how twilio.numbers.Round
function rounds.run(call, list, how)
  local state, begun, calls = call.state, {}, {}
  local results = state.report.results
  state.begun, state.list = begun, list
  groups.run(call, #list, function(i, on_done)
    if how.prepare then
      how.prepare(call, list[i])
    end
    begun[i], calls[i] = true, false
    local pending, message, err = how.start(call, list[i], on_done)
    calls[i] = pending and pending.task.call
    return pending, message, err
  end, function(i, value, message, err)
    local one, slot = list[i], list[i].slot
    local result = reports.result(call, one, value, message, err)
    results[slot], begun[i] = result, false
    if how.note then
      how.note(call, one, result, value, err, calls[i])
    end
    if not value and not state.stopped and how.is_final(err, state.found) then
      state.stopped, state.stop_reason = true, err.message
    end
    if not state.is_broken_off then
      reports.progress(call, slot)
    end
  end)
end

--- Starts no more entries, and cancels those that were not sent.
---@param call twilio.numbers.Call
---@param is_sent fun(part: twilio.numbers.Call): boolean whether it may have been carried out
---@return integer sent how many requests the call still waits for
function rounds.stop(call, is_sent)
  local group, sent = call.group, 0
  for _, pending in pairs(group and group.parts or {}) do
    if pending and not pending.is_done then
      if is_sent(pending.task.call) then
        sent = sent + 1
      else
        pending:cancel()
      end
    end
  end
  call.state.stopped = true
  return sent
end

--- Reports those in flight as "unknown": the call does not wait for them.
local function give_up(call)
  local state = call.state
  for i, one in ipairs(state.list or {}) do
    if state.begun[i] then
      state.report.results[one.slot] = {
        outcome = "unknown",
        sid = one.sid,
        phone_number = one.params.phone_number,
        message = "the call was aborted while this one was in flight",
      }
    end
  end
end

--- Starts no more entries after an error. If memory was only short for a moment, waits for those in flight.
---@param conclude fun(call): table, string? completes the report
---@return table? report nil: nothing was started
---@return string? message
function rounds.recover(call, why, may_go_on, conclude)
  local state = call.state
  if not state.report then
    return nil
  end
  state.stopped, state.stop_reason = true, compat.tostring(why)
  if may_go_on then
    if call.group then
      call.group:go_on()
    end
    return conclude(call)
  end
  state.is_broken_off = true
  if call.group then
    call.group:leave()
  end
  give_up(call)
  return reports.fill(state), "aborted: " .. compat.tostring(why)
end

return rounds
