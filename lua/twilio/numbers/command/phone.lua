--- Phone numbers as people write them.
local core = require("twilio.numbers.core")

local phone = {}

--- The countries in which numbers are written without +1.
local NORTH_AMERICA = { US = true, CA = true }

--- Whether numbers of that country may be written without +1.
function phone.is_north_american(country)
  return NORTH_AMERICA[(country or "US"):upper()] == true
end

--- A number in E.164 form. A text that is not a number is returned unchanged.
---@param text string
---@param country? string two letters, default US
---@return string
function phone.read(text, country)
  local plain = text:gsub("[%s().-]", "")
  if phone.is_north_american(country) then
    plain = plain:gsub("^1?([2-9]%d%d[2-9]%d%d%d%d%d%d)$", "+1%1")
  end
  return core.is_e164(plain) and plain or text
end

--- Joins a number that the shell has split at its spaces.
---@param words string[]
---@return string? number
function phone.join(words, country)
  local joined = phone.read(table.concat(words, " "), country)
  return core.is_e164(joined) and joined or nil
end

return phone
