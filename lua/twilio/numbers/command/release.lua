--- twilio-numbers release: gives numbers back.
local confirm = require("twilio.numbers.command.confirm")
local outcome = require("twilio.numbers.command.outcome")
local owned = require("twilio.numbers.command.owned")

local release = {}

---@param parser table argparse's
function release.add(parser)
  local command = parser:command("release", "Give numbers back for good.")
  command:argument("numbers", "PN... or +14155550100."):args("+"):argname("<NUMBER>")
  command:flag("--unregister-emergency", "End the registration of an emergency address first.")
  command:flag("-y --yes", "Do not ask.")
end

--- Begins to release all.
local function begin(context, sids, on_progress)
  return context.client:release_many_async(sids, {
    account_sid = context.args.account_sid,
    unregister_emergency = context.args.unregister_emergency,
    on_progress = on_progress,
  })
end

function release.run(context)
  local found, missing = owned.find(context, owned.RELEASE, context.args.numbers)
  if not found then
    return missing
  elseif #found == 0 then
    return owned.conclude(context, owned.RELEASE, nil, missing)
  end
  local count, names = owned.describe(found)
  local plan = ("About to release %s for good%s: %s."):format(count, context.place, names)
  local go_on, why_not = confirm(context, plan)
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
