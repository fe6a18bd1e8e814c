--- The numbers of `set` and `release`: finds them at Twilio, changes them together, and reports the results.
local columns = require("twilio.numbers.command.columns")
local connect = require("twilio.numbers.command.connect")
local hints = require("twilio.numbers.command.hints")
local interrupt = require("twilio.numbers.command.interrupt")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local progress = require("twilio.numbers.command.progress")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local owned = {}

owned.LISTED = 10 -- numbers that a question names

---@class twilio.numbers.command.Change
---@field outcomes string[] of the report, the wanted one first
---@field columns table[] of the table of outcomes
---@field missing string the outcome of a number that the account does not own
---@field progress table see progress.lua

owned.RELEASE = {
  columns = columns.OUTCOME,
  outcomes = { "released", "owned", "unknown", "not_owned", "stopped" },
  missing = "not_owned",
  progress = { done = "released", others = { "owned", "not_owned", "unknown" } },
}

owned.UPDATE = {
  columns = columns.CHANGES,
  outcomes = { "updated", "refused", "unknown", "stopped" },
  missing = "refused",
  progress = { done = "updated", others = { "refused", "unknown" } },
}

--- Finds the numbers that the arguments name, each once, and returns results for those that the account does
--- not own.
---@param change twilio.numbers.command.Change
---@param names string[] PN..., or phone numbers as people write them
---@return twilio.numbers.Number[]? numbers
---@return table[]|integer missing, or a code
function owned.find(context, change, names)
  local found, missing, seen = {}, {}, {}
  for _, name in ipairs(names) do
    local number, message, err = connect.number(context, name)
    if err then
      return nil, outcome.fail(context, message, err)
    elseif not number then
      streams.complain(message)
      missing[#missing + 1] = { name = name, outcome = change.missing, message = message }
    elseif not seen[number.sid] then
      seen[number.sid], found[#found + 1] = true, number
    end
  end
  return found, missing
end

--- Describes numbers: "3 numbers", and their list.
---@param numbers twilio.numbers.Number[]
---@return string count
---@return string names
function owned.describe(numbers)
  local names = {}
  for i, number in ipairs(numbers) do
    if i > owned.LISTED then
      names[i] = "..."
      break
    end
    names[i] = number.phone_number
  end
  local count = #numbers == 1 and "1 number" or ("%d numbers"):format(#numbers)
  return count, table.concat(names, ", ")
end

--- Changes the numbers and waits, so that Ctrl-C hides nothing.
---@param numbers twilio.numbers.Number[]
---@param begin fun(sids: string[], on_progress: function?): table?, string?, table? returns a pending
---@return table? report
---@return string? message
---@return twilio.numbers.Error? err
function owned.change(context, change, numbers, begin)
  local sids, by_sid = {}, {}
  for i, number in ipairs(numbers) do
    sids[i], by_sid[number.sid] = number.sid, number
  end
  local function name(result)
    result.phone_number = by_sid[result.sid].phone_number
  end
  local on_progress, finish, show = nil, function() end, nil
  if #numbers > 1 then
    on_progress, finish, show = progress.new(#numbers, change.progress)
  end
  context.args.has_begun = true -- from here on, an interruption may leave changes
  local pending, message, err = begin(sids, on_progress and function(state)
    name(state.result)
    on_progress(state)
  end)
  local report
  if pending then
    report, message, err = interrupt.wait(context.waiting, pending, true, show, outcome.LOOK)
  end
  finish()
  for _, result in ipairs(report and report.results or {}) do
    name(result)
  end
  return report, message, err
end

--- The results for JSON: errors as plain tables.
local function plain_results(results)
  local list = {}
  for i, result in ipairs(results) do
    list[i] = {
      name = result.name,
      sid = result.sid,
      phone_number = result.phone_number,
      outcome = result.outcome,
      number = result.number,
      message = result.message,
      error = result.err and json.error(result.err),
    }
  end
  return list
end

local function print_json(change, results, counts)
  local fields = { wanted = #results }
  for _, name in ipairs(change.outcomes) do
    fields[name] = counts[name] or 0
  end
  json.object_with_list(fields, "results", plain_results(results))
end

--- Prints the results for people, without numbers that the account does not own: those were reported before.
local function print_table(args, change, results)
  local rows = {}
  for _, result in ipairs(results) do
    rows[#rows + 1] = result.sid
        and {
          phone_number = result.phone_number,
          sid = result.sid,
          outcome = hints.OUTCOMES[result.outcome] or result.outcome,
          changes = result.changes,
        }
      or nil
  end
  tables.print(args, change.columns, rows, "Nothing was changed.")
end

--- Prints the errors, and the first hint about them.
local function tell_reasons(results)
  local hint
  for _, result in ipairs(results) do
    if result.err then
      streams.complain(("%s: %s"):format(result.phone_number, result.message))
      hint = hint or hints.of(result.err)
    end
  end
  if hint then
    streams.say(hint)
  end
end

--- Reports the results.
---@param report table? nil: none was found
---@param missing table[] results of those that the account does not own
---@return integer code
function owned.conclude(context, change, report, missing)
  local results, counts = {}, {}
  for _, list in ipairs { missing, report and report.results or {} } do
    for _, result in ipairs(list) do
      results[#results + 1] = result
      counts[result.outcome] = (counts[result.outcome] or 0) + 1
    end
  end
  tell_reasons(results)
  if context.args.json then
    print_json(change, results, counts)
  else
    print_table(context.args, change, results)
  end
  if counts.unknown then
    streams.say(outcome.LOOK)
    return outcome.UNKNOWN
  end
  return counts[change.outcomes[1]] == #results and outcome.DONE or outcome.REFUSED
end

return owned
