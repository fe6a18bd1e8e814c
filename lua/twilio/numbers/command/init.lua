--- The command twilio-numbers: its parser, and what runs a subcommand to its end. The only one who uses
--- it is bin/twilio-numbers.
local connect = require("twilio.numbers.command.connect")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")
local interrupt = require("twilio.numbers.command.interrupt")
local numbers = require("twilio.numbers")
local outcome = require("twilio.numbers.command.outcome")
local sids = require("twilio.numbers.config.sids")
local streams = require("twilio.numbers.command.streams")

local command = {}

--- The subcommands, in the order of the help; each has add(parser) and run(context) -> exit code.
local NAMES = {
  "search",
  "countries",
  "price",
  "requirements",
  "check",
  "buy",
  "list",
  "show",
  "set",
  "attach",
  "detach",
  "release",
  "journal",
  "completion",
}

local DESCRIPTION = "Searches, buys and keeps phone numbers on Twilio."

local EPILOG = [[
Examples:
  twilio-numbers search US local --area-code 415 --limit 5
  twilio-numbers countries GB
  twilio-numbers price US
  twilio-numbers requirements DE local
  twilio-numbers check DE local bundle_sid=BU... address_sid=AD...
  twilio-numbers buy +14155550100 --set voice_url=https://example.com/voice
  twilio-numbers buy --area-code 415 --sms-enabled --count 3
  twilio-numbers list --json
  twilio-numbers set +14155550100 sms_url=https://example.com/sms voice_url=
  twilio-numbers attach +14155550100 MG0123456789abcdef0123456789abcdef
  twilio-numbers release +14155550100
  twilio-numbers buy --area-code 415 --key order-1042 --journal purchases.db
  twilio-numbers --simulate buy --area-code 415        needs no account

Environment:
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN                the account and its token
  TWILIO_API_KEY, TWILIO_API_SECRET                    in place of the token
  TWILIO_BASE_URL, or TWILIO_REGION and TWILIO_EDGE    where to send
  TWILIO_CA_FILE, CURL_CA_BUNDLE                       CA certificates to trust (PEM)
  TWILIO_NUMBERS_JOURNAL                               the purchase journal
Credentials are never taken from arguments, which everybody on the machine can see.

Exit codes:
  0  bought, or done
  1  refused: nothing was bought, or not all of it
  2  wrong usage, no terminal to ask on, or a key of another purchase: nothing was sent
  3  unknown: money may have been spent; look at "twilio-numbers list" before trying again]]

local function new_parser(argparse)
  local parser = argparse("twilio-numbers", DESCRIPTION, EPILOG)
  parser:usage("Usage: twilio-numbers [OPTIONS] COMMAND ...")
  parser:command_target("command")
  parser:help_description_margin(28)
  local options = {
    parser:flag("--json", "Print JSON: one array or object."),
    parser:flag(
      "--simulate",
      "Use a simulator of Twilio that is started for this: nothing is real."
    ),
    parser
      :option("--account-sid", "A subaccount, with its parent's credentials.")
      :argname("<AC...>"),
    parser
      :option("--base-url", "Another address than Twilio's; default TWILIO_BASE_URL.")
      :argname("<URL>"),
    parser:flag("--opaque-sids", "For a service compatible with Twilio, whose SIDs are its own."),
    parser:option("--region", "Such as ie1."):argname("<NAME>"),
    parser:option("--edge", "Such as dublin."):argname("<NAME>"),
    parser:flag("--verbose", "Log each request to stderr."),
    parser:flag("-y --yes", "Do not ask (buy, set, release)."):target("yes_to_all"),
    parser:flag("--version", "Print the version."):action(function()
      print("twilio-numbers " .. numbers._VERSION)
      os.exit(0)
    end),
  }
  parser:group("Options (also after the command)", globals.unpack(options))
  for _, name in ipairs(NAMES) do
    require("twilio.numbers.command." .. name).add(parser)
  end
  return parser
end

--- Wrong usage ends with 2, where argparse's own way is 255 or 1.
local function parse(parser, arguments)
  local parsed, args = parser:pparse(arguments)
  if parsed and args.account_sid and not core.is_sid(args.account_sid, "AC", args.opaque_sids) then
    local words = sids.words("AC", args.opaque_sids) -- it is not repeated: it may be a secret
    return nil, streams.usage("--account-sid must be " .. words)
  elseif parsed then
    args.yes = args.yes or args.yes_to_all -- after the command it is an option of the command's
    return args
  end
  return nil, streams.usage(args)
end

--- Runs a subcommand with a client, which is closed whatever happens.
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

--- The end by Ctrl-C, or by a defect of ours. What may have cost money goes before everything else.
---@param problem any what was raised
---@return integer code
local function broken_off(args, problem)
  local is_interrupt = interrupt.is_interrupt(problem)
  streams.complain(is_interrupt and "interrupted" or tostring(problem))
  local may_be_older = args.command == "buy" and args.key and not args.is_open -- see keyed.lua
  if args.has_begun or may_be_older then
    local is_purchase = args.command == "buy"
    streams.say(is_purchase and interrupt.money(args.key) or args.look or outcome.LOOK)
    return outcome.UNKNOWN
  elseif args.command == "buy" then
    streams.say(interrupt.NOTHING)
  end
  return outcome.REFUSED
end

local function run(parser, args)
  local subcommand = require("twilio.numbers.command." .. args.command)
  local ran, code
  local needs_none = subcommand.needs_no_client
  if type(needs_none) == "function" then
    needs_none = needs_none(args)
  end
  if needs_none then
    ran, code = pcall(subcommand.run, { args = args, parser = parser })
  else
    ran, code = pcall(run_with_client, subcommand, args)
  end
  if not ran then
    return broken_off(args, code)
  end
  return code
end

--- The end where the result cannot be written, so that it is not known to the caller.
---@param code integer what it would be otherwise
---@param problem string
---@return integer code
local function lost(args, code, problem)
  streams.complain("the result could not be written: " .. problem)
  if args.has_bought then
    streams.say("Something was bought: see twilio-numbers list before you buy again.")
    return outcome.UNKNOWN
  end
  return code ~= outcome.DONE and code or outcome.REFUSED
end

--- The subcommand among the arguments, which may not be parsed yet.
---@return string?
local function subcommand_of(arguments)
  for _, word in ipairs(arguments) do
    for _, name in ipairs(NAMES) do
      if word == name then
        return name
      end
    end
  end
end

--- Runs the command.
---@param arguments string[]
---@return integer code
function command.run(arguments)
  streams.open(subcommand_of(arguments))
  local found, argparse = pcall(require, "argparse")
  if not found then
    streams.complain("the rock argparse is missing: luarocks install argparse")
    return outcome.REFUSED
  end
  local parser = new_parser(argparse)
  local args, code = parse(parser, arguments)
  if args then
    code = run(parser, args)
  end
  local written, problem = streams.finish()
  if not written and problem then
    return lost(args or {}, code, problem)
  end
  return code
end

return command
