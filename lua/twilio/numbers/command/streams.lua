--- The standard streams: what is printed, and how. Used by the whole command.
---
--- Results go to stdout, for programs; everything else goes to stderr, for people.
local colour = require("twilio.numbers.command.colour")
local core = require("twilio.numbers.core")
local screen = require("twilio.numbers.command.screen")
local width = require("twilio.numbers.command.width")

local streams = {}

streams.is_terminal = screen.is_terminal

--- Ignores SIGPIPE, which would end the process, perhaps during a purchase: a write into a closed pipe must
--- fail instead. Must be called first.
function streams.open()
  core.ignore_sigpipe()
end

--- Control characters, including those of two bytes (C1) and those that change the direction of text:
--- Twilio's text must not control a terminal. Invalid UTF-8 is replaced too: some encodings have C1 there.
local CONTROLS = {
  "[%c\127]+",
  "\194[\128-\159]",
  "\226\128[\142\143\168-\174]",
  "\226\129[\166-\169]",
}

--- The length in bytes of a character with this first byte.
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

--- A text that is safe to print on a terminal, on one line.
function streams.clean(text)
  text = whole_characters(tostring(text))
  for _, pattern in ipairs(CONTROLS) do
    text = text:gsub(pattern, " ")
  end
  return text
end

--- The same for a text of several lines.
function streams.clean_lines(text)
  return (text:gsub("[^\n]+", streams.clean))
end

--- Prints a line on stderr.
function streams.say(text)
  io.stderr:write(streams.clean(text), "\n")
end

--- Wraps a sentence between words, for a narrow terminal.
local function fit(text)
  local columns = screen.width(2)
  text = streams.clean(text)
  return columns and table.concat(width.wrap(text, columns), "\n") or text
end

--- Prints a wrapped sentence. Not for hints: a command must stay on one line, so that it can be copied.
---@param text string
function streams.say_wrapped(text)
  io.stderr:write(fit(text), "\n")
end

--- Prints a line in the colour of an outcome.
---@param outcome string see colour.lua
---@param text string
function streams.tell(outcome, text)
  io.stderr:write(colour.paint(2, outcome, streams.clean(text)), "\n")
end

local NAME = "twilio-numbers:"

--- Prints what went wrong.
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

--- Prints a result. finish() returns whether it could be written.
function streams.print(text)
  streams.has_printed = true
  note(io.stdout:write(text, "\n"))
end

--- Flushes stdout. A write that is larger than the buffer fails by itself, and leaves nothing for the flush
--- to fail at.
---@return string? problem why a result, now or before, could not be written; nil: all were
---@return boolean? is_closed_pipe the reader may have read all that it wants
function streams.finish()
  note(io.stdout:flush())
  if lost then
    return lost.problem, lost.number == EPIPE
  end
end

return streams
