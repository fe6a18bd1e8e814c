--- twilio-numbers release: gives numbers back.
local columns = require("twilio.numbers.command.columns")
local confirm = require("twilio.numbers.command.confirm")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local owned = require("twilio.numbers.command.owned")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local release = {}

release.columns = columns.OUTCOME

---@param parser table argparse's
function release.add(parser)
  local command =
    parser:command("release", "Give numbers back for good, with their settings. Asks first.")
  command:usage("Usage: twilio-numbers release NUMBER... [--dry-run]")
  command:argument("NUMBER", "PN... or +14155550100."):target("numbers"):args("+")
  command:flag("--unregister-emergency", "End the registration of an emergency address first.")
  command:flag("--dry-run", "Show what would be released; release nothing.")
  command:flag("-y --yes", "Do not ask.")
end

--- Starts the releases.
local function begin(context, sids, on_progress)
  return context.client:release_many_async(sids, {
    account_sid = context.args.account_sid,
    unregister_emergency = context.args.unregister_emergency,
    on_progress = on_progress,
  })
end

--- The settings that are lost with a number.
local SETTINGS = {
  "friendly_name",
  "voice_url",
  "sms_url",
  "status_callback",
  "voice_application_sid",
  "sms_application_sid",
  "trunk_sid",
}

--- Describes what is lost: a line for each setting, below its number.
---@param numbers twilio.numbers.Number[]
---@return string[] lines
local function describe(numbers)
  local lines = {}
  for i, number in ipairs(numbers) do
    if i > owned.LISTED then
      lines[#lines + 1] = ("  and %d more"):format(#numbers - owned.LISTED)
      break
    end
    lines[#lines + 1] = ("  %s (%s)"):format(number.phone_number, number.sid)
    for _, name in ipairs(SETTINGS) do
      local value = number[name]
      if type(value) == "string" and value ~= "" then
        lines[#lines + 1] = ("    %s: %s"):format(name, value)
      end
    end
  end
  return lines
end

--- Prints what would be released. Sends no DELETE.
---@return integer code
local function show_plan(context, found, missing)
  streams.say("Dry run: nothing is released. Would release:")
  if context.args.json then
    local list = {}
    for i, number in ipairs(found) do
      list[i] = {
        phone_number = number.phone_number,
        sid = number.sid,
        method = "DELETE",
        resource = ("IncomingPhoneNumbers/%s.json"):format(number.sid),
      }
    end
    json.array(list)
  elseif context.args.csv or context.args.columns then
    tables.print(context.args, release.columns, found, "Nothing.")
  else
    for _, line in ipairs(describe(found)) do
      streams.print(streams.clean(line))
    end
  end
  return #missing == 0 and outcome.DONE or outcome.REFUSED
end

function release.run(context)
  local found, missing = owned.find(context, owned.RELEASE, context.args.numbers)
  if not found then
    return missing
  elseif context.args.dry_run then
    return show_plan(context, found, missing)
  elseif #found == 0 then
    return owned.conclude(context, owned.RELEASE, nil, missing)
  end
  local count, names = owned.describe(found)
  local plan = ("About to release %s for good%s: %s."):format(count, context.place, names)
  local go_on, why_not = confirm(context, plan, describe(found))
  if not go_on then
    return why_not
  end
  local report, message, err = owned.change(context, owned.RELEASE, found, function(...)
    return begin(context, ...)
  end)
  if not report then
    return outcome.fail(context, message, err)
  end
  return owned.conclude(context, owned.RELEASE, report, missing)
end

return release
