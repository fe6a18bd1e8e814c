--- twilio-numbers buy: the only subcommand that spends money.
local columns = require("twilio.numbers.command.columns")
local check = require("twilio.numbers.command.check")
local confirm = require("twilio.numbers.command.confirm")
local cost = require("twilio.numbers.command.cost")
local dry_run = require("twilio.numbers.command.dry_run")
local globals = require("twilio.numbers.globals")
local hints = require("twilio.numbers.command.hints")
local interrupt = require("twilio.numbers.command.interrupt")
local journal = require("twilio.numbers.command.journal")
local json = require("twilio.numbers.command.json")
local keyed = require("twilio.numbers.command.keyed")
local messaging_service = require("twilio.numbers.command.messaging_service")
local order = require("twilio.numbers.command.order")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local progress = require("twilio.numbers.command.progress")
local question = require("twilio.numbers.command.question")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local buy = {}

function buy.columns(args)
  return args.dry_run and columns.AVAILABLE or columns.OWNED
end

local COUNT_MAX = 10000 -- the library's
local REFUSED_MAX = 10 -- reasons for refusals that are printed, and numbers for each
local ON_A_LINE = 6 -- numbers

local function to_count(text)
  local count = text:match("^%d+$") and tonumber(text)
  if not count or count < 1 or count > COUNT_MAX then
    return nil, ('--count must be a whole number from 1 to %d, got "%s"'):format(COUNT_MAX, text)
  end
  return count
end

