--- Asks before money is spent or something is given up.
local streams = require("twilio.numbers.command.streams")

--- Reads a line of stdin in a shell: Ctrl-C ends that at once, where a read of our own would go on.
local function read_line()
  local shell = io.popen('IFS= read -r line && printf "%s" "$line"')
  local line = shell:read("*a")
  shell:close()
  return line
end

--- Whether to go on; if not, the exit code that says why not.
---@param context table
---@param plan string what is about to be done, as a sentence
---@return boolean go_on
---@return integer? code
return function(context, plan)
  if context.args.yes then
    streams.say(plan)
    return true
  elseif not streams.is_terminal(0) then
    streams.say(plan)
    streams.complain(
      "nobody can be asked, since stdin is no terminal: nothing was done. Give --yes"
    )
    return false, 2
  end
  io.stderr:write(streams.clean(plan), " Go on? [y/N] ")
  io.stderr:flush()
  local answer = read_line():lower()
  if answer == "y" or answer == "yes" then
    return true
  end
  streams.say("Nothing was done.")
  return false, 1
end
