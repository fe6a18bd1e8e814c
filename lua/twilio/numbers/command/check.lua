--- twilio-numbers check: whether a number could be bought with some parameters. Buys nothing.
local cost = require("twilio.numbers.command.cost")
local json = require("twilio.numbers.command.json")
local messaging_service = require("twilio.numbers.command.messaging_service")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local streams = require("twilio.numbers.command.streams")

local check = {}

---@param parser table argparse's
function check.add(parser)
  local command = parser:command("check", "List what a purchase lacks; buy nothing.")
  command:usage("Usage: twilio-numbers check COUNTRY TYPE [NAME=VALUE...]")
  parameters.add_place(command)
  command
    :argument("NAME=VALUE", "Such as bundle_sid=BU... address_sid=AD...")
    :target("settings")
    :args("*")
  messaging_service.add(command, "Look at this Messaging Service, too; any number of times.")
  cost.add(command)
end

--- Prints the warnings of a check that passed.
---@param info twilio.numbers.Check?
function check.tell_warnings(info)
  for _, warning in ipairs(info and info.warnings or {}) do
    streams.say("Warning: " .. warning.message)
  end
end

--- Checks a purchase of a country and type.
---@return true? passed
---@return string? message
---@return twilio.numbers.Error|twilio.numbers.Check|nil err
function check.place(context, country, kind, params)
  local args = context.args
  local options = {
    account_sid = args.account_sid,
    max_price = args.max_price,
    messaging_service_sid = messaging_service.of(args),
  }
  local place = { country = country, type = kind }
  return context.wait("GET", context.client:check_purchase_async(place, params, options))
end

--- Reads the arguments.
---@param args table of the command; gets params
---@return string? problem
function check.problem(args)
  local problem
  args.params, problem = parameters.read(args.settings, "purchase")
  return problem or messaging_service.problem(args.messaging_service, args.opaque_sids)
end

function check.run(context)
  local args = context.args
  local passed, message, err = check.place(context, args.country:upper(), args.type, args.params)
  if not passed then
    return outcome.fail(context, message, err)
  end
  check.tell_warnings(err)
  if args.json then
    json.object_with_list({ passed = true }, "warnings", err and err.warnings or {})
  else
    streams.print("Nothing is missing.")
  end
  return outcome.DONE
end

return check
