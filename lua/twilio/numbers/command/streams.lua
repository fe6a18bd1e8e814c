--- The three streams: what reaches a terminal, and whether one is there. Used by the whole command.
---
--- Results go to stdout, everything else to stderr, so that a program can read the one and a person the
--- other.
local colour = require("twilio.numbers.command.colour")
local core = require("twilio.numbers.core")
local screen = require("twilio.numbers.command.screen")
local width = require("twilio.numbers.command.width")

local streams = {}

streams.is_terminal = screen.is_terminal

--- To be called first: a write into a closed pipe must fail, since its signal would end the process, perhaps
--- during a purchase.
function streams.open()
  core.ignore_sigpipe()
end

--- Control characters, also those of two bytes (C1), and those that turn the direction of writing round:
--- what Twilio says must not steer a terminal. Bytes that are no UTF-8 go too: some are C1 elsewhere.
local CONTROLS = {
  "[%c\127]+",
  "\194[\128-\159]",
  "\226\128[\142\143\168-\174]",
  "\226\129[\166-\169]",
}

--- How many bytes a character that begins so has.
local function length(first)
  return first >= 240 and first < 248 and 4
    or first >= 224 and first < 240 and 3
    or first >= 194 and first < 224 and 2
end

local function whole_characters(text)
  return (
    text:gsub("[\192-\255]?[\128-\191]*", function(bytes)
      return bytes ~= "" and #bytes ~= length(bytes:byte()) and " " or nil
    end)
  )
end

--- Text as a terminal may get it, on one line.
function streams.clean(text)
  text = whole_characters(tostring(text))
  for _, pattern in ipairs(CONTROLS) do
    text = text:gsub(pattern, " ")
  end
  return text
end

--- The same of a text that may have several lines.
function streams.clean_lines(text)
  return (text:gsub("[^\n]+", streams.clean))
end

--- Says something to people, on a line of its own.
function streams.say(text)
  io.stderr:write(streams.clean(text), "\n")
end

--- A sentence on as many lines as a narrow terminal needs, broken between words.
local function fit(text)
  local columns = screen.width(2)
  text = streams.clean(text)
  return columns and table.concat(width.wrap(text, columns), "\n") or text
end

--- Says a sentence. A hint is not said so: a command in it must stay on one line to be copied.
---@param text string
function streams.say_wrapped(text)
  io.stderr:write(fit(text), "\n")
end

--- Says an outcome, in its colour.
---@param outcome string see colour.lua
---@param text string
function streams.tell(outcome, text)
  io.stderr:write(colour.paint(2, outcome, streams.clean(text)), "\n")
end

local NAME = "twilio-numbers:"

--- Says what went wrong.
---@param text string
---@param outcome? string for its colour; default: refused
function streams.complain(text, outcome)
  local words = fit(NAME .. " " .. text):sub(#NAME + 1)
  io.stderr:write(colour.paint(2, outcome or "refused", NAME), words, "\n")
end

streams.has_printed = false -- a result

local EPIPE = 32 -- on Linux, macOS and the BSDs

local lost -- why the first result that could not be written was not

local function note(written, problem, number)
  if not written and not lost then
    lost = { problem = problem, number = number }
  end
end

--- Prints a result. What cannot be written is found out by finish().
function streams.print(text)
  streams.has_printed = true
  note(io.stdout:write(text, "\n"))
end

--- Flushes stdout. A write that is larger than the buffer fails by itself, and leaves nothing for the flush
--- to fail at.
---@return string? problem why a result, now or before, could not be written; nil: all were
---@return boolean? is_closed_pipe the reader may simply have had enough
function streams.finish()
  note(io.stdout:flush())
  if lost then
    return lost.problem, lost.number == EPIPE
  end
end

return streams
