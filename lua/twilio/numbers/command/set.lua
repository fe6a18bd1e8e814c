--- twilio-numbers set: changes a number.
local confirm = require("twilio.numbers.command.confirm")
local core = require("twilio.numbers.core")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local messages = require("twilio.numbers.config.messages")
local show = require("twilio.numbers.command.show")
local streams = require("twilio.numbers.command.streams")

local set = {}

---@param parser table argparse's
function set.add(parser)
  local command = parser:command("set", "Change a number's settings.")
  command:argument("number", "PN... or +14155550100."):argname("<NUMBER>")
  command
    :argument("settings", "voice_url=https://... for example; sms_url= clears it.")
    :args("+")
    :argname("<NAME=VALUE>")
  command:flag("-y --yes", "Do not ask before a number is handed over (account_sid=AC...).")
  command:epilog("Names:\n  " .. parameters.names("update"))
end

--- Reads and checks the settings.
---@return table? params
---@return integer? code
local function read(context)
  local params, problem = parameters.read(context.args.settings, "update")
  if not params then
    return nil, streams.usage(problem)
  end
  local form, wrong = core.form(params, "update")
  if not form then
    return nil, outcome.invalid(context, messages.describe(wrong, "update"))
  end
  return params
end

function set.run(context)
  local params, code = read(context)
  local number, go_on
  if params then
    number, code = show.find(context, context.args.number)
  end
  if number and params.account_sid then
    local plan =
      "About to hand %s (%s) over to account %s%s: this account will not own it any more."
    go_on, code = confirm(
      context,
      plan:format(number.phone_number, number.sid, params.account_sid, context.place)
    )
    number = go_on and number
  end
  if not number then
    return code
  end
  local changed, message, err =
    context.wait("POST", context.client:update_async(number.sid, params, context.call_options))
  if not changed then
    return outcome.fail(context, message, err)
  end
  (context.args.json and json.object or show.print)(changed)
  return outcome.DONE
end

return set
