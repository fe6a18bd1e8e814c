--- The parser of the command's arguments, and its help.
local globals = require("twilio.numbers.globals")
local screen = require("twilio.numbers.command.screen")

local parser = {}

--- The subcommands, in the order of the help; each has add(parser) and run(context) -> exit code.
parser.NAMES = {
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
  "help",
}

local HIDDEN = { "complete" }

parser.DESCRIPTION = [[
Finds, buys and manages phone numbers of a Twilio account, for people at a terminal and for scripts.
It asks before it spends money, and its exit code says whether money was spent.]]

parser.EPILOG = [[
Examples:
  twilio-numbers --simulate buy --area-code 415        try it without an account
  twilio-numbers search US local --area-code 415 --limit 5
  twilio-numbers buy +14155550100 --set voice_url=https://example.com/voice
  twilio-numbers buy --area-code 415 --sms-enabled --count 3
  twilio-numbers buy --area-code 415 --key order-1042 --journal purchases.db
  twilio-numbers list --columns phone_number,voice_url
  twilio-numbers set +14155550100 sms_url=https://example.com/sms voice_url=
  twilio-numbers attach +14155550100 MG0123456789abcdef0123456789abcdef
  twilio-numbers release +14155550100
  twilio-numbers check DE local bundle_sid=BU... address_sid=AD...

Environment:
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN                the account and its token
  TWILIO_API_KEY, TWILIO_API_SECRET                    in place of the token
  TWILIO_BASE_URL, or TWILIO_REGION and TWILIO_EDGE    where to send
  TWILIO_CA_FILE, CURL_CA_BUNDLE, SSL_CERT_FILE        CA certificates to trust (PEM)
  TWILIO_NUMBERS_JOURNAL                               the purchase journal
  NO_COLOR                                             no colors
There are no options for credentials: other users of the machine can see arguments.

Exit codes:
  0  bought, or done
  1  refused: nothing was bought, or not all of it
  2  wrong usage, no terminal to ask on, or a key of another purchase: nothing was sent
  3  unknown: money may have been spent; look at "twilio-numbers list" before trying again]]

--- The end of each subcommand's help.
local ALSO = "Also: %s (twilio-numbers --help describes them)."

local function add_options(root, print_version)
  local options = {
    root:flag("--json", "Print JSON: one array or object."),
    root:flag("--csv", "Print tables as CSV, with a line of column names."),
    root:option("--columns", "Which columns of a table, such as sid,voice_url."):argname("<NAMES>"),
    root:flag("-y --yes", "Do not ask (buy, set, release, journal)."):target("yes_to_all"),
    root
      :option("--account-sid", "Use a subaccount, with its parent's credentials.")
      :argname("<AC...>"),
    root:flag("--simulate", "Use a simulator of Twilio for this one command: nothing is real."),
    root:flag("--verbose", "Log each request to stderr."),
    root:option("--base-url", "API address; default TWILIO_BASE_URL, or Twilio."):argname("<URL>"),
    root:option("--region", "Region of the API, such as ie1."):argname("<NAME>"),
    root:option("--edge", "Edge location of the API, such as dublin."):argname("<NAME>"),
    root:flag("--opaque-sids", "Accept the SIDs of a service that is compatible with Twilio."),
  }
  root:group("Options (before or after the command)", globals.unpack(options))
  root:flag("-V --version", "Print the version."):action(print_version)
  return options
end

--- Adds the names of the common options to the help of a subcommand, and of those below it.
local function name_options(command, also)
  local own = command._epilog and command._epilog .. "\n\n" or ""
  command:epilog(own .. also)
  for _, below in ipairs(command._commands) do
    name_options(below, also)
  end
end

--- Creates the parser.
---@param argparse table the rock
---@param print_version fun()
---@return table parser argparse's
function parser.new(argparse, print_version)
  local root = argparse("twilio-numbers", parser.DESCRIPTION, parser.EPILOG)
  root:usage("Usage: twilio-numbers [OPTIONS] COMMAND ...")
  root:command_target("command")
  root:help_description_margin(28)
  local columns = screen.width(1)
  root:help_max_width(columns and math.min(columns, 100) or 100)
  local names = {}
  for i, option in ipairs(add_options(root, print_version)) do
    names[i] = option._name == "-y" and "--yes" or option._name
  end
  for _, list in ipairs { parser.NAMES, HIDDEN } do
    for _, name in ipairs(list) do
      require("twilio.numbers.command." .. name).add(root)
    end
  end
  for _, command in ipairs(root._commands) do
    name_options(command, ALSO:format(table.concat(names, ", ")))
  end
  return root
end

--- Finds the subcommand that arguments name, before they are parsed.
---@param root table argparse's
---@param arguments string[]
---@return table command the root, if they name none
---@return string words such as "journal prune "
function parser.find(root, arguments)
  local command, words = root, ""
  for _, argument in ipairs(arguments) do
    for _, below in ipairs(command._commands) do
      if below._name == argument then
        command, words = below, words .. argument .. " "
        break
      end
    end
  end
  return command, words
end

return parser
