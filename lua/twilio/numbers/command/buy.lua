--- twilio-numbers buy: the only subcommand that spends money.
local bought = require("twilio.numbers.command.bought")
local buy_options = require("twilio.numbers.command.buy_options")
local check = require("twilio.numbers.command.check")
local columns = require("twilio.numbers.command.columns")
local confirm = require("twilio.numbers.command.confirm")
local dry_run = require("twilio.numbers.command.dry_run")
local journal = require("twilio.numbers.command.journal")
local keyed = require("twilio.numbers.command.keyed")
local messaging_service = require("twilio.numbers.command.messaging_service")
local order = require("twilio.numbers.command.order")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local purchase = require("twilio.numbers.command.purchase")
local question = require("twilio.numbers.command.question")

local buy = {}

function buy.columns(args)
  return args.dry_run and columns.AVAILABLE or columns.OWNED
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
  buy_options.add(command)
  command:epilog("Names for --set:\n  " .. parameters.names("purchase"))
end

--- Checks the arguments that need no client.
---@return string? problem
function buy.problem(args)
  return messaging_service.problem(args.messaging_service, args.opaque_sids)
end

--- The dry run of an order that has begun: prints the order.
local function show_begun(context, begun)
  if context.args.json then
    journal.print_json(begun)
  else
    journal.print_orders(
      context.args,
      begun.numbers or { begun },
      "No purchase of its numbers has begun."
    )
  end
  return outcome.DONE
end

--- With --preflight: refuses before the question what the purchase would refuse. Prints warnings.
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

--- Asks before the purchase.
---@param rest table what the question names: all, or what an open order has not bought yet
---@return boolean go_on
---@return integer? code
local function ask(context, wanted, rest)
  local plan = "About to buy %s, for account %s%s.%s"
  local warning = context.args.simulate and "" or " Numbers cost money."
  local text = plan:format(wanted.text, context.account_sid, context.place, warning)
  return confirm(context, text, nil, function()
    local refused = refuse_lacking(context, wanted)
    if refused then
      return nil, refused
    end
    return question.of(context, rest, function(...)
      return bought.conclude(context, wanted, nil, ...)
    end)
  end)
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
  local begun, open = keyed.read(context)
  if begun == nil then
    return open -- the exit code
  end
  local rest = keyed.rest(wanted, open)
  if context.args.dry_run then
    return begun and show_begun(context, begun) or dry_run.run(context, rest)
  end
  wanted.is_many = context.args.count ~= nil or #(wanted.list or {}) > 1
  if not begun then -- else the first command has asked
    local go_on, code = ask(context, wanted, rest)
    if not go_on then
      return code
    end
  end
  return purchase.run(context, wanted, begun or nil)
end

return buy
