--- twilio-numbers journal: creates, shows and maintains a purchase journal.
local columns = require("twilio.numbers.command.columns")
local confirm = require("twilio.numbers.command.confirm")
local errors = require("twilio.numbers.errors")
local idempotency_key = require("twilio.numbers.config.idempotency_key")
local journal_option = require("twilio.numbers.command.journal_option")
local journals = require("twilio.numbers.journal")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local journal = {}

local UNITS = { s = 1, m = 60, h = 3600, d = 86400 }

--- Reads an age such as 400d.
---@return { text: string, seconds: number }? age
---@return string? message
local function to_age(text)
  local count, unit = text:match("^(%d+)([smhd])$")
  if not count then
    local words =
      '--older-than must be a whole number with a unit (s, m, h or d), such as 400d, got "%s"'
    return nil, words:format(text)
  end
  return { text = text, seconds = tonumber(count) * UNITS[unit] }
end

---@param parser table argparse's
function journal.add(parser)
  local command = parser:command("journal", "Manage the purchase journal (see buy --key).")
  command:command_target("action")
  command:epilog([[
A journal is a file (SQLite) for one machine, or a PostgreSQL database for many:
  purchases.db, sqlite:PATH, postgresql://HOST/DB, postgresql:CONNINFO, service=NAME

Exit codes: those of the other commands; audit exits with 1 if it found something.]])
  local init = command:command("init", "Create a journal, unless it exists.")
  init
    :argument("FILE|URL", "A file, or a PostgreSQL URL; default TWILIO_NUMBERS_JOURNAL.")
    :target("spec")
    :args("?")
    :convert(journal_option.checker("FILE|URL"))
  local list = command:command("list", "Show the orders of the account.")
  list:flag("--open", "Only orders that have not bought: open or trying.")
  list:option("--limit", "Show at most N."):convert(parameters.limit):argname("<N>")
  local show = command:command("show", "Show the order of a key.")
  local recover =
    command:command("recover", "Look up unfinished orders; record what was bought. Buys nothing.")
  local audit =
    command:command("audit", "Compare what the account owns with the journal, both ways.")
  local forget =
    command:command("forget", "Remove a finished order: a command with its key then buys again.")
  local prune = command:command("prune", "Remove finished orders that are old.")
  prune
    :option("--older-than", "Such as 400d (s, m, h or d).")
    :count(1)
    :convert(to_age)
    :argname("<AGE>")
  for _, one in ipairs { show, forget } do
    one:argument("KEY", "The idempotency key."):target("key")
  end
  for _, one in ipairs { forget, prune } do
    one:flag("-y --yes", "Do not ask.")
  end
  for _, one in ipairs { list, show, recover, audit, forget, prune } do
    journal_option.add(one)
  end
  command:usage("Usage: twilio-numbers journal ACTION ...")
  for one, words in pairs {
    [init] = "init [FILE|URL]",
    [list] = "list [--open] [--limit N]",
    [show] = "show KEY",
    [recover] = "recover",
    [audit] = "audit",
    [forget] = "forget KEY",
    [prune] = "prune --older-than AGE",
  } do
    one:usage("Usage: twilio-numbers journal " .. words)
  end
end

--- Whether the action needs no client.
function journal.needs_no_client(args)
  return args.action == "init"
end

--- What is wrong with the key: no order can have it, so nothing is looked up.
---@return string? problem
function journal.problem(args)
  local problem = args.key and idempotency_key(args.key)
  return problem and "KEY " .. problem
end

-- ---- output ----

local function label(order)
  return order.slot and ("%s (%d)"):format(order.key, order.slot) or order.key
end

local function date(order)
  return order.at and os.date("!%Y-%m-%d %H:%M:%SZ", math.floor(order.at / 1000)) or ""
end

local ORDERS = {
  { name = "key", of = label },
  {
    name = "state",
    of = function(order)
      return order.adopted and "adopted" or order.state
    end,
    is_outcome = true,
  },
  { name = "phone_number", heading = "NUMBER" },
  { name = "sid", heading = "SID", is_sid = true, drops = 2 },
  { name = "begun", of = date, drops = 3 },
  { name = "last_error", heading = "ERROR", cuts = true, drops = 1 },
}

--- Prints orders for people.
---@param args table of the command
---@param list twilio.numbers.Order[]
---@param none string what to say where there are none
local function print_orders(args, list, none)
  tables.print(args, ORDERS, list, none)
end

journal.print_orders = print_orders

--- The columns of the actions that print a table of orders.
function journal.columns(args)
  return (args.action == "list" or args.action == "recover") and ORDERS or nil
end

--- Prints the fields of an order for people, one on a line.
local function print_order(order)
  local fields = {}
  for name, value in pairs(order) do
    if name == "tried" then
      value = table.concat(value, " ")
    elseif name == "at" then
      value = date(order)
    end
    fields[name] = type(value) ~= "table" and tostring(value) or nil
  end
  tables.print({}, columns.FIELDS, columns.records(fields), "")
end

