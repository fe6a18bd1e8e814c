--- Gives back what a purchase of many has bought where not all could be had. A release is final, and so
--- only what this call certainly bought is released; all else is kept.
local reservations = require("twilio.numbers.api.reservations")
local core = require("twilio.numbers.core")
local emergency = require("twilio.numbers.api.emergency")
local owned_number = require("twilio.numbers.api.owned_number")

local give_back = {}

local UNCERTAIN = "kept: it is not certain that this call, and no other, bought it"
local CHANGED = "kept: its settings are not those that this call gave it"

--- Whether a number is as this call left it, and shows all that it asked for: no other buyer has taken it
--- for its own meanwhile.
local function is_as_left(now, number, form)
  for _, row in ipairs(core.parameters("update")) do
    if now[row.name] ~= number[row.name] then
      return false
    end
  end
  return now.phone_number == number.phone_number and form:differences(now) == nil
end

--- Ends the registration of an emergency address that the call itself gave the number, if the caller says
--- so. Of another address Twilio refuses the release.
---@return table? number as it is then, but for that address
local function unregister(call, now, part)
  local given = part.params.emergency_address_sid
  if not call.options.unregister_emergency or not given then
    return now
  end
  local number, message, err = emergency.unregister(call, now.sid)
  if number then
    number.emergency_address_sid = given
  end
  return number, message, err
end

--- An operation, see run.lua: returns what became of the number, and why it was kept.
---   part   params, is_certain
local operation = {
  run = function(call, number, part)
    local whole = call.parent
    if not part.is_certain or not reservations.is_undisputed(whole, number.phone_number) then
      return "kept", UNCERTAIN
    end
    local now, message, err = owned_number.fetch.run(call, number.sid)
    if not now then
      return "kept", "kept: " .. message, err
    elseif not is_as_left(now, number, core.new_form(part.params)) then
      return "kept", CHANGED
    end
    now, message, err = unregister(call, now, part)
    if not now then
      return "kept", "kept: " .. message, err
    elseif not is_as_left(now, number, core.new_form(part.params)) then
      return "kept", CHANGED
    end
    local released
    released, message, err = owned_number.delete(call, number.sid)
    if released then
      return "released"
    end
    return owned_number.is_kept(err) and "kept" or "unknown", message, err
  end,
}
give_back.operation = operation

return give_back
