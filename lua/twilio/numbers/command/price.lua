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

local function begin(context)
  local client, options, country =
    context.client, context.call_options, context.args.country:upper()
  if context.args.type then
    return client:price_async(country, context.args.type, options)
  end
  return client:prices_async(country, options)
end

function price.run(context)
  local args = context.args
  local found, message, err = context.wait("GET", begin(context))
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