--- Prints an order for programs.
function journal.print_json(order)
  local numbers = order.numbers
  if not numbers then
    return json.object(order)
  end
  order.numbers = nil
  json.object_with_list(order, "numbers", numbers)
end

-- ---- actions ----

local actions = {}

function actions.init(context)
  local args = context.args
  local spec = args.spec or journal_option.from_environment()
  if not spec then
    local message =
      "say which journal: give a file or a PostgreSQL URL, or set TWILIO_NUMBERS_JOURNAL"
    return outcome.invalid(context, { { name = "journal", message = message } })
  end
  local result, message, err = journals.make(spec)
  if not result then
    return outcome.fail(context, message, err)
  elseif args.json then
    json.object { created = result == "made" }
  else
    streams.say(
      result == "made" and "Created the journal."
        or "The journal exists already: nothing was changed."
    )
  end
  return outcome.DONE
end

function actions.list(context)
  local args, client = context.args, context.client
  local filter = { limit = not args.open and args.limit or nil }
  local found, message, err = context.wait(false, client:orders_async(filter, context.call_options))
  if not found then
    return outcome.fail(context, message, err)
  end
  local list = {}
  for _, order in ipairs(found) do
    local is_wanted = not args.open or order.state ~= "bought"
    if is_wanted and #list < (args.limit or math.huge) then
      list[#list + 1] = order
    end
  end
  if args.json then
    json.array(list)
  else
    print_orders(args, list, "No orders.")
  end
  return outcome.DONE
end

function actions.show(context)
  local key = context.args.key
  local order, _, err = context.wait(false, context.client:order_async(key, context.call_options))
  if order == nil then -- this command buys nothing, and takes no --key
    return outcome.fail(context, select(2, errors.restate(err, "no")))
  elseif not order then
    local message = "no order of the account has that key (twilio-numbers journal list shows them)"
    return outcome.fail(context, message, { kind = "api", purchased = "no", message = message })
  elseif context.args.json then
    journal.print_json(order)
  else
    print_order(order)
    if order.numbers then
      print_orders({}, order.numbers, "No purchase of its numbers has begun.")
    end
  end
  return outcome.DONE
end

local STATES = { "bought", "open", "trying" }

function actions.recover(context)
  local report, message, err =
    context.wait("GET", context.client:recover_async(context.call_options))
  if not report then
    return outcome.fail(context, message, err)
  elseif context.args.json then
    json.lists(report, STATES)
  else
    local all = {}
    for _, state in ipairs(STATES) do
      for _, order in ipairs(report[state]) do
        all[#all + 1] = order
      end
    end
    print_orders(context.args, all, "No order is unfinished.")
  end
  if not err then
    return outcome.DONE
  end
  outcome.complain(message, err)
  return outcome.code(err)
end

local FINDINGS = {
  { "unnamed", "Owned, but no order names them:" },
  { "stray", "Given up, but owned:" },
  { "gone", "Bought, but no longer owned:" },
}

function actions.audit(context)
  local report, message, err = context.wait("GET", context.client:audit_async(context.call_options))
  if not report then
    return outcome.fail(context, message, err)
  end
  local count = #report.unnamed + #report.stray + #report.gone
  if context.args.json then
    json.lists(report, { "unnamed", "stray", "gone" })
  elseif count == 0 then
    streams.say("The account and the journal agree.")
  else
    for _, row in ipairs(FINDINGS) do
      local list = report[row[1]]
      if #list > 0 then
        streams.print(row[2])
        tables.print({}, row[1] == "unnamed" and columns.OWNED or ORDERS, list)
      end
    end
  end
  return count == 0 and outcome.DONE or outcome.REFUSED
end

local FORGET = "About to forget the order %s: a command with that key then buys again."

function actions.forget(context)
  local key = context.args.key
  local go_on, code = confirm(context, FORGET:format(key))
  if not go_on then
    return code
  end
  local done, message, err =
    context.wait(false, context.client:forget_async(key, context.call_options))
  if not done then
    code = outcome.fail(context, message, err)
    return code == outcome.USAGE and outcome.REFUSED or code
  elseif context.args.json then
    json.object { forgotten = true, key = key }
  else
    streams.say("The order is forgotten.")
  end
  return outcome.DONE
end

local PRUNE = "About to remove the finished orders of account %s that have not changed for %s: commands with"
  .. " their keys then buy again."

function actions.prune(context)
  local age = context.args.older_than
  local go_on, code = confirm(context, PRUNE:format(context.account_sid, age.text))
  if not go_on then
    return code
  end
  local removed, message, err =
    context.wait(false, context.client:prune_async(age.seconds, context.call_options))
  if not removed then
    return outcome.fail(context, message, err)
  elseif context.args.json then
    json.object { removed = removed }
  else
    streams.say(("%d order%s removed."):format(removed, removed == 1 and "" or "s"))
  end
  return outcome.DONE
end

function journal.run(context)
  local args = context.args
  if args.action ~= "init" and not context.client.journal then
    local message = journal_option.missing(args)
    return outcome.invalid(context, { { name = "journal", message = message } })
  end
  return actions[args.action](context)
end

return journal
