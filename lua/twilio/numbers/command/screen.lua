--- The terminal behind a stream: whether there is one, how wide it is, and whether it shows colours.
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")

local popen = io.popen

local screen = {}

--- Whether a descriptor (0, 1, 2) is a terminal. (os.execute("test -t 2") would ignore Ctrl-C.)
---@return boolean
function screen.is_terminal(fd)
  return core.is_terminal(fd)
end

local columns -- false: it is not known

--- The columns of the terminal behind a descriptor.
---@return integer? columns nil: it is no terminal, or does not say
function screen.width(fd)
  if not screen.is_terminal(fd) then
    return nil
  elseif columns == nil then
    local pipe = popen("stty size </dev/tty 2>/dev/null")
    local size = pipe:read("*l")
    pipe:close()
    columns = tonumber(globals.variable("COLUMNS") or (size or ""):match("%d+ (%d+)")) or false
    columns = columns and columns > 0 and columns
  end
  return columns or nil
end

--- Whether a line on a descriptor can be redrawn.
---@return boolean
function screen.can_redraw(fd)
  return globals.variable("TERM") ~= "dumb" and screen.is_terminal(fd)
end

--- Whether a descriptor shows colours (https://no-color.org).
---@return boolean
function screen.has_colours(fd)
  local term = globals.variable("TERM")
  return term ~= nil
    and term ~= "dumb"
    and not globals.variable("NO_COLOR")
    and screen.is_terminal(fd)
end

return screen
