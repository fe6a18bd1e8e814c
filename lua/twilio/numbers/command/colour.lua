--- The colours of outcomes on a terminal: green for done, yellow for unknown, red for refused.
local screen = require("twilio.numbers.command.screen")

local colour = {}

local GREEN, YELLOW, RED = "\27[32m", "\27[33m", "\27[31m"
local PLAIN = "\27[0m"

--- The colours by outcome of a number, and by state of an order.
local COLOURS = {
  bought = GREEN,
  released = GREEN,
  updated = GREEN,
  adopted = GREEN,
  unknown = YELLOW,
  trying = YELLOW,
  kept = YELLOW,
  refused = RED,
  ["still owned"] = RED,
  ["not owned"] = RED,
}

--- A text in the colour of an outcome. Unchanged if the outcome has no colour, or the stream shows none.
---@param fd integer 1 or 2
---@param outcome string
---@param text string|nil default: the outcome
---@return string
function colour.paint(fd, outcome, text)
  local code = COLOURS[outcome]
  text = text or outcome
  return code and screen.has_colours(fd) and code .. text .. PLAIN or text
end

return colour
