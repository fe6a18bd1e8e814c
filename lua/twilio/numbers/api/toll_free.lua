--- The area codes of North America whose numbers are toll free
--- (https://www.nanpa.com/numbering/800-number-administration). Pure.
local CODES = { "800", "833", "844", "855", "866", "877", "888" }

--- Whether the numbers of an area code are toll free.
---@param area_code string|nil
---@return boolean
return function(area_code)
  for _, code in ipairs(CODES) do
    if code == area_code then
      return true
    end
  end
  return false
end
