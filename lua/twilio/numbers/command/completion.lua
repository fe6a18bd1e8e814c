--- twilio-numbers completion: what a shell needs to complete the command's words.
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")

local completion = {}

completion.needs_no_client = true

---@param parser table argparse's
function completion.add(parser)
  local command = parser:command("completion", "Print a shell completion script.")
  command:argument("shell"):choices { "bash", "zsh", "fish" }
  command:epilog([[
Set-up:
  bash  twilio-numbers completion bash >~/.local/share/bash-completion/completions/twilio-numbers
  zsh   twilio-numbers completion zsh >~/.zfunc/_twilio-numbers   (with ~/.zfunc in fpath)
  fish  twilio-numbers completion fish >~/.config/fish/completions/twilio-numbers.fish]])
end

function completion.run(context)
  streams.print(context.parser["get_" .. context.args.shell .. "_complete"](context.parser))
  return outcome.DONE
end

return completion
