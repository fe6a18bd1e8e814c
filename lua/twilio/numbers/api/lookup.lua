--- Does the account own this number? Asked after a purchase that went unanswered.
local core = require("twilio.numbers.core")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local PAGES_MAX = 20

local lookup = {}

--- Twilio's filter matches parts of numbers and knows wildcards, so the number is compared whole.
local function find(page, phone_number)
  for _, number in ipairs(resources.items(page, "incoming_phone_numbers") or {}) do
    if number.phone_number == phone_number and core.is_sid(number.sid, "PN") then
      return number
    end
  end
end

--- Looks for a number in IncomingPhoneNumbers. Finding nothing proves nothing: Twilio may still be
--- at it.
---@param call table
---@param phone_number string E.164
---@return table? number as the account owns it
---@return table? outcome why it could not be found out; nil if there simply is none
function lookup.owned(call, phone_number)
  local filter = "?PhoneNumber=%2B" .. phone_number:sub(2) .. "&PageSize=50"
  local url = call:url("IncomingPhoneNumbers.json" .. filter)
  for _ = 1, PAGES_MAX do
    local page, outcome = call:ask("GET", url, nil, responses.read)
    if not page then
      return nil, outcome
    end
    local number = find(page, phone_number)
    local trouble
    url, trouble = resources.next_url(call, page)
    if number or not url then
      return number, not number and trouble and { kind = "response", reason = trouble } or nil
    end
  end
end

return lookup
