--- twilio-numbers search: what can be bought.
local cost = require("twilio.numbers.command.cost")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local search = {}

---@param parser table argparse's
function search.add(parser)
  local command = parser:command("search", "Show numbers that can be bought.")
  command:usage("Usage: twilio-numbers search [COUNTRY] [TYPE] [--area-code 415] [--limit 20] ...")
  command:argument("country", "Two letters; default US."):args("?"):argname("<US>")
  command
    :argument("type", "Default local.")
    :args("?")
    :choices(parameters.TYPES)
    :convert(parameters.type)
    :argname("<TYPE>")
  command
    :option("--limit", "At most so many.")
    :default("20")
    :convert(parameters.limit)
    :argname("<N>")
  parameters.add_filters(command)
end

--- The price of what was found. Without it the numbers are shown all the same.
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
  if args.json then
    for _, number in ipairs(list) do
      number.price = price
    end
    json.array(list)
  else
    tables.available(list, price)
  end
  return outcome.DONE
end

return search
