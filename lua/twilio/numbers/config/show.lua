--- How a message shows a value: its type, its text, and what is wrong with its characters. messages.lua has
--- the problems of whole tables.
local core = require("twilio.numbers.core")

local show = {}

show.MOST = 60 -- bytes of a value in a message

--- The type of a value in a message: for a value that must not be shown, or cannot be.
---@return string
function show.type(value)
  return value == nil and "nil" or "a " .. type(value)
end

local function escaped(text)
  return (text:gsub(".", function(c)
    return ("\\x%02X"):format(c:byte())
  end))
end

--- A value as a message may show it: short, on one line, without the password of a URL.
function show.value(value)
  if value == nil or type(value) == "number" or type(value) == "boolean" then
    return tostring(value)
  elseif type(value) ~= "string" then
    return show.type(value)
  end
  -- a password may contain any character, so all before the last @ is left out
  local text = value:gsub("^.*@", (value:match("^%a+://") or "") .. "...@")
  text = #text > show.MOST and text:sub(1, show.MOST) .. "..." or text
  return '"' .. text:gsub("[%c\127-\255]", escaped) .. '"'
end

local function percent_encoded(character)
  return (character:gsub(".", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

--- A character as a message may show it: a control character, also one of two bytes, could reach a terminal.
local function show_character(character)
  local is_printable = #character == 1 and character:find("[\33-\126]")
    or (#character > 1 and core.is_utf8(character) and not character:find("^\194[\128-\159]"))
  if character == " " then
    return "a space"
  elseif is_printable then
    return '"' .. character .. '"'
  end
  return (#character == 1 and "the byte " or "the bytes ") .. escaped(character)
end

--- Describes a character that a URL must not contain at a position, and what to write instead.
local function describe_character(url, position)
  local character = url:match("^[\192-\255][\128-\191]?[\128-\191]?[\128-\191]?", position)
    or url:sub(position, position)
  local shown = show_character(character)
  if #character > 1 and not url:sub(1, position):find("^%a+://[^@]*[/?#]") then
    return ("%s at position %d: write the host as xn--..."):format(shown, position)
  end
  return ("%s at position %d: write it as %s"):format(shown, position, percent_encoded(character))
end

local URL_PROBLEMS = {
  character = function(url, position)
    return "must not contain " .. describe_character(url, position)
  end,
  escape = function(_, position)
    return ('has a "%%" without two hex digits at position %d: write it as %%25'):format(position)
  end,
  scheme = function()
    return "must be an absolute http or https URL"
  end,
  host = function(_, position)
    return ("must have a host at position %d"):format(position)
  end,
  port = function(_, position)
    return ("must have a port from 1 to 65535 at position %d"):format(position)
  end,
}

--- Checks a URL. Returns what is wrong, or nil.
---@param value string
---@return string? message
function show.url_problem(value)
  local url, problem, position = core.url(value)
  if not url then
    return URL_PROBLEMS[problem](value, position) .. ", got " .. show.value(value)
  end
end

--- Patterns of mistakes in secrets and SIDs, most of which are invisible in print.
local FLAWS = {
  { "[\r\n]$", "ends in a line break" },
  { "^[ \t]", "begins with a space" },
  { "[ \t]$", "ends in a space" },
  { "^[\"'].*[\"']$", "is in quotes: remove them" },
  { "[ \t\r\n]", "contains a space or a line break" },
  { "[^\33-\126]", "contains a character that is not printable ASCII" },
}

--- Describes what is wrong with the characters of a credential, without any of them; nil if all are valid.
---@param text string
---@return string? words
function show.flaw(text)
  for _, row in ipairs(FLAWS) do
    if text:find(row[1]) then
      return row[2]
    end
  end
end

return show
