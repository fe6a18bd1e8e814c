--- twilio-numbers price: what a number costs a month.
local json = require("twilio.numbers.command.json")
local money = require("twilio.numbers.api.money")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local tables = require("twilio.numbers.command.table")

local price = {}

---@param parser table argparse's
function price.add(parser)
  local command = parser:command("price", "Show what a number costs a month.")
  command:usage("Usage: twilio-numbers price COUNTRY [TYPE]")
  command:argument("country", "Two letters."):argname("<US>")
  command
    :argument("type", "Default all that have a price.")
    :args("?")
    :choices(parameters.TYPES)
    :convert(parameters.type)
    :argname("<TYPE>")
end

--- The prices as a table, in the order of their types.
local function print_table(by_type)
  local rows = {}
  for name, one in pairs(by_type) do
    local base = one.base and money.format(one.base) or ""
    rows[#rows + 1] = { name, money.format(one.monthly), base, one.currency }
  end
  table.sort(rows, function(a, b)
    return a[1] < b[1]
  end)
  tables.print({ "TYPE", "MONTHLY", "BASE", "CURRENCY" }, rows, "No prices.")
end

function price.run(context)
  local args, client = context.args, context.client
  local country, found, message, err = args.country:upper(), nil, nil, nil
  if args.type then
    found, message, err =
      context.wait("GET", client:price_async(country, args.type, context.call_options))
  else
    found, message, err = context.wait("GET", client:prices_async(country, context.call_options))
  end
  if not found then
    return outcome.fail(context, message, err)
  elseif args.json then
    json.object(found)
  else
    print_table(args.type and { [args.type] = found } or found)
  end
  return outcome.DONE
end

return price
