--- twilio-numbers search: what can be bought.
local columns = require("twilio.numbers.command.columns")
local cost = require("twilio.numbers.command.cost")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local search = {}

search.columns = columns.AVAILABLE

---@param parser table argparse's
function search.add(parser)
  local command = parser:command("search", "Show numbers that can be bought, and their price.")
  command:usage("Usage: twilio-numbers search [COUNTRY] [TYPE] [--area-code 415] [--limit 20] ...")
  parameters.add_country(command, "US")
  parameters.add_type(command, true, "local")
  command
    :option("--limit", "How many to show.")
    :default("20")
    :convert(parameters.limit)
    :argname("<N>")
  parameters.add_filters(command)
end

--- Reads the price of what was found. The numbers are shown even without it.
local function price_of(context, country, kind)
  local price, message = cost.read(context, country, kind)
  if not price then
    streams.say("The price could not be read: " .. message)
  end
  return price
end

function search.run(context)
  local args = context.args
  local filter = parameters.filter(args)
  filter.limit = args.limit
  local country, kind = (args.country or "US"):upper(), args.type or "local"
  local list, message, err =
    context.wait("GET", context.client:search_async(country, kind, filter, context.call_options))
  if not list then
    return outcome.fail(context, message, err)
  end
  local price = #list > 0 and price_of(context, country, kind) or nil
  for _, number in ipairs(list) do
    number.price = price
  end
  if args.json then
    json.array(list)
  else
    tables.print(args, columns.AVAILABLE, list, "No number matches.")
  end
  return outcome.DONE
end

return search
