--- The report of a call for many numbers: a result for each, their counts, and the message.
---
--- `outcome` of a result says how its request ended. "unknown": it may have been carried out. "stopped": it
--- was not started. The other outcomes depend on the kind of report.
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")

local reports = {}

---@class twilio.numbers.ReportKind
---@field outcomes string[] the first is success; all are counted except those in `lists`
---@field lists table<string, string> fields of the report that list the numbers of an outcome
---@field is_in_doubt fun(err: table): boolean whether a failed request may have been carried out
---@field failed fun(err: table): string the outcome of a request that certainly was not

--- The kind of purchases: "bought", "refused", or after all_or_nothing "released" or "kept". Kept numbers are
--- listed, not counted.
---@type twilio.numbers.ReportKind
reports.PURCHASE = {
  outcomes = { "bought", "refused", "unknown", "released", "kept", "stopped" },
  lists = { numbers = "bought", kept = "kept" },
  is_in_doubt = function(err)
    return err.purchased ~= "no"
  end,
  failed = function()
    return "refused"
  end,
}

--- Creates a report with a result for each number, "stopped" until it ends.
---@param kind twilio.numbers.ReportKind
---@param wanted integer
---@param list table[]? the entries, if they are known
---@return table report
function reports.new(kind, wanted, list)
  local report = { wanted = wanted, results = {} }
  for name in pairs(kind.lists) do
    report[name] = {}
  end
  for i = 1, wanted do
    local one = list and list[i]
    report.results[i] = {
      outcome = "stopped",
      sid = one and one.sid,
      phone_number = one and one.params.phone_number,
    }
  end
  return reports.count(kind, report, report.results)
end

--- Sets the field of each outcome to the number of results with it.
---@return table counts
function reports.count(kind, counts, results)
  for _, outcome in ipairs(kind.outcomes) do
    if not kind.lists[outcome] then
      counts[outcome] = 0
    end
  end
  for _, result in ipairs(results) do
    local outcome = result.outcome
    if not kind.lists[outcome] then
      counts[outcome] = counts[outcome] + 1
    end
  end
  return counts
end

--- Whether a request was cancelled before it was sent, with all others.
local function is_given_up(call, err)
  return err.kind == "closed" or (call.state.stopped and err.kind == "cancelled")
end

--- Sets the result of one entry.
---@param one table its entry in the list, see rounds.lua
---@param value any what it returned: a number, or true
function reports.result(call, one, value, message, err)
  local kind = call.state.kind
  local outcome
  if value then
    outcome = kind.outcomes[1]
  elseif kind.is_in_doubt(err) then
    outcome = "unknown"
  elseif is_given_up(call, err) then
    outcome = "stopped"
  else
    outcome = kind.failed(err)
  end
  local number = type(value) == "table" and value or nil
  local phone_number = number and number.phone_number or (not value and err.phone_number) or nil
  return {
    outcome = outcome,
    number = number,
    sid = one.sid,
    phone_number = phone_number or one.params.phone_number,
    message = message,
    err = not value and err or nil,
    info = value and err or nil,
  }
end

--- A copy of a result: what the caller sets in it does not change the report.
local function copy(result)
  local fields = {}
  for name, value in pairs(result) do
    fields[name] = value
  end
  return fields
end

--- Calls on_progress with the i-th result. If it returns false or raises an error, the call stops.
function reports.progress(call, i)
  local on_progress, report = call.options.on_progress, call.state.report
  if not on_progress then
    return
  end
  local progress = reports.count(call.state.kind, { wanted = report.wanted }, report.results)
  progress.stopped = 0
  progress.index, progress.result = i, copy(report.results[i])
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

local NOT_READ = "the call stopped before this number, which an earlier call has begun to buy"

--- Sets the results of the numbers that earlier calls have begun to buy, and this call has not started.
local function add_earlier(state)
  for slot, phone_number in pairs(state.earlier) do
    local result = state.report.results[slot]
    if result.outcome == "stopped" and not result.err then
      local _, message, err = errors.fail {
        kind = "cancelled",
        words = NOT_READ,
        purchased = "unknown",
        phone_number = phone_number,
        idempotency_key = state.key,
      }
      result.outcome, result.phone_number, result.message, result.err =
        "unknown", phone_number, message, err
    end
  end
end

--- Fills in the counts and the lists of numbers from the results.
---@param state table of the call, see rounds.lua
---@return table report
function reports.fill(state)
  local kind, report = state.kind, state.report
  add_earlier(state)
  for name, outcome in pairs(kind.lists) do
    report[name] = numbers_of(report.results, outcome)
  end
  return reports.count(kind, report, report.results)
end

local WORDS = { owned = "still owned", not_owned = "not owned", stopped = "not begun" }

--- The message of a complete report in which not all succeeded.
---@param kind twilio.numbers.ReportKind
---@param why string?
---@return string
function reports.message(kind, report, why)
  local first, parts = kind.outcomes[1], {}
  for i, outcome in ipairs(kind.outcomes) do
    local is_list = kind.lists[outcome] ~= nil
    local count = is_list and #report[outcome] or report[outcome]
    if i == 1 then
      parts[1] = ("%d of %d %s"):format(count, report.wanted, first)
    elseif not is_list or count > 0 then
      parts[#parts + 1] = ("%d %s"):format(count, WORDS[outcome] or outcome)
    end
  end
  return table.concat(parts, ", ") .. (why and ": " .. errors.part(why) or "")
end

return reports
