--- Country codes of ISO 3166-1.
local country = {}

--- Common mistakes. Twilio responds as if it sold no numbers there.
local MEANT = { UK = "GB", EL = "GR" }

--- What is wrong with a code; nil if nothing is.
---@param value any
---@return string? words what it must be
---@return boolean? is_complete the words name the value already
function country.problem(value)
  if type(value) ~= "string" or not value:find("^%u%u$") then
    return "must be two capital letters such as US (ISO 3166-1)", false
  elseif MEANT[value] then
    return ('must be "%s" (ISO 3166-1), got "%s"'):format(MEANT[value], value), true
  end
end

return country
