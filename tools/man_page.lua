-- The manual page of twilio-numbers, from its parser: returns a function that returns its text. `make man`
-- writes man/twilio-numbers.1, and a spec says whether that is up to date.
local argparse = require("argparse")
local numbers = require("twilio.numbers")
local parser = require("twilio.numbers.command.parser")
local width = require("twilio.numbers.command.width")

local DATE = "2026-12-01" -- of the last change

local lines -- of the page

local function add(...)
  lines[#lines + 1] = table.concat { ... }
end

--- Text as roff takes it: hyphens that are copied as such, and no request at the beginning of a line.
local function escape(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"))
end

local function bold(text)
  return "\\fB" .. escape(text) .. "\\fR"
end

--- Adds a paragraph, on lines that an editor shows whole.
local function add_prose(text)
  for _, line in ipairs(width.wrap(text, 72)) do
    add(escape(line))
  end
end

--- "<NAME=VALUE>" as NAME=VALUE in italics.
local function argument_of(element)
  local name = element:_get_argname(1):gsub("[<>]", "")
  return "\\fI" .. escape(name) .. "\\fR"
end

local function add_element(label, description)
  add(".TP")
  add(label)
  add_prose(description)
end

local function add_option(option)
  if option._hidden then
    return
  end
  local names = {}
  for i, alias in ipairs(option._aliases) do
    names[i] = bold(alias)
  end
  local value = option._maxargs > 0 and " " .. argument_of(option) or ""
  add_element(table.concat(names, ", ") .. value, option:_get_description())
end

--- The lines of a usage, without the word.
local function add_synopsis(command)
  add(".nf")
  for line in command:get_usage():gsub("^Usage: ", ""):gmatch("[^\n]+") do
    add(escape((line:gsub("^ +", ""))))
  end
  add(".fi")
end

--- What the help says at its end, as it stands there; the last paragraph of it is in each.
local function add_epilog(text)
  text = text:gsub("\n*Also: .*$", "")
  if text == "" then
    return
  end
  add(".PP")
  add(".nf")
  for line in text:gmatch("[^\n]*") do
    if line ~= "" then
      add(escape(line))
    end
  end
  add(".fi")
end

local add_command
function add_command(command, name)
  add(".SS ", escape(name))
  add_synopsis(command)
  add(".PP")
  add_prose(command._description)
  for _, argument in ipairs(command._arguments) do
    add_element(argument_of(argument), argument:_get_description())
  end
  for _, option in ipairs(command._options) do
    if option._name ~= "-h" then
      add_option(option)
    end
  end
  add_epilog(command._epilog)
  for _, below in ipairs(command._commands) do
    add_command(below, name .. " " .. below._name)
  end
end

--- The lines of a part of the help's end.
local function part(heading)
  local text = (parser.EPILOG .. "\n\n"):match(heading .. ":\n(.-)\n\n")
  return text:gmatch("[^\n]+")
end

--- A part with what is named on the left, and words on the right.
local function add_list(heading)
  for line in part(heading) do
    local name, words = line:match("^  (.-)   *(%S.*)$")
    if name then
      add_element(bold(name), words:sub(1, 1):upper() .. words:sub(2) .. ".")
    else
      add(".PP")
      add_prose(line)
    end
  end
end

local function add_examples()
  add(".nf")
  for line in part("Examples") do
    add(escape((line:gsub("^  ", ""))))
  end
  add(".fi")
end

return function()
  lines = {}
  local root = parser.new(argparse, function() end)
  add('.TH TWILIO-NUMBERS 1 "', DATE, '" "twilio-numbers ', numbers._VERSION, '" "User Commands"')
  add(".SH NAME")
  add("twilio\\-numbers \\- buy and manage phone numbers on Twilio")
  add(".SH SYNOPSIS")
  add_synopsis(root)
  add(".SH DESCRIPTION")
  add_prose(root._description)
  add(".SH OPTIONS")
  add("These stand before or after the command.")
  for _, option in ipairs(root._options) do
    add_option(option)
  end
  add(".SH COMMANDS")
  for _, command in ipairs(root._commands) do
    if not command._hidden then
      add_command(command, command._name)
    end
  end
  add('.SH "EXIT STATUS"')
  add_list("Exit codes")
  add(".SH ENVIRONMENT")
  add_list("Environment")
  add(".SH EXAMPLES")
  add_examples()
  return table.concat(lines, "\n") .. "\n"
end
