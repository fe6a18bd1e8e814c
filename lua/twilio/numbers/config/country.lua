--- Country codes of ISO 3166-1.
local country = {}

--- Common mistakes. Twilio responds to these as to a country without numbers.
local MEANT = { UK = "GB", EL = "GR" }

--- Checks a country code. Returns what is wrong, or nil.
---@param value any
---@return string? words what is expected
---@return boolean? is_complete the words include the value
function country.problem(value)
  if type(value) ~= "string" or not value:find("^%u%u$") then
    return "must be two capital letters such as US (ISO 3166-1)", false
  elseif MEANT[value] then
    return ('must be "%s" (ISO 3166-1), got "%s"'):format(MEANT[value], value), true
  end
end

return country
