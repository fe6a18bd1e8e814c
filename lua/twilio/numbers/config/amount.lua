--- An amount of money as a decimal string, such as "1" or "1.50": a Lua number cannot represent 1.15 exactly.
local amount = {}

local LONGEST = 30 -- characters

--- Whether a value is such a string.
---@param value any
---@return boolean
function amount.is_text(value)
  return type(value) == "string"
    and #value <= LONGEST
    and (value:find("^%d+$") or value:find("^%d+%.%d+$")) ~= nil
end

--- Checks an amount from the caller. Returns what is wrong, or nil.
---@param value any
---@return string? message
function amount.problem(value)
  if type(value) == "number" then
    local text = ("%.14g"):format(value):gsub(",", ".")
    local hint = amount.is_text(text) and text or "1.50"
    return ('must be a string, because a Lua number is not exact: write it as "%s"'):format(hint)
  elseif not amount.is_text(value) then
    return 'must be an amount in digits such as "1.50"'
  end
end

return amount
