--- Checks the Messaging Services of a purchase: a service that the account does not have is a problem, and
--- one without a registered campaign is a warning. Used by check_purchase.lua.
local messaging = require("twilio.numbers.api.messaging")
local service_list = require("twilio.numbers.config.service_list")

local service_check = {}

local NAME = "messaging_service_sid"

local UNREGISTERED = "Messaging Service %s has no registered campaign for the United States"
  .. " (us_app_to_person_registered): carriers there reject what its local numbers send (error 30034)"

local NO_SMS = "the number cannot send messages, so it cannot be in a Messaging Service"

--- Whether messages from such numbers need a registered campaign.
local function needs_campaign(place)
  return place.country == "US" and place.type == "local"
end

--- Checks the services.
---@param call table
---@param place twilio.numbers.Place
---@param given string|string[] the value of the option
---@param found twilio.numbers.Findings
function service_check.run(call, place, given, found)
  for _, sid in ipairs(service_list.of(given)) do
    local service, outcome = messaging.service(call, sid)
    if not service and messaging.is_not_there(outcome) then
      found:add(NAME, "%s", messaging.no_service(call, sid))
    elseif not service then
      found:add_unread(NAME, "Messaging Service " .. sid, outcome)
    elseif service.us_app_to_person_registered == false and needs_campaign(place) then
      found:warn(NAME, UNREGISTERED, sid)
    end
  end
  local can = type(place.capabilities) == "table" and place.capabilities or {}
  if can.sms == false and can.mms ~= true then
    found:add(NAME, NO_SMS)
  end
end

return service_check
