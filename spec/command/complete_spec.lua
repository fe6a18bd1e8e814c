-- The completion of twilio-numbers: which words, and how the shells ask for them.
local argparse = require("argparse")
local command = require("spec.support.command")
local complete = require("twilio.numbers.command.complete")
local left_out = require("spec.support.left_out")
local parser = require("twilio.numbers.command.parser")

local root = parser.new(argparse, function() end)

--- The words that may stand at the end, one behind the other.
local function candidates(...)
  local list = complete.candidates(root, { ... })
  if type(list) == "string" then
    return list
  end
  local words = {}
  for i, one in ipairs(list) do
    words[i] = one[1]
  end
  return table.concat(words, " ")
end

local TYPES = "local mobile toll-free national voip shared-cost machine-to-machine"

describe("twilio-numbers completes", function()
  it("commands, and those below journal, but none that is hidden", function()
    assert.equal("release", candidates("rel"))
    assert.equal("init list show recover audit forget prune", candidates("journal", ""))
    assert.equal("complete completion" ~= candidates("compl") and "completion", candidates("compl"))
    assert.equal("prune", candidates("help", "journal", "pr"))
  end)

  it("options: those of the command, and those of all", function()
    assert.equal(
      "--max-price --messaging-service",
      (candidates("buy", "--m"):gsub("%-%-mms%S+ ", ""))
    )
    assert.equal("--json", candidates("buy", "--js"))
    assert.equal("--open", candidates("--json", "journal", "list", "--ope"))
    assert.is_nil(candidates("buy", "--no-"):find("--no-", 1, true))
  end)

  it("a word behind an option's value as if neither stood there", function()
    assert.equal(TYPES, candidates("search", "--limit", "5", "US", ""))
    assert.equal(
      "local mobile toll-free",
      candidates("--account-sid", "list", "list", "--type", "")
    )
  end)

  it("countries and types", function()
    assert.equal("GA GB GE", candidates("search", "G"):sub(1, 8))
    assert.equal("GA GB GE", candidates("buy", "G"):sub(1, 8))
    assert.is_truthy((" " .. candidates("price", "") .. " "):find(" US ", 1, true))
    assert.equal(TYPES, candidates("search", "US", ""))
    assert.equal(TYPES, candidates("buy", "US", ""))
    assert.equal(TYPES, candidates("buy", "--type", ""))
    assert.equal("--type=mobile", candidates("buy", "--type=m"):match("^%S+"))
    assert.equal("local mobile toll-free", candidates("list", "--type", ""))
    assert.equal("", candidates("requirements", "DE", "local", ""))
  end)

  it("parameters after --set, and for set and check, with the values that are known", function()
    assert.equal(
      "voice_receive_mode= voice_url=",
      candidates("buy", "--set", "voice_r") .. " " .. candidates("buy", "--set", "voice_u")
    )
    assert.equal("voice_method=GET voice_method=POST", candidates("buy", "--set", "voice_method="))
    assert.equal("voice_method=POST", candidates("buy", "--set", "voice_method", "=", "P"))
    assert.equal("voice_caller_id_lookup=true", candidates("set", "+1", "voice_caller_id_lookup=t"))
    assert.equal("", candidates("buy", "--set", "phone_n"))
    assert.equal("", candidates("buy", "--set", "address_sid="))
    assert.equal("account_sid=", candidates("set", "+14155550100", "acc"))
    assert.equal("bundle_sid=", candidates("check", "DE", "local", "bun"))
  end)

  it("columns, each behind those that are named", function()
    assert.equal("sid,voice_url", candidates("list", "--columns", "sid,voice_u"))
    assert.equal("state", candidates("journal", "list", "--columns", "st"))
    assert.equal("voice_url", candidates("buy", "--columns", "voice_u"))
    assert.equal("", candidates("detach", "--columns", ""))
    assert.equal("", candidates("--columns", ""))
  end)

  it("files only where a file is meant", function()
    assert.equal(":files", candidates("buy", "--journal", ""))
    assert.equal(":files", candidates("journal", "init", ""))
    for _, option in ipairs { "--friendly-name", "--phone-number", "--base-url", "--limit" } do
      assert.equal("", candidates("list", option, ""), option)
    end
    assert.equal("", candidates("show", ""))
  end)

  it("shells, regions and edges from a list", function()
    assert.equal("bash zsh fish", candidates("completion", ""))
    assert.equal("au1 ie1 us1", candidates("--region", ""))
    assert.equal("singapore sydney", (candidates("--edge", "s"):gsub("sao%-paulo ", "")))
  end)
end)

