--- Looks up whether the account owns a number, after a purchase that went unanswered.
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local PAGES_MAX = 20

local lookup = {}

--- Finds the number among those of a page. Twilio's filter also matches parts of numbers and wildcards, so
--- the whole number is compared.
local function find(call, items, phone_number)
  for _, number in ipairs(items) do
    if number.phone_number == phone_number and call:is_sid(number.sid, "PN") then
      return number
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
  local filter = "?PhoneNumber=%2B" .. phone_number:sub(2) .. "&PageSize=50"
  local url = call:url("IncomingPhoneNumbers.json" .. filter)
  for _ = 1, PAGES_MAX do
    local page, outcome = call:ask("GET", url, nil, responses.read)
    if not page then
      return nil, outcome
    end
    local items = resources.items(page, "incoming_phone_numbers")
    if not items then
      return nil, { kind = "response", reason = "it has no list of incoming_phone_numbers" }
    end
    local number = find(call, items, phone_number)
    local trouble
    url, trouble = resources.next_url(call, page)
    if number or not url then
      return number, not number and trouble and { kind = "response", reason = trouble } or nil
    end
  end
  return nil, { kind = "response", reason = ("it has more than %d pages"):format(PAGES_MAX) }
end

return lookup
