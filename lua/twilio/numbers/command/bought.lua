--- The report of `buy` about one number.
local columns = require("twilio.numbers.command.columns")
local hints = require("twilio.numbers.command.hints")
local interrupt = require("twilio.numbers.command.interrupt")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local bought = {}

--- The exit code. The library's kind for a number that the account owns is "invalid"; here it is a refusal.
local function code_of(err)
  local code, problem =
    outcome.code(err), err.kind == "invalid" and err.problems and err.problems[1]
  local is_owned = code == outcome.USAGE and problem and problem.name == "phone_number"
  return is_owned and outcome.REFUSED or code
end

--- The fields of a number for JSON, with those of its info.
---@param info twilio.numbers.Info?
function bought.fields(number, info)
  local fields = {}
  for name, value in pairs(number) do
    fields[name] = value
  end
  local incomplete = info and info.incomplete
  local missing = incomplete and incomplete.messaging_service
  fields.adopted, fields.replayed = info and info.adopted, info and info.replayed
  fields.journal = info and info.journal and json.error(info.journal)
  if incomplete then
    fields.incomplete = {
      differences = incomplete.differences[1] and incomplete.differences,
      error = incomplete.err and json.error(incomplete.err),
      messaging_service = missing and {
        sid = missing.sid,
        error = missing.err and json.error(missing.err),
      },
    }
  end
  return fields
end

--- Reports one purchase.
---@return integer code
function bought.conclude(context, wanted, number, message, err)
  if not number then
    err.idempotency_key = err.idempotency_key or context.args.key
    err.phone_number = err.phone_number or (wanted.list and wanted.list[1])
    message = message:gsub("^no number matches the filter", function(words)
      return wanted.filter and ("%s (%s)"):format(words, wanted.text)
    end)
    outcome.fail(context, message, err)
    if err.kind == "cancelled" and err.purchased == "no" then
      streams.say(interrupt.NOTHING)
    end
    return code_of(err)
  end
  context.args.has_bought = true
  if streams.is_terminal(2) and not (err and err.replayed) then
    streams.tell("bought", ("Bought %s."):format(number.phone_number or number.sid))
  end
  if message then -- bought, but not all that was asked for could be set
    streams.complain(message)
  end
  local missing = err and err.incomplete and err.incomplete.messaging_service
  if missing then
    streams.say(hints.attach(number, missing.err))
  end
  if context.args.json then
    json.object(bought.fields(number, err))
  else
    tables.print(context.args, columns.OWNED, { number })
  end
  return outcome.DONE
end

return bought
