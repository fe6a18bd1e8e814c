--- The wording of problems with a table of parameters or options.
local core = require("twilio.numbers.core")
local show = require("twilio.numbers.config.show")
local sids = require("twilio.numbers.config.sids")
local suggest = require("twilio.numbers.config.suggest")

local messages = {}

--- How many unknown names are reported, each with a suggestion. A table with thousands of them is a mistake
--- of another kind, and the comparisons would block the host.
messages.UNKNOWN_MAX = 20

local function names(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = row.name
  end
  return list
end

--- "there is no parameter "frendly_name"; did you mean friendly_name?"
function messages.unknown(what, name, rows)
  local meant = suggest.name(name, names(rows))
  local text = ("there is no %s %s"):format(what, show.value(name))
  return meant and ("%s; did you mean %s?"):format(text, meant) or text
end

--- Adds a problem for the unknown names beyond UNKNOWN_MAX.
function messages.add_rest(list, name, unknown)
  if unknown > messages.UNKNOWN_MAX then
    local message = ("%d more names are unknown"):format(unknown - messages.UNKNOWN_MAX)
    list[#list + 1] = { name = name, message = message }
  end
end

local KIND_WORDS = {
  text = "a string",
  sid = "a string",
  choice = "a string",
  url = "a string",
  phone = "a string",
  boolean = "true or false",
  area_code = "a string of three digits",
  lat_long = "a string",
  integer = "an integer",
  pattern = "a string",
  country = "a string",
  table = "a plain table",
}

--- The wording of each problem that the core reports, from its row.
local WORDS = {
  type = function(row)
    local got = row.type == "table" and row.kind == "table" and "one with a metatable"
      or row.type == "nil" and "nil"
      or "a " .. row.type
    return ("must be %s, got %s"):format(KIND_WORDS[row.kind], got)
  end,
  unknown = function(row, known)
    return messages.unknown("parameter", row.name, known)
  end,
  empty = function(row, _, is_purchase)
    if row.required then
      return "is empty, and Twilio requires it"
    end
    local may_be_cleared = is_purchase and (row.kind == "url" or row.kind == "sid")
    return "is empty; leave it out"
      .. (may_be_cleared and ", or clear it by an update after the purchase" or "")
  end,
  nul = function()
    return "must not contain a NUL byte"
  end,
  utf8 = function()
    return "must be valid UTF-8"
  end,
  too_long = function()
    return "must have at most 16384 bytes"
  end,
  characters = function(row)
    return ("must have at most %d characters"):format(row.most)
  end,
  sid = function(row)
    local words = sids.words(row.expects, not row.expects)
    return ("must be %s, got %s"):format(words, show.value(row.value))
  end,
  choice = function(row)
    local choices = row.expects:gsub(" ", " or ")
    return ("must be %s, got %s"):format(choices, show.value(row.value))
  end,
  url = function(row)
    return show.url_problem(row.value)
  end,
  phone = function(row)
    return ("must be in E.164 format, such as +14155550100, got %s"):format(show.value(row.value))
  end,
  area_code = function(row)
    return ('must be three digits such as "415", got %s'):format(show.value(row.value))
  end,
  lat_long = function(row)
    return ('must be degrees such as "37.84,-122.26", got %s'):format(show.value(row.value))
  end,
  integer = function(row)
    return ("must be an integer from 1 to %d, got %s"):format(row.most, show.value(row.value))
  end,
  pattern = function(row)
    local text = "must be 2 to 16 digits and letters, with * for a digit at an end,"
      .. " % for any digits, + for the beginning and $ for the end, got "
    return text .. show.value(row.value)
  end,
  country = function() -- without the value: it may be personal data
    return "must be two capital letters such as DE (ISO 3166-1)"
  end,
  missing = function(row)
    return row.other and ("give %s or %s"):format(row.name, row.other)
      or row.name .. " is missing: Twilio requires it"
  end,
  both = function(row)
    return ("give only one of %s and %s"):format(row.name, row.other)
  end,
  needs = function(row)
    local other = row.alternative and row.other .. " or " .. row.alternative or row.other
    return ("requires %s: give that too"):format(other)
  end,
}

--- Problems whose message does not begin with the name of the parameter.
local WHOLE_SENTENCE = { unknown = true, missing = true, both = true }

--- The name of a problem's parameter, which may be any value that the caller used as a key.
local function name_of(row)
  if row.name == nil then
    return "params"
  end
  local plain = type(row.name) == "string" and row.name:match("^[%w_]+$") and #row.name <= show.MOST
  return plain and row.name or show.value(row.name)
end

--- Converts the core's problems to a list of {name =, message =}.
---@param rows table
---@param known string|nil the name of the table of parameters; default: that of purchases
---@param more { name: string }[]|nil other known names
---@return twilio.numbers.Problem[]
function messages.describe(rows, known, more)
  local list, unknown, parameters = {}, 0, core.parameters(known)
  for _, row in ipairs(more or {}) do
    parameters[#parameters + 1] = row
  end
  for _, row in ipairs(rows) do
    unknown = unknown + (row.problem == "unknown" and 1 or 0)
    if row.problem ~= "unknown" or unknown <= messages.UNKNOWN_MAX then
      local name = name_of(row)
      local words = WORDS[row.problem](row, parameters, known == nil)
      local whole = WHOLE_SENTENCE[row.problem]
      list[#list + 1] = { name = name, message = whole and words or name .. " " .. words }
    end
  end
  messages.add_rest(list, "params", unknown)
  return list
end

return messages
