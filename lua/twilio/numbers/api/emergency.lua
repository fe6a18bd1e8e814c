--- Unregisters a number's emergency address: Twilio does not release a number while one is registered
--- (https://www.twilio.com/docs/voice/tutorials/emergency-calling-for-programmable-voice).
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local emergency = {}

--- The statuses of a number without a registration. Of the others, FAILED is final, and the rest are
--- transient.
local IS_OVER = { unregistered = true, ["registration-failure"] = true }
local FAILED = "unregistration-failure"

local LONGEST_PAUSE = 20 -- seconds between two polls; the first is 1 second, each next twice as long

local TRY_AGAIN = 60 -- seconds until the caller may retry, if the deadline leaves no time for another poll

local function is_over(number)
  local status = number.emergency_address_status
  return IS_OVER[status] or (status == nil and number.emergency_address_sid == nil)
end

local function fail(call, kind, reason)
  return call:fail {
    kind = kind,
    words = "the number was not released",
    purchased = "no",
    reason = reason,
    retry_after = kind == "timeout" and TRY_AGAIN or nil,
  }
end

--- Unregisters the emergency address, and waits until Twilio has done so.
---@param call table
---@param sid string
---@return table? number after the change
---@return string? message
---@return twilio.numbers.Error? err kind "timeout": still registered at the deadline
function emergency.unregister(call, sid)
  local url = call:url(resources.number_path(sid))
  local read, pause, is_asked = responses.reader_of(sid), 1, false
  local number, outcome = call:ask("GET", url, nil, read)
  while number do
    local said = number.emergency_address_status
    local status = said == nil and "registered" or responses.word(said)
    if is_over(number) then
      return number
    elseif status == FAILED and is_asked then
      return fail(call, "api", "its emergency address could not be unregistered")
    elseif not is_asked and status ~= "pending-unregistration" then
      number, outcome = call:ask("POST", url, "EmergencyAddressSid=", read)
    elseif pause >= call:remaining() then
      return fail(
        call,
        "timeout",
        "its emergency address is still " .. status .. ": try again later"
      )
    elseif not call:sleep(pause) then
      return fail(call, "cancelled")
    else
      pause = math.min(2 * pause, LONGEST_PAUSE)
      number, outcome = call:ask("GET", url, nil, read)
    end
    is_asked = true
  end
  return call:fail(outcome)
end

return emergency