--- Runs a program of a shell, in which `twilio-numbers` is this checkout's.
local function shell(name, program)
  local folder = os.tmpname()
  os.remove(folder)
  os.execute("mkdir " .. folder)
  local file = assert(io.open(folder .. "/twilio-numbers", "w"))
  file:write("#!/bin/sh\n", "exec ", command.line({}, {}), ' "$@"\n')
  file:close()
  file = assert(io.open(folder .. "/program", "w"))
  file:write(program)
  file:close()
  local line = "chmod +x %s/twilio-numbers;"
    .. " PATH=%s:$PATH HOME=%s timeout 60 %s %s/program 2>&1; rm -r %s"
  local pipe = assert(io.popen(line:format(folder, folder, folder, name, folder, folder)))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

local function has(name)
  local found = os.execute("command -v " .. name .. " >/dev/null")
  return found == true or found == 0
end

local BASH = [[
echo 'eval "$(twilio-numbers completion bash)"' >>~/.bashrc
. ~/.bashrc
try() {
  COMP_WORDS=(twilio-numbers "$@") COMP_CWORD=$# COMPREPLY=()
  _twilio_numbers
  echo "${COMPREPLY[*]}"
}
try rel
try list --type ""
try buy --set voice_method = P
try buy --set voice_u
try buy --journal styl
try list --friendly-name ""
complete -p twilio-numbers
]]

local FISH = [[
mkdir -p ~/.config/fish/completions
twilio-numbers completion fish >~/.config/fish/completions/twilio-numbers.fish
source ~/.config/fish/completions/twilio-numbers.fish
for line in "rel" "list --type " "buy --set voice_method=P" "buy --journal styl" "list --friendly-name "
  complete -C "twilio-numbers $line" | string replace -r '\t.*' '' | string join ' '
end
]]

local ZSH = [[
autoload -Uz compinit && compinit -u -d ~/zcompdump
eval "$(twilio-numbers completion zsh)"
print $_comps[twilio-numbers]
_describe() { print -- ${(P)3}; }
_files() { print files; }
for line in rel "list --type ''" "buy --set voice_method=P" "buy --journal styl" "list --limit ''"; do
  words=(twilio-numbers ${(z)line}) CURRENT=$(( ${#${(z)line}} + 1 ))
  _twilio-numbers
done
]]

describe("The completion script", function()
  it("of bash works as its set-up says", function()
    if left_out.without(has("bash"), "completion of bash", "bash") then
      return
    end
    local output = shell("bash", BASH)
    assert.equal(
      "release\nlocal mobile toll-free\nPOST\nvoice_url=\nstylua.toml\n\n"
        .. "complete -F _twilio_numbers twilio-numbers\n",
      output
    )
  end)

  it("of fish works as its set-up says", function()
    if left_out.without(has("fish"), "completion of fish", "fish") then
      return
    end
    assert.equal(
      "release\nlocal mobile toll-free\nvoice_method=POST\nstylua.toml\n",
      (shell("fish", FISH):gsub("\n\n", "\n"))
    )
  end)

  it("of zsh works as its set-up says", function()
    if left_out.without(has("zsh"), "completion of zsh", "zsh") then
      return
    end
    local output = shell("zsh -f", ZSH)
    assert.matches("^_twilio%-numbers\nrelease:Give numbers back", output)
    assert.matches("\nlocal mobile toll%-free\nvoice_method=POST\nfiles\n$", output)
  end)
end)
