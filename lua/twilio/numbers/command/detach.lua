--- twilio-numbers detach: takes a number out of a Messaging Service.
local attach = require("twilio.numbers.command.attach")
local json = require("twilio.numbers.command.json")
local messaging_service = require("twilio.numbers.command.messaging_service")
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")

local detach = {}

---@param parser table argparse's
function detach.add(parser)
  local command = parser:command("detach", "Take a number out of a Messaging Service.")
  command:usage("Usage: twilio-numbers detach NUMBER SERVICE")
  command:argument("NUMBER", "PN... or +14155550100."):target("number")
  command:argument("SERVICE", "Messaging Service (MG...)."):target("service")
end

--- Checks the arguments.
---@return string? problem
function detach.problem(args)
  return messaging_service.problem({ args.service }, args.opaque_sids)
end

function detach.run(context)
  local args = context.args
  local sid, code = attach.find(context, args.number)
  if not sid then
    return code
  end
  args.has_begun, args.look = true, attach.LOOK
  local detached, message, err =
    context.wait("DELETE", context.client:detach_async(sid, args.service, context.call_options))
  if not detached then
    return outcome.fail(context, message, err)
  elseif args.json then
    json.object { sid = sid, service_sid = args.service, detached = true }
  else
    streams.say(("%s is out of Messaging Service %s."):format(args.number, args.service))
  end
  return outcome.DONE
end

return detach
