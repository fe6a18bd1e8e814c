--- The report of a purchase of many: the result of each number, their counts, and the message.
---
--- A result says in `outcome` how one number ended: "bought", "refused", "unknown" (money may have been
--- spent), "released" or "kept" (after all_or_nothing), or "stopped" (not sent).
local compat = require("twilio.numbers.compat")

local reports = {}

--- The outcomes that are counted. Numbers that were kept are listed instead.
local COUNTED = { "bought", "refused", "unknown", "released", "stopped" }

local function empty(wanted)
  local report = { wanted = wanted, results = {}, numbers = {}, kept = {} }
  for _, outcome in ipairs(COUNTED) do
    report[outcome] = 0
  end
  return report
end

--- Makes a report with a result for every number, each "stopped" until its purchase ends.
---@param wanted integer
---@param list table[]? the purchases, if their numbers are known already
---@return twilio.numbers.Report
function reports.new(wanted, list)
  local report = empty(wanted)
  for i = 1, wanted do
    report.results[i] = { outcome = "stopped", phone_number = list and list[i].params.phone_number }
  end
  return report
end

--- Sets the field of each outcome to the number of results with it.
---@return table counts
function reports.count(counts, results)
  for i = 1, #COUNTED do
    counts[COUNTED[i]] = 0
  end
  for i = 1, #results do
    local outcome = results[i].outcome
    if outcome ~= "kept" then
      counts[outcome] = counts[outcome] + 1
    end
  end
  return counts
end

--- The outcome of a purchase: if there is no number, err.purchased decides.
local function outcome_of(number, err)
  if number then
    return "bought"
  end
  return err.purchased == "no" and "refused" or "unknown"
end

--- The result of one purchase. A purchase cancelled before it was sent, because all were stopped, is
--- "stopped".
function reports.result(call, one, number, message, err)
  local is_unsent = not number and err.kind == "cancelled" and err.purchased == "no"
  local found = number and number.phone_number or (not number and err.phone_number) or nil
  return {
    outcome = call.state.stopped and is_unsent and "stopped" or outcome_of(number, err),
    number = number or nil,
    phone_number = found or one.params.phone_number,
    message = message,
    err = not number and err or nil,
    info = number and err or nil,
  }
end

--- Calls on_progress with the result of the i-th. If that returns false or raises an error, the call stops.
function reports.progress(call, results, wanted, i)
  local on_progress = call.options.on_progress
  if not on_progress then
    return
  end
  local progress = reports.count({ wanted = wanted }, results)
  progress.stopped = 0
  progress.index, progress.result = i, results[i]
  local called, go_on = compat.pcall(on_progress, progress)
  if not called or go_on == false then
    local state = call.state
    state.stopped = true
    state.stop_reason = not called and "on_progress raised an error: " .. compat.tostring(go_on)
      or false
  end
end

--- The numbers of the results with an outcome.
local function numbers_of(results, outcome)
  local numbers = {}
  for _, result in ipairs(results) do
    numbers[#numbers + 1] = result.outcome == outcome and result.number or nil
  end
  return numbers
end

--- Fills in the counts and the lists of numbers from the results.
---@param report twilio.numbers.Report
---@return twilio.numbers.Report report the same
function reports.fill(report)
  reports.count(report, report.results)
  report.numbers = numbers_of(report.results, "bought")
  report.kept = numbers_of(report.results, "kept")
  return report
end

--- The message with a report that is filled in, of which not all were bought.
---@param why string?
---@return string
function reports.message(report, why)
  return ("%d of %d bought, %d refused, %d unknown, %d released, %s%d not begun%s"):format(
    report.bought,
    report.wanted,
    report.refused,
    report.unknown,
    report.released,
    report.kept[1] and ("%d kept, "):format(#report.kept) or "",
    report.stopped,
    why and ": " .. why or ""
  )
end

return reports
