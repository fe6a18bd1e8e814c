--- twilio-numbers attach: puts a number into a Messaging Service.
local core = require("twilio.numbers.core")
local json = require("twilio.numbers.command.json")
local messaging_service = require("twilio.numbers.command.messaging_service")
local outcome = require("twilio.numbers.command.outcome")
local show = require("twilio.numbers.command.show")
local tables = require("twilio.numbers.command.table")

local attach = {}

attach.columns = {
  { name = "phone_number", heading = "NUMBER" },
  { name = "sid", heading = "SID", is_sid = true },
  { name = "service_sid", heading = "MESSAGING SERVICE" },
}

--- Advice after Ctrl-C. Both commands are safe to repeat.
attach.LOOK = "It is unknown whether the number is in the service: repeat the command."

---@param parser table argparse's
function attach.add(parser)
  local command = parser:command("attach", "Put a number into a Messaging Service.")
  command:usage("Usage: twilio-numbers attach NUMBER SERVICE... [--move]")
  command:argument("NUMBER", "PN... or +14155550100."):target("number")
  command
    :argument("SERVICE", "Messaging Services (MG...): if one is full, the next is used.")
    :target("services")
    :args("+")
  command:flag("--move", "Take it out of another Messaging Service first.")
end

--- Finds the SID of the number that an argument names. Reports a failure.
---@param name string PN..., or a phone number
---@return string? sid
---@return integer? code
function attach.find(context, name)
  if core.is_sid(name, "PN") then
    return name
  end
  local number, code = show.find(context, name)
  return number and number.sid, code
end

--- Checks the arguments.
---@return string? problem
function attach.problem(args)
  return messaging_service.problem(args.services, args.opaque_sids)
end

function attach.run(context)
  local args = context.args
  local sid, code = attach.find(context, args.number)
  if not sid then
    return code
  end
  local options = { account_sid = args.account_sid, move = args.move }
  args.has_begun, args.look = true, attach.LOOK
  local sender, message, err =
    context.wait("POST", context.client:attach_async(sid, args.services, options))
  if not sender then
    return outcome.fail(context, message, err)
  elseif args.json then
    json.object(sender)
  else
    tables.print(args, attach.columns, { sender })
  end
  return outcome.DONE
end

return attach
