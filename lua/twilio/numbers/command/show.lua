--- twilio-numbers show: everything about a number.
local columns = require("twilio.numbers.command.columns")
local connect = require("twilio.numbers.command.connect")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local tables = require("twilio.numbers.command.table")

local show = {}

show.columns = columns.FIELDS

---@param parser table argparse's
function show.add(parser)
  local command = parser:command("show", "Show everything about a number.")
  command:usage("Usage: twilio-numbers show NUMBER")
  command:argument("NUMBER", "PN... or +14155550100."):target("number")
end

--- The fields that have a value, sorted by name.
local function print_fields(args, number)
  local fields = {}
  for name, value in pairs(number) do
    if name == "capabilities" then
      value = columns.can(number)
    end
    fields[name] = type(value) ~= "table" and value ~= "" and tostring(value) or nil
  end
  tables.print(args, columns.FIELDS, columns.records(fields), "Nothing is known of it.")
end

--- Finds the number that an argument names. Reports a failure.
---@return twilio.numbers.Number? number
---@return integer? code
function show.find(context, name)
  local number, message, err = connect.number(context, name)
  if number then
    return number
  end
  err = err or { kind = "api", purchased = "no", message = message }
  return nil, outcome.fail(context, message, err)
end

function show.run(context)
  local number, code = show.find(context, context.args.number)
  if not number then
    return code
  end
  if context.args.json then
    json.object(number)
  else
    print_fields(context.args, number)
  end
  return outcome.DONE
end

return show
