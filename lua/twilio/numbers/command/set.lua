--- twilio-numbers set: changes numbers.
local changes = require("twilio.numbers.command.changes")
local columns = require("twilio.numbers.command.columns")
local confirm = require("twilio.numbers.command.confirm")
local core = require("twilio.numbers.core")
local json = require("twilio.numbers.command.json")
local messages = require("twilio.numbers.config.messages")
local outcome = require("twilio.numbers.command.outcome")
local owned = require("twilio.numbers.command.owned")
local parameters = require("twilio.numbers.command.parameters")
local phone = require("twilio.numbers.command.phone")
local show = require("twilio.numbers.command.show")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local set = {}

set.columns = columns.CHANGES

---@param parser table argparse's
function set.add(parser)
  local command =
    parser:command("set", "Change the settings of numbers, and show what that changed.")
  command:usage("Usage: twilio-numbers set NUMBER... NAME=VALUE...")
  command
    :argument("NUMBER... NAME=VALUE...")
    :description("PN... or +14155550100, then voice_url=https://...; sms_url= clears it.")
    :target("words")
    :args("*")
  command:flag("--dry-run", "Show what would be changed; change nothing.")
  command:flag("-y --yes", "Do not ask before numbers are handed over (account_sid=AC...).")
  command:epilog("Names:\n  " .. parameters.names("update"))
end

local NO_NUMBER = 'give name=value, or a number as PN... or as +14155550100, got "%s"'

--- Splits the arguments into numbers, which come first, and settings.
---@return string[]? names
---@return string[]|string settings, or what is wrong
local function split(words, opaque_sids)
  local names, settings = {}, {}
  for _, word in ipairs(words) do
    local is_setting = word:find("=", 1, true) or #settings > 0
    local is_number = core.is_e164(phone.read(word)) or core.is_sid(word, "PN", opaque_sids)
    if not is_setting and not is_number then
      return nil, NO_NUMBER:format(word)
    end
    local list = is_setting and settings or names
    list[#list + 1] = word
  end
  if #names == 0 then
    return nil, "the number is missing: give PN... or +14155550100 before the settings"
  elseif #settings == 0 then
    return nil, "the settings are missing: give name=value after the numbers"
  end
  return names, settings
end

--- Reads the arguments.
---@param args table of the command; gets names and params
---@return string? problem
function set.problem(args)
  local names, settings = split(args.words, args.opaque_sids)
  if not names then
    return settings
  end
  local params, problem = parameters.read(settings, "update")
  args.names, args.params = names, params
  return problem
end

local PLAN = "About to hand %s over to account %s%s: this account will not own %s any more."

--- Asks before numbers are handed over to another account.
---@return boolean go_on
---@return integer? code
local function ask(context, numbers, account_sid)
  if not account_sid then
    return true
  elseif #numbers == 1 then
    local what = ("%s (%s)"):format(numbers[1].phone_number, numbers[1].sid)
    return confirm(context, PLAN:format(what, account_sid, context.place, "it"))
  end
  local count, names = owned.describe(numbers)
  local plan = PLAN:format(count, account_sid, context.place, "them")
  return confirm(context, (plan:gsub("%.$", ": " .. names .. ".")))
end

--- Prints what would be changed and sent. Sends no POST.
---@return integer code
local function show_plan(context, found, missing, params)
  streams.say("Dry run: nothing is changed. Would change:")
  local list, rows = {}, {}
  local form = core.form(params, "update", context.args.opaque_sids)
  for i, number in ipairs(found) do
    local lines = changes.of(number, changes.plan(number, params), params)
    rows[i] = {
      phone_number = number.phone_number,
      sid = number.sid,
      changes = table.concat(lines, "; "),
    }
    list[i] = {
      phone_number = number.phone_number,
      sid = number.sid,
      method = "POST",
      resource = ("IncomingPhoneNumbers/%s.json"):format(number.sid),
      body = form,
    }
  end
  if context.args.json then
    json.array(list)
  else
    tables.print(context.args, set.columns, rows, "Nothing.")
  end
  return #missing == 0 and outcome.DONE or outcome.REFUSED
end

--- Changes one number, and prints the differences.
---@return integer code
local function set_one(context, name, params)
  local args = context.args
  local number, code = show.find(context, name)
  local go_on
  if number and args.dry_run then
    return show_plan(context, { number }, {}, params)
  elseif number then
    go_on, code = ask(context, { number }, params.account_sid)
  end
  if not go_on then
    return code
  end
  args.has_begun = true
  args.look = "It is unknown whether the number was changed: twilio-numbers show " .. number.sid
  local changed, message, err =
    context.wait("POST", context.client:update_async(number.sid, params, context.call_options))
  if not changed then
    return outcome.fail(context, message, err)
  elseif args.json then
    json.object(changed)
    return outcome.DONE
  end
  local lines = changes.of(number, changed, params)
  if args.csv or args.columns then
    number.changes, number.outcome = table.concat(lines, "; "), "updated"
    tables.print(args, set.columns, { number })
    return outcome.DONE
  end
  for _, line in ipairs(lines) do
    streams.print(streams.clean(line))
  end
  return outcome.DONE
end

--- Makes the same changes to several numbers.
---@return integer code
local function set_many(context, names, params)
  local found, missing = owned.find(context, owned.UPDATE, names)
  if not found then
    return missing
  elseif context.args.dry_run then
    return show_plan(context, found, missing, params)
  elseif #found == 0 then
    return owned.conclude(context, owned.UPDATE, nil, missing)
  end
  local go_on, why_not = ask(context, found, params.account_sid)
  if not go_on then
    return why_not
  end
  local before = {}
  for _, number in ipairs(found) do
    before[number.sid] = number
  end
  local report, message, err = owned.change(
    context,
    owned.UPDATE,
    found,
    function(sids, on_progress)
      local options = { account_sid = context.args.account_sid, on_progress = on_progress }
      return context.client:update_many_async(sids, params, options)
    end
  )
  if not report then
    return outcome.fail(context, message, err)
  end
  for _, result in ipairs(report.results) do
    local lines = result.number and changes.of(before[result.sid], result.number, params)
    result.changes = lines and table.concat(lines, "; ")
  end
  return owned.conclude(context, owned.UPDATE, report, missing)
end

function set.run(context)
  local names, params = context.args.names, context.args.params
  local form, wrong = core.form(params, "update", context.args.opaque_sids)
  if not form then
    return outcome.invalid(context, messages.describe(wrong, "update"))
  elseif #names == 1 then
    return set_one(context, names[1], params)
  end
  return set_many(context, names, params)
end

return set