--- Adds the options that are its own.
---@param command table argparse's
local function add_options(command)
  command:group(
    "How many",
    command:option("--country", "Two letters; default US."):argname("<COUNTRY>"),
    command
      :option("--type", table.concat(parameters.TYPES, ", ") .. "; default local.")
      :convert(parameters.type)
      :argname("<TYPE>"),
    command:option("--count", "How many to buy; default 1."):convert(to_count):argname("<N>"),
    command:flag("--all-or-nothing", "If not all can be bought, release the rest."),
    cost.add(command)
  )
  command:group(
    "Settings",
    command
      :option("--set", "A setting, such as voice_url=https://...; any number of times.")
      :count("*")
      :init({})
      :action("append")
      :argname("<NAME=VALUE>"),
    messaging_service.add(
      command,
      "Put them into this Messaging Service. Several: the next if one is full."
    )
  )
  local options = keyed.add(command)
  options[#options + 1] =
    command:flag("--preflight", "Buy only if nothing is missing, see twilio-numbers check.")
  options[#options + 1] =
    command:flag("--even-if-owned", "Buy numbers that the account owns; changes their settings.")
  options[#options + 1] =
    command:flag("--dry-run", "Show what would be bought and sent; buy nothing.")
  options[#options + 1] = command:flag("-y --yes", "Do not ask.")
  command:group("Safety", globals.unpack(options))
end

---@param parser table argparse's
function buy.add(parser)
  local command = parser:command(
    "buy",
    "Buy numbers: those that you name, or any that fit. Shows the price, and asks first."
  )
  command:usage([[
Usage: twilio-numbers buy NUMBER...                        these numbers
       twilio-numbers buy --area-code 415 [--count 3] ...  any that fit
       twilio-numbers buy [COUNTRY] [TYPE] ...             any, as in search]])
  command
    :argument("NUMBER", "Such as +14155550100, or '(415) 555-0100' in the US and Canada.")
    :target("numbers")
    :args("*")
  parameters.add_filters(command, true)
  add_options(command)
  command:epilog("Names for --set:\n  " .. parameters.names("purchase"))
end

--- Begins the purchase.
---@return twilio.numbers.Pending? pending
---@return string? message
---@return twilio.numbers.Error? err
local function begin(context, wanted, on_progress)
  local args, client = context.args, context.client
  local options = { account_sid = args.account_sid, unless_owned = not args.even_if_owned }
  if wanted.filter and not args.even_if_owned then
    options.unless_owned = nil -- the default, which goes on where the credentials may not look
  end
  options.idempotency_key, options.finish = args.key, args.finish
  options.max_price, options.preflight = args.max_price, args.preflight
  options.messaging_service_sid = messaging_service.of(args)
  if wanted.is_many then
    options.max_numbers = wanted.list and #wanted.list or wanted.count
    options.all_or_nothing = args.all_or_nothing
    options.on_progress = on_progress
    if wanted.filter then
      wanted.filter.count = wanted.count
    end
    local what = wanted.list or wanted.filter
    return client:purchase_many_async(what, wanted.params, options)
  elseif wanted.filter then
    return client:purchase_available_async(wanted.filter, wanted.params, options)
  end
  local params = { phone_number = wanted.list[1] }
  for name, value in pairs(wanted.params) do
    params[name] = value
  end
  return client:purchase_async(params, options)
end

--- The library's word for a number that the account owns is "invalid"; here it is a refusal.
local function code_of(err)
  local problem = err.kind == "invalid" and err.problems and err.problems[1]
  return problem and problem.name == "phone_number" and outcome.REFUSED or outcome.code(err)
end

--- A number as a program may read it, with what else is known of it.
---@param info twilio.numbers.Info?
local function with_info(number, info)
  local fields = {}
  for name, value in pairs(number) do
    fields[name] = value
  end
  local incomplete = info and info.incomplete
  local missing = incomplete and incomplete.messaging_service
  fields.adopted, fields.replayed = info and info.adopted, info and info.replayed
  fields.journal = info and info.journal and json.error(info.journal)
  if incomplete then
    fields.incomplete = {
      differences = incomplete.differences[1] and incomplete.differences,
      error = incomplete.err and json.error(incomplete.err),
      messaging_service = missing and {
        sid = missing.sid,
        error = missing.err and json.error(missing.err),
      },
    }
  end
  return fields
end

--- Reports one purchase.
local function conclude_one(context, wanted, number, message, err)
  if not number then
    err.idempotency_key = err.idempotency_key or context.args.key
    err.phone_number = err.phone_number or (wanted.list and wanted.list[1])
    message = message:gsub("^no number matches the filter", function(words)
      return wanted.filter and ("%s (%s)"):format(words, wanted.text)
    end)
    outcome.fail(context, message, err)
    if err.kind == "cancelled" and err.purchased == "no" then
      streams.say(interrupt.NOTHING)
    end
    return code_of(err)
  end
  context.args.has_bought = true
  if streams.is_terminal(2) and not (err and err.replayed) then
    streams.tell("bought", ("Bought %s."):format(number.phone_number or number.sid))
  end
  if message then -- bought, but not all that was asked for could be set
    streams.complain(message)
  end
  local missing = err and err.incomplete and err.incomplete.messaging_service
  if missing then
    streams.say(hints.attach(number, missing.err))
  end
  if context.args.json then
    json.object(with_info(number, err))
  else
    tables.print(context.args, columns.OWNED, { number })
  end
  return outcome.DONE
end

--- The results that came to an outcome, by what is said of them, in the order in which they are there.
---@return { message: string, numbers: string[] }[]
local function group(results, kind)
  local groups, by_message = {}, {}
  for _, result in ipairs(results) do
    local message = result.outcome == kind and result.message
    if message then
      local reason = message:gsub("%d+ milliseconds", "")
      local one = by_message[reason]
      if not one then
        one = { message = message, numbers = {} }
        by_message[reason], groups[#groups + 1] = one, one
      end
      one.numbers[#one.numbers + 1] = result.phone_number or "a number"
    end
  end
  return groups
end

--- Says something of some numbers, on as many lines as these take.
local function tell_group(one, most)
  local numbers, count = one.numbers, #one.numbers
  if count == 1 then
    return streams.say(("  %s: %s"):format(numbers[1], one.message))
  end
  streams.say(("  %d numbers: %s"):format(count, one.message))
  for first = 1, math.min(count, most), ON_A_LINE do
    local last = math.min(first + ON_A_LINE - 1, count, most)
    local rest = last == most and count > most and (", and %d more"):format(count - most) or ""
    streams.say("    " .. table.concat(numbers, ", ", first, last) .. rest)
  end
end

--- Says why numbers were not bought, the doubtful ones first, and what is amiss with those that were. Of
--- those that the account may own, all are named.
local function tell_reasons(report)
  for _, kind in ipairs { "unknown", "kept", "refused", "bought" } do
    local most = kind == "refused" and REFUSED_MAX or #report.results
    local groups = group(report.results, kind)
    for i = 1, kind == "refused" and math.min(#groups, REFUSED_MAX) or #groups do
      tell_group(groups[i], most)
    end
  end
end

--- Says what to do about the first failure, or the first number that is not in its service.
local function tell_hint(context, report)
  for _, result in ipairs(report.results) do
    local hint = result.err and hints.of(result.err, context.args)
    local missing = result.info and result.info.incomplete
    missing = missing and missing.messaging_service
    hint = hint or (missing and hints.attach(result.number, missing.err))
    if hint then
      return streams.say(hint)
    end
  end
end

--- The results as a program may read them: no error object, whose methods JSON has not.
local function plain_results(report)
  local list = {}
  for i, result in ipairs(report.results) do
    list[i] = {
      outcome = result.outcome,
      phone_number = result.phone_number,
      number = result.number and with_info(result.number, result.info),
      error = result.err and json.error(result.err),
    }
  end
  return list
end

--- The numbers that the account now owns: those that were bought, and those that it was to give back.
local function paid_for(report)
  local list = {}
  for _, numbers in ipairs { report.numbers, report.kept } do
    for _, number in ipairs(numbers) do
      list[#list + 1] = number
    end
  end
  return list
end

local COUNTS = { "wanted", "bought", "refused", "unknown", "released", "stopped" }

--- How to see what the account owns, or how to finish the order.
---@param friendly_name string|nil that the purchases gave their numbers
local function look(context, friendly_name)
  if context.args.key then
    return "To finish it, " .. hints.again(context.args.key)
  elseif context.client.journal then
    return "To see what was bought: twilio-numbers journal recover"
  elseif not friendly_name then
    return outcome.LOOK
  end
  local word = friendly_name:find("^[%w_.-]+$") and friendly_name
    or "'" .. friendly_name:gsub("'", "'\\''") .. "'"
  return outcome.LOOK .. " --friendly-name " .. word
end

--- Reports many.
local function conclude_many(context, wanted, report, message, err)
  if not report then
    return outcome.fail(context, message, err)
  end
  context.args.has_bought = report.bought > 0 or report.kept[1] ~= nil
  if message then
    streams.complain(message)
  end
  tell_reasons(report)
  tell_hint(context, report)
  if context.args.json then
    local counts = {}
    for _, name in ipairs(COUNTS) do
      counts[name] = report[name]
    end
    counts.kept = #report.kept
    json.object_with_list(counts, "results", plain_results(report))
  else
    local owned = paid_for(report)
    if #owned > 0 or report.unknown == 0 then
      tables.print(context.args, columns.OWNED, owned, "No numbers.")
    end
  end
  if report.unknown > 0 then
    streams.say(look(context, wanted.params.friendly_name))
    return outcome.UNKNOWN
  end
  return report.bought == report.wanted and outcome.DONE or outcome.REFUSED
end

--- Buys, and reports the outcome.
local function carry_out(context, wanted)
  local on_progress, finish, show = nil, function() end, nil
  if wanted.is_many then
    on_progress, finish, show =
      progress.new(wanted.list and #wanted.list or wanted.count, progress.PURCHASE)
  end
  context.args.has_begun = true -- from here on, whatever breaks us off may have cost money
  local pending, message, err = begin(context, wanted, on_progress)
  local value
  if pending then
    value, message, err = interrupt.wait(context.waiting, pending, wanted.is_many, show)
  end
  finish()
  local conclude = wanted.is_many and conclude_many or conclude_one
  return conclude(context, wanted, value, message, err)
end

--- A dry run of an order that was begun: what is known of it.
local function show_begun(context, begun)
  if context.args.json then
    journal.print_json(begun)
  else
    journal.print_orders(context.args, begun.numbers or { begun }, "None of its numbers was begun.")
  end
  return outcome.DONE
end

--- With --preflight: what would be refused after the question is refused before it. Says what is to be known.
---@return integer? code
local function refuse_lacking(context, wanted)
  local filter = context.args.preflight and wanted.filter
  if not filter then
    return nil
  end
  local passed, message, err = check.place(context, filter.country, filter.type, wanted.params)
  if not passed then
    return outcome.fail(context, message, err)
  end
  check.tell_warnings(err)
end

function buy.run(context)
  local wanted, message, err = order.read(context)
  if wanted then
    local _
    _, message, err = messaging_service.check(context, wanted)
  end
  if err then
    return outcome.fail(context, message, err)
  end
  local begun, failed = keyed.read(context)
  if begun == nil then
    return failed
  elseif context.args.dry_run and begun then
    return show_begun(context, begun)
  elseif context.args.dry_run then
    return dry_run.run(context, wanted)
  end
  wanted.is_many = context.args.count ~= nil or #(wanted.list or {}) > 1
  if begun then -- the first command has asked
    return carry_out(context, wanted)
  end
  local plan = "About to buy %s, for account %s%s.%s"
  local warning = context.args.simulate and "" or " Numbers cost money."
  local text = plan:format(wanted.text, context.account_sid, context.place, warning)
  local go_on, code = confirm(context, text, nil, function()
    local refused = refuse_lacking(context, wanted)
    if refused then
      return nil, refused
    end
    return question.of(context, wanted, function(...)
      return conclude_one(context, wanted, nil, ...)
    end)
  end)
  if not go_on then
    return code
  end
  return carry_out(context, wanted)
end

return buy
