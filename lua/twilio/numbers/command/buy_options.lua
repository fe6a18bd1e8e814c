--- The options of `buy`.
local cost = require("twilio.numbers.command.cost")
local globals = require("twilio.numbers.globals")
local keyed = require("twilio.numbers.command.keyed")
local messaging_service = require("twilio.numbers.command.messaging_service")
local parameters = require("twilio.numbers.command.parameters")

local buy_options = {}

local COUNT_MAX = 10000 -- the library's

local function to_count(text)
  local count = text:match("^%d+$") and tonumber(text)
  if not count or count < 1 or count > COUNT_MAX then
    return nil, ('--count must be a whole number from 1 to %d, got "%s"'):format(COUNT_MAX, text)
  end
  return count
end

--- Adds the options that only `buy` has.
---@param command table argparse's
function buy_options.add(command)
  command:group(
    "Which kind, and how many",
    command:option("--country", "Two letters; default US."):argname("<COUNTRY>"),
    command
      :option("--type", table.concat(parameters.TYPES, ", ") .. "; default local.")
      :convert(parameters.type)
      :argname("<TYPE>"),
    command:option("--count", "How many to buy; default 1."):convert(to_count):argname("<N>"),
    command:flag("--all-or-nothing", "If not all can be bought, release those that were."),
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

return buy_options
