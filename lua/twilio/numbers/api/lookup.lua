--- Looks up whether the account owns a number, after a purchase that went unanswered.
local pages = require("twilio.numbers.api.pages")
local resources = require("twilio.numbers.api.resources")

local lookup = {}

--- Finds the number among those of a page. Twilio's filter also matches parts of numbers and wildcards, so
--- the whole number is compared.
---@return table? number
---@return string? why that is unknown
local function find(call, page, phone_number)
  local items = resources.items(page, "incoming_phone_numbers")
  if not items then
    return nil, "it has no list of incoming_phone_numbers"
  end
  for _, number in ipairs(items) do
    if number.phone_number == phone_number then
      local is_whole = call:is_sid(number.sid, "PN")
      return is_whole and number or nil, not is_whole and "the number has no SID" or nil
    end
  end
end

--- Looks for a number in IncomingPhoneNumbers. Finding none proves nothing: the purchase may still be in
--- progress.
---@param call table
---@param phone_number string E.164
---@return table? number as the account owns it
---@return table? outcome why the lookup failed; nil if the account has no such number
function lookup.owned(call, phone_number)
  local filter, found = "?PhoneNumber=%2B" .. phone_number:sub(2) .. "&PageSize=50", nil
  local url = call:url("IncomingPhoneNumbers.json" .. filter)
  local _, outcome = pages.read(call, url, false, function(page)
    local why
    found, why = find(call, page, phone_number)
    return why, found ~= nil
  end)
  return found, outcome
end

return lookup
