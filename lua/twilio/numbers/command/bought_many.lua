--- The report of `buy` for several numbers: those that were bought, and why others were not.
local bought = require("twilio.numbers.command.bought")
local columns = require("twilio.numbers.command.columns")
local hints = require("twilio.numbers.command.hints")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local bought_many = {}

local REFUSED_MAX = 10 -- reasons for refusals that are printed, and numbers for each
local ON_A_LINE = 6 -- numbers

--- Groups the results that have an outcome by their messages, in the order in which these first occur.
---@return { message: string, numbers: string[] }[]
local function group(results, kind)
  local groups, by_message = {}, {}
  for _, result in ipairs(results) do
    local message = result.outcome == kind and result.message
    if message then
      local reason = message:gsub("%d+ milliseconds", "")
      local one = by_message[reason]
      if not one then
        one = { message = message, numbers = {} }
        by_message[reason], groups[#groups + 1] = one, one
      end
      one.numbers[#one.numbers + 1] = result.phone_number or "a number"
    end
  end
  return groups
end

--- Prints the message of a group, and its numbers.
local function tell_group(one, most)
  local numbers, count = one.numbers, #one.numbers
  if count == 1 then
    return streams.say(("  %s: %s"):format(numbers[1], one.message))
  end
  streams.say(("  %d numbers: %s"):format(count, one.message))
  for first = 1, math.min(count, most), ON_A_LINE do
    local last = math.min(first + ON_A_LINE - 1, count, most)
    local rest = last == most and count > most and (", and %d more"):format(count - most) or ""
    streams.say("    " .. table.concat(numbers, ", ", first, last) .. rest)
  end
end

--- Prints why numbers were not bought, those in doubt first, and what is wrong with those that were bought.
--- Names all numbers that the account may own.
local function tell_reasons(report)
  for _, kind in ipairs { "unknown", "kept", "refused", "bought" } do
    local most = kind == "refused" and REFUSED_MAX or #report.results
    local groups = group(report.results, kind)
    for i = 1, kind == "refused" and math.min(#groups, REFUSED_MAX) or #groups do
      tell_group(groups[i], most)
    end
  end
end

--- Prints what to do about the first failure, or the first number that is not in its service.
local function tell_hint(context, report)
  for _, result in ipairs(report.results) do
    local hint = result.err and hints.of(result.err, context.args)
    local missing = result.info and result.info.incomplete
    missing = missing and missing.messaging_service
    hint = hint or (missing and hints.attach(result.number, missing.err))
    if hint then
      return streams.say(hint)
    end
  end
end

--- The results for JSON: errors as plain tables.
local function plain_results(report)
  local list = {}
  for i, result in ipairs(report.results) do
    list[i] = {
      outcome = result.outcome,
      phone_number = result.phone_number,
      number = result.number and bought.fields(result.number, result.info),
      error = result.err and json.error(result.err),
    }
  end
  return list
end

--- The numbers that the account now owns: those that were bought, and those that could not be released.
local function paid_for(report)
  local list = {}
  for _, numbers in ipairs { report.numbers, report.kept } do
    for _, number in ipairs(numbers) do
      list[#list + 1] = number
    end
  end
  return list
end

local COUNTS = { "wanted", "bought", "refused", "unknown", "released", "stopped" }

--- Advice: how to see what the account owns, or how to finish the order.
---@param friendly_name string|nil that the purchases gave their numbers
local function look(context, friendly_name)
  if context.args.key then
    return "To finish it, " .. hints.again(context.args.key)
  elseif context.client.journal then
    return "To see what was bought: twilio-numbers journal recover"
  elseif not friendly_name then
    return outcome.LOOK
  end
  local word = friendly_name:find("^[%w_.-]+$") and friendly_name
    or "'" .. friendly_name:gsub("'", "'\\''") .. "'"
  return outcome.LOOK .. " --friendly-name " .. word
end

--- Reports several purchases.
---@return integer code
function bought_many.conclude(context, wanted, report, message, err)
  if not report then
    return outcome.fail(context, message, err)
  end
  context.args.has_bought = report.bought > 0 or report.kept[1] ~= nil
  if message then
    streams.complain(message)
  end
  tell_reasons(report)
  tell_hint(context, report)
  if context.args.json then
    local counts = {}
    for _, name in ipairs(COUNTS) do
      counts[name] = report[name]
    end
    counts.kept = #report.kept
    json.object_with_list(counts, "results", plain_results(report))
  else
    local owned = paid_for(report)
    if #owned > 0 or report.unknown == 0 then
      tables.print(context.args, columns.OWNED, owned, "No numbers.")
    end
  end
  if report.unknown > 0 then
    streams.say(look(context, wanted.params.friendly_name))
    return outcome.UNKNOWN
  end
  return report.bought == report.wanted and outcome.DONE or outcome.REFUSED
end

return bought_many
