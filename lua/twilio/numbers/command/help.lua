--- twilio-numbers help: the help of the command, or of a subcommand.
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")

local help = {}

help.needs_no_client = true

---@param parser table argparse's
function help.add(parser)
  local command = parser:command("help", "Show the help of a command.")
  command:usage("Usage: twilio-numbers help [COMMAND]")
  command
    :argument("COMMAND", "Such as buy, or journal prune; default: all commands.")
    :target("words")
    :args("*")
end

function help.run(context)
  local command = context.parser
  for _, word in ipairs(context.args.words) do
    local found
    for _, below in ipairs(command._commands) do
      found = below._name == word and below or found
    end
    if not found then
      return outcome.usage(context.args, ('there is no command "%s"'):format(word))
    end
    command = found
  end
  streams.print(command:get_help())
  return outcome.DONE
end

return help
