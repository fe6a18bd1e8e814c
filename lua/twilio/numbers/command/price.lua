--- twilio-numbers price: what a number costs a month.
local json = require("twilio.numbers.command.json")
local money = require("twilio.numbers.api.money")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local tables = require("twilio.numbers.command.table")

local price = {}

local function amount(name)
  return function(row)
    return row[name] and money.format(row[name]) or ""
  end
end

price.columns = {
  { name = "type" },
  { name = "monthly", of = amount("monthly") },
  { name = "base", of = amount("base") },
  { name = "currency" },
}

---@param parser table argparse's
function price.add(parser)
  local command = parser:command("price", "Show what a number costs a month.")
  command:usage("Usage: twilio-numbers price COUNTRY [TYPE]")
  parameters.add_country(command)
  parameters.add_type(command, true, "all that have a price")
end

--- The prices as rows, sorted by type.
local function print_table(args, by_type)
  local rows = {}
  for name, one in pairs(by_type) do
    rows[#rows + 1] =
      { type = name, monthly = one.monthly, base = one.base, currency = one.currency }
  end
  table.sort(rows, function(a, b)
    return a.type < b.type
  end)
  tables.print(args, price.columns, rows, "No prices.")
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
    print_table(args, args.type and { [args.type] = found } or found)
  end
  return outcome.DONE
end

return price
