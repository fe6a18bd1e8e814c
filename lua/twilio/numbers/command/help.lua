--- twilio-numbers help: the help of the command, or of a subcommand.
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")
local suggest = require("twilio.numbers.config.suggest")

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

--- Finds the subcommand with a name.
---@return table? command
---@return string? problem
local function below(command, word)
  local names = {}
  for _, one in ipairs(command._commands) do
    if one._name == word then
      return one
    end
    names[#names + 1] = not one._hidden and one._name or nil
  end
  local meant = suggest.name(word, names)
  local hint = meant and (": did you mean '%s'?"):format(meant) or ""
  return nil, ('there is no command "%s"%s'):format(word, hint)
end

function help.run(context)
  local command = context.parser
  outcome.help = ""
  for _, word in ipairs(context.args.words) do
    local found, problem = below(command, word)
    if not found then
      return outcome.usage(context.args, problem)
    end
    command, outcome.help = found, outcome.help .. word .. " "
  end
  streams.print(command:get_help())
  return outcome.DONE
end

return help
