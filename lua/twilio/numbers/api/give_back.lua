--- all_or_nothing: releases the purchased numbers of purchase_many if not all could be bought. A release is
--- final, so only numbers that this call certainly bought are released; the others are kept.
local bought = require("twilio.numbers.api.bought")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local emergency = require("twilio.numbers.api.emergency")
local errors = require("twilio.numbers.errors")
local options = require("twilio.numbers.config.options")
local owned_number = require("twilio.numbers.api.owned_number")
local reservations = require("twilio.numbers.api.reservations")
local groups = require("twilio.numbers.async.group")

local give_back = {}

local UNCERTAIN = "kept: another call may have bought it"
local CHANGED = "kept: its settings differ from those of this call"

--- Whether a number still has every setting that this call requested. If not, another buyer may be using it.
local function is_as_left(now, number, form)
  for _, row in ipairs(core.parameters("update")) do
    if now[row.name] ~= number[row.name] then
      return false
    end
  end
  return now.phone_number == number.phone_number and form:differences(now) == nil
end

--- Why a number must stay: another call may have begun to rely on it at any time since it was bought.
---@param now table|nil the number as the account owns it; nil: that could not be read
---@param message? string
---@param err? twilio.numbers.Error
---@return string? message nil: it may be released
---@return twilio.numbers.Error? err
local function objection(call, number, part, now, message, err)
  if not now then
    return "kept: " .. message, err
  elseif
    not part.is_certain
    or not reservations.is_undisputed(call.parent, number.phone_number)
    or bought.times(call, number.sid) > 1
  then
    return UNCERTAIN
  elseif not is_as_left(now, number, call:new_form(part.params)) then
    return CHANGED
  end
end

--- With the option unregister_emergency, ends the registration of an emergency address that this call itself
--- gave the number. With any other address, Twilio refuses the release.
---@return table? now the number after the change, but with that address
local function unregister(call, number, part)
  local given = part.params.emergency_address_sid
  if not call.options.unregister_emergency or not given then
    return number
  end
  local now, message, err = emergency.unregister(call, number.sid)
  if now then
    now.emergency_address_sid = number.emergency_address_sid
  end
  return now, message, err
end

--- An operation, see async/start.lua: returns the outcome of the number, and the reason if it is kept.
---   part   params, is_certain
local operation = {
  run = function(call, number, part)
    local why, err = objection(call, number, part, number)
    if not why then
      why, err = objection(call, number, part, owned_number.fetch.run(call, number.sid))
    end
    if not why then
      why, err = objection(call, number, part, unregister(call, number, part))
    end
    if why then
      return "kept", why, err
    end
    local released, message
    released, message, err = owned_number.delete(call, number.sid)
    if released then
      return "released"
    end
    return owned_number.is_kept(err) and "kept" or "unknown", message, err
  end,
  --- Ends it after an error of the host: without a DELETE, the account still owns the number.
  recover = function(call, why)
    local is_sent = call.attempts > 0 and call.request.method == "DELETE"
    local _, message, err = errors.broken_off(call, "no", compat.tostring(why))
    return is_sent and "unknown" or "kept", message, err
  end,
}

--- The outcome of a number whose release has none: it could not begin, which leaves the number as it is, or
--- the call does not wait for it.
local function outcome_without(err)
  return err.purchased == "no" and "kept" or "unknown"
end

--- Releases every number that was bought, and sets the outcome of its result.
---@param call twilio.numbers.Call
---@param results table[]
function give_back.all(call, results)
  local state, slots = call.state, {}
  for slot, result in ipairs(results) do
    slots[#slots + 1] = result.outcome == "bought" and slot or nil
  end
  state.stopped, state.is_giving_back = false, true
  local all = call.options
  local child = {
    account_sid = all.account_sid,
    deadline = all.deadline,
    unregister_emergency = all.unregister_emergency,
  }
  groups.run(call, #slots, function(i, on_done)
    local slot = slots[i]
    local number, part = results[slot].number, state.parts[slot]
    return call.client.begin_within(call, options.RELEASE, child, on_done, operation, number, part)
  end, function(i, outcome, message, err)
    local result = results[slots[i]]
    result.outcome = outcome or outcome_without(err)
    result.message, result.err = message, err
  end)
end

return give_back
