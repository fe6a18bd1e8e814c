--- twilio-numbers completion: prints a script that makes a shell call `twilio-numbers complete`.
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")

local completion = {}

completion.needs_no_client = true

local SCRIPTS = {}

SCRIPTS.bash = [=[
_twilio_numbers() {
  local line current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
      return
    fi
    line=${line%%$'\t'*}
    # bash takes "=" for a word of its own, and replaces only what is behind it
    [[ $current == = || $before == = ]] && line=${line#*=}
    COMPREPLY+=("$line")
  done < <("${COMP_WORDS[0]/#\~/$HOME}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}
complete -F _twilio_numbers twilio-numbers]=]

SCRIPTS.zsh = [=[
#compdef twilio-numbers
_twilio-numbers() {
  local line word
  local -a lines open closed
  lines=("${(@f)$("${~words[1]}" complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    [[ $line == :files ]] && { _files; return }
    [[ -n $line ]] || continue
    word=${line%%$'\t'*}
    word=${word//:/\\:}
    [[ $line == *$'\t'* ]] && word=$word:${line#*$'\t'}
    if [[ ${line%%$'\t'*} == *= ]]; then open+=("$word"); else closed+=("$word"); fi
  done
  (( $#open )) && _describe -V value open -S ''
  (( $#closed )) && _describe -V value closed
}
if [[ $funcstack[1] == _twilio-numbers ]]; then
  _twilio-numbers "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _twilio-numbers twilio-numbers
fi]=]

SCRIPTS.fish = [=[
function __twilio_numbers_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  test -n "$current"; or set current ''
  for line in ($words[1] complete $words[2..-1] $current 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path $current
    else
      echo $line
    end
  end
end
complete -c twilio-numbers -f -a '(__twilio_numbers_complete)']=]

---@param parser table argparse's
function completion.add(parser)
  local command = parser:command("completion", "Print a shell completion script.")
  command:usage("Usage: twilio-numbers completion SHELL")
  command:argument("SHELL", "bash, zsh or fish."):target("shell"):args("?")
  command:epilog([[
Set-up, once:
  bash  echo 'eval "$(twilio-numbers completion bash)"' >>~/.bashrc
  zsh   echo 'eval "$(twilio-numbers completion zsh)"' >>~/.zshrc
  fish  mkdir -p ~/.config/fish/completions
        twilio-numbers completion fish >~/.config/fish/completions/twilio-numbers.fish]])
end

function completion.run(context)
  local shell = context.args.shell
  if not SCRIPTS[shell] then
    local got = shell and (', got "%s"'):format(shell) or ""
    return outcome.usage(context.args, "the shell must be bash, zsh or fish" .. got)
  end
  streams.print(SCRIPTS[shell])
  return outcome.DONE
end

return completion
