--- Does the account own this number? Asked after a purchase whose outcome nobody heard.
local core = require("twilio.numbers.core")

local PAGES_MAX = 20

local look_up = {}

--- Twilio's filter matches parts of numbers and knows wildcards, so the number is compared whole.
local function find(page, phone_number)
  local list = type(page.incoming_phone_numbers) == "table" and page.incoming_phone_numbers or {}
  for _, number in pairs(list) do -- a null in the list leaves a hole
    if
      type(number) == "table"
      and number.phone_number == phone_number
      and core.is_sid(number.sid, "PN")
    then
      return number
    end
  end
end

--- The next page, which Twilio names relative to its host; nothing else is followed.
local function next_url(call, page)
  local uri = page.next_page_uri
  if type(uri) == "string" and uri:match("^/2010%-04%-01/Accounts/[%w%-./?=&%%_+*]+$") then
    return call.config.base_url .. uri
  end
end

--- Looks for a number in IncomingPhoneNumbers. Finding nothing proves nothing: Twilio may still be
--- at it.
---@param call table
---@param phone_number string E.164
---@return table? number as the account owns it
---@return table? outcome why it could not be found out; nil if there simply is none
function look_up.owned(call, phone_number)
  local filter = "?PhoneNumber=%2B" .. phone_number:sub(2) .. "&PageSize=50"
  local url = call:url("IncomingPhoneNumbers.json" .. filter)
  for _ = 1, PAGES_MAX do
    local outcome = call:read(url)
    if not outcome.value then
      return nil, outcome
    end
    local number = find(outcome.value, phone_number)
    url = not number and next_url(call, outcome.value)
    if not url then
      return number
    end
  end
end

return look_up
