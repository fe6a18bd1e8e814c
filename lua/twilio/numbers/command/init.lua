--- The command twilio-numbers: parses its arguments, and runs a subcommand. Used by bin/twilio-numbers only.
local columns = require("twilio.numbers.command.columns")
local connect = require("twilio.numbers.command.connect")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local interrupt = require("twilio.numbers.command.interrupt")
local json = require("twilio.numbers.command.json")
local numbers = require("twilio.numbers")
local outcome = require("twilio.numbers.command.outcome")
local parser = require("twilio.numbers.command.parser")
local sids = require("twilio.numbers.config.sids")
local streams = require("twilio.numbers.command.streams")

local exit = os.exit

local command = {}

--- Patterns that reword argparse's messages in the form of our own.
local WORDS = {
  { "^option '(%-.-)' requires an argument$", "%1 needs a value" },
  { "^option '(%-.-)' does not take arguments$", "%1 takes no value" },
  { "^option '(.-)' can not be used together with option '(.-)'$", "%1 cannot go with %2" },
  { "^missing option '(.-)'$", "%1 is missing" },
  { "^missing argument '(.-)'$", "%1 is missing" },
  { "\nDid you mean one of these: (.-)%?$", ": did you mean one of %1?" },
  { "\nDid you mean (.-)%?$", ": did you mean %1?" },
  { "^unknown option '(%-.)'.*$", 'there is no option "%1"' }, -- a tip for one letter is none
  { "^unknown option '(.-)'", 'there is no option "%1"' },
  { "^unknown command '(.-)'", 'there is no command "%1"' },
  { "^too many arguments$", "there are more arguments than this command takes" },
}

---@param text string
---@param place table argparse's command, which it is about
local function reword(text, place)
  if text == "a command is required" then
    local names = {}
    for _, below in ipairs(place._commands) do
      names[#names + 1] = not below._hidden and below._name or nil
    end
    return "give a command: " .. table.concat(names, ", ")
  end
  for _, row in ipairs(WORDS) do
    text = text:gsub(row[1], row[2])
  end
  return text
end

--- What is wrong with the options of all subcommands, or with those of this one.
---@return string? problem
local function problem_of(args, subcommand)
  local problem = subcommand.problem and subcommand.problem(args)
  if problem then
    return problem
  elseif args.account_sid and not core.is_sid(args.account_sid, "AC", args.opaque_sids) then
    -- it is not repeated: it may be a secret
    return "--account-sid must be " .. sids.words("AC", args.opaque_sids)
  elseif args.json and args.csv then
    return "--json cannot go with --csv"
  elseif not args.csv and not args.columns then
    return nil
  end
  local all = subcommand.columns
  if type(all) == "function" then
    all = all(args)
  end
  if not all then
    return (args.csv and "--csv" or "--columns") .. " cannot be used: this command prints no table"
  elseif args.columns then
    args.columns, problem = columns.read(args.columns, all)
  end
  return problem
end

--- Parses the arguments. Wrong usage exits with 2; argparse alone would exit with 255 or 1.
---@return table? args
---@return integer? code
local function parse(root, arguments)
  local parsed, args = root:pparse(arguments)
  if not parsed then
    local is_json = false
    for _, word in ipairs(arguments) do
      is_json = is_json or word == "--json"
    end
    return nil, outcome.usage({ json = is_json }, reword(args, (parser.find(root, arguments))))
  end
  args.yes = args.yes or args.yes_to_all -- after the command it is an option of the command's
  local problem = problem_of(args, require("twilio.numbers.command." .. args.command))
  if problem then
    return nil, outcome.usage(args, problem)
  end
  return args
end

--- Runs a subcommand with a client, and closes the client in any case.
local function run_with_client(subcommand, args)
  local context, message, err = connect.context(args)
  if not context then
    if args.command == "buy" and args.key and err.kind == "journal" then -- which may hold a purchase
      message = select(2, errors.restate(err, "unknown", args.key))
    end
    return outcome.fail({ args = args }, message, err)
  end
  local ran, code = pcall(subcommand.run, context)
  context.close()
  if not ran then
    error(code, 0)
  end
  return code
end

--- Ends the command after Ctrl-C or a defect of ours. If money may have been spent, the exit code says so.
---@param problem any what was raised
---@return integer code
local function broken_off(args, problem)
  local is_interrupt = interrupt.is_interrupt(problem)
  local message = is_interrupt and "interrupted" or tostring(problem)
  local is_purchase = args.command == "buy"
  local may_be_older = is_purchase and args.key and not args.is_open -- see keyed.lua
  local is_unknown = args.has_begun or may_be_older
  streams.complain(message)
  if args.json and not streams.has_printed then
    local purchased = is_purchase and is_unknown and "unknown" or "no"
    local kind = is_interrupt and "cancelled" or "internal"
    pcall(json.object, { -- which may be what failed
      error = { kind = kind, purchased = purchased, attempts = 0, message = message },
    })
  end
  if is_unknown then
    streams.say(is_purchase and interrupt.money(args.key) or args.look or outcome.LOOK)
    return outcome.UNKNOWN
  elseif is_purchase then
    streams.say(interrupt.NOTHING)
  end
  return outcome.REFUSED
end

local function run_subcommand(root, args)
  local subcommand = require("twilio.numbers.command." .. args.command)
  if args.json then
    require("cjson") -- without which no result could be printed
  end
  local needs_none = subcommand.needs_no_client
  if type(needs_none) == "function" then
    needs_none = needs_none(args)
  end
  if needs_none then
    return subcommand.run { args = args, parser = root }
  end
  return run_with_client(subcommand, args)
end

--- Runs a subcommand. Afterwards Ctrl-C stays blocked: only the outcome is left to report.
local function run(root, args)
  local ran, code = pcall(run_subcommand, root, args)
  core.hold_interrupts(true)
  return ran and code or broken_off(args, code)
end

--- Ends the command if its result could not be written, so that the caller does not have it.
---@param code integer what it would be otherwise
---@param problem string
---@return integer code
local function lost(args, code, problem)
  streams.complain("the result could not be written: " .. problem)
  if args.has_bought then
    streams.say("Something was bought: see twilio-numbers list before you buy again.")
    return outcome.UNKNOWN
  elseif args.has_begun and code == outcome.DONE then
    streams.say("It was carried out all the same. " .. outcome.LOOK)
    return outcome.UNKNOWN
  end
  return code ~= outcome.DONE and code or outcome.REFUSED
end

local function print_version()
  print("twilio-numbers " .. numbers._VERSION)
  exit(0)
end

--- Runs the command. Raises Ctrl-C before anything is sent.
---@param arguments string[]
---@return integer code
function command.run(arguments)
  core.hold_interrupts(true) -- else Ctrl-C in require() would look like a missing module
  streams.open()
  local found, argparse = pcall(require, "argparse")
  core.hold_interrupts(false)
  if not found then
    streams.complain("the rock argparse is missing: luarocks install argparse")
    return outcome.REFUSED
  end
  local root = parser.new(argparse, print_version)
  local _, words = parser.find(root, arguments)
  outcome.help = words
  local args, code = parse(root, arguments)
  if args then
    code = run(root, args)
  end
  args = args or {}
  local problem, is_closed_pipe = streams.finish()
  if problem and (args.has_bought or not is_closed_pipe) then
    return lost(args, code, problem)
  end
  return code
end

return command
