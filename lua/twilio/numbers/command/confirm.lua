--- Asks before money is spent, or a number or an order is given up.
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")

local NO_TERMINAL =
  "stdin is not a terminal, so nothing was done: add --yes to go ahead without a question"

--- Reads a line of stdin in a shell, which Ctrl-C ends at once. It would not interrupt a read in Lua.
---@return string? line nil at the end of stdin
local function read_line()
  local shell = io.popen('IFS= read -r line && printf "%s\\n" "$line"')
  local line = shell:read("*l")
  shell:close()
  return line
end

--- Reads the answer. Raises a Ctrl-C.
local function ask(question)
  io.stderr:write(streams.clean_lines(question))
  io.stderr:flush()
  local read, line = pcall(read_line)
  if not read or not line then
    io.stderr:write("\n") -- in place of the Enter
  end
  if not read then
    error(line, 0)
  end
  return line and line:lower()
end

--- Whether to go on; if not, the exit code.
---@param context table
---@param plan string what is about to be done, as a sentence
---@param details? string[] lines about it, which are not needed without a question
---@param question? fun(): string?, integer? the question, made once it is certain that there is a terminal
---to ask on; or an exit code: it is not to be asked
---@return boolean go_on
---@return integer? code
return function(context, plan, details, question)
  streams.say_wrapped(plan)
  if context.args.yes then
    return true
  end
  for _, line in ipairs(details or {}) do
    streams.say(line)
  end
  if not streams.is_terminal(0) then
    return false, outcome.refuse(context.args, NO_TERMINAL)
  end
  local words, code
  if question then
    words, code = question()
  end
  if code then
    return false, code
  end
  local answer = ask((words or "Go on?") .. " [y/N] ")
  if answer == "y" or answer == "yes" then
    return true
  end
  streams.say("Nothing was done.")
  return false, 1
end
