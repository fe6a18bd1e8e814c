--- The purchases of a client with a journal. Each is the order of an idempotency key, which is random if the
--- caller gives none. Operations, see async/start.lua.
local area_codes = require("twilio.numbers.api.area_codes")
local asked = require("twilio.numbers.journal.asked")
local candidates = require("twilio.numbers.api.candidates")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local jobs = require("twilio.numbers.journal.jobs")
local note = require("twilio.numbers.journal.note")
local order = require("twilio.numbers.journal.order")
local protocol = require("twilio.numbers.journal.protocol")
local purchase = require("twilio.numbers.api.purchase")
local records = require("twilio.numbers.journal.records")
local reservations = require("twilio.numbers.api.reservations")
local services = require("twilio.numbers.api.services")

local Session = require("twilio.numbers.journal.session")

local purchases = {}

function purchases.new_state(old)
  local state = purchase.new_state(old)
  state.session, state.job, state.phone_number, state.idempotency_key = false, false, nil, nil
  state.named = false -- the phone number that the caller asked for
  return state
end

--- The scope of the account that a call buys for.
function purchases.scope_of(call)
  return records.scope(call.client.config.realm, call.options.account_sid)
end

--- A slot of purchase_many with a key.
---@class twilio.numbers.Slot
---@field number integer from 1
---@field asked table<string, string> the fingerprint of the call
---@field request table<string, string> that of the header: another if all numbers were bought, and the call
---has `finish`

--- Creates a session of the call's key, or of a random one.
---@param slot twilio.numbers.Slot|nil
function purchases.session(call, slot)
  local scope, given = purchases.scope_of(call), call.options.idempotency_key
  local key = given or core.random_name()
  local order_key = slot and records.slot(scope, slot.number, key) or records.order(scope, key)
  local many_key = given and records.many(scope, key) or false
  local session = Session.new(call, order_key, many_key, key, given ~= nil, scope)
  session.request = slot and slot.request or false
  return session
end

local function finish(call, number, message, err)
  local state = call.state
  local purchased = not number and err and err.purchased or "no"
  jobs.release(state.job, purchased)
  if state.reserved then
    reservations.settle(call, state.named, purchased, state.reserved)
    state.reserved = false
  end
  return number, message, err
end

--- The error of a call that has not read its order: an earlier call with the key may have bought a number.
function purchases.unread(call, message, err)
  local key = call.options.idempotency_key
  if key then
    return errors.restate(err, "unknown", key)
  end
  return nil, message, err
end

--- Runs a job to its end.
---@param request table|nil see asked.of(); nil: a purchase without a key of the caller
---@param slot? twilio.numbers.Slot the request of its key was compared before
function purchases.run(call, job, op, request, slot)
  local state = call.state
  local session = purchases.session(call, slot)
  local fingerprint, wrong = slot and slot.asked
  state.services = services.of(call)
  if request and not slot then
    request.messaging_service_sid = state.services and state.services:asked() or nil
    fingerprint, wrong = asked.of(session.key, request)
    if wrong then
      local _, message, err = errors.invalid { { name = "params", message = wrong } }
      return purchases.unread(call, message, err)
    end
  end
  job.op, job.asked, job.finish = op, fingerprint, slot ~= nil or call.options.finish or false
  state.session, state.job, state.idempotency_key = session, job, session.key
  return finish(call, protocol.run(session, job))
end

--- The error of a call with a key that was interrupted before it had read its order.
function purchases.broken_off_unread(call, why)
  local key = call.options.idempotency_key
  if key then
    call.state.idempotency_key = key
    return errors.broken_off(call, "unknown", compat.tostring(why))
  end
end

--- Ends a call that an error interrupted, or if memory was short for a moment, continues from the order's
--- record.
function purchases.recover(call, why, may_go_on)
  local state = call.state
  local session = state.session
  if not session then
    return purchases.broken_off_unread(call, why)
  elseif may_go_on then
    if state.is_out and call.response:is_sent() then -- it may have been carried out
      session.has_doubt, session.sent = true, session.sent + 1
    end
    state.is_out = false
    if state.number then
      return finish(call, note.settle(session, state.job, state.number, true))
    end
    return finish(call, protocol.run(session, state.job))
  end
  jobs.release(state.job, "unknown")
  state.purchased = session:is_certain_of_no() and "no" or "unknown"
  local number, message, err = purchase.recover(call, why, false)
  if not number and not err and state.purchased ~= "no" then
    return errors.broken_off(call, state.purchased, compat.tostring(why))
  end
  return number, message, err
end

--- Whether a number was bought, or this call may have bought it, which the caller must learn.
function purchases.may_have_bought(call)
  local session = call.state.session
  local is_in_doubt = session and (session.has_doubt or session.unheard)
  local is_bought = session and order.state(session:record()) == "bought"
  return is_in_doubt or is_bought or purchase.may_have_bought(call)
end

local function check_named(call, params)
  local form, message, err = purchase.read(call, params)
  if not form then
    return nil, message, err
  end
  local _
  _, message, err = purchase.check_type(call, form:value("phone_number"))
  if err then
    return nil, message, err
  end
  return form:value("phone_number"), form:value("area_code")
end

--- Buys any number of an area code.
local function by_area_code(call, params, area_code)
  local searches, rest, wrong = area_codes.searches(params, area_code, call)
  local found, message, err = candidates.new(call, rest, searches, wrong)
  if not found then
    return nil, message, err
  end
  return jobs.found(call, found)
end

purchases.purchase = {
  new_state = purchases.new_state,
  recover = purchases.recover,
  run = function(call, params, slot)
    local phone_number, area_code, err = check_named(call, params)
    if err then
      return purchases.unread(call, area_code, err)
    end
    local job, message
    if phone_number then
      job = jobs.named(call, params)
      call.state.named = phone_number
      call.state.reserved = reservations.take(call, phone_number, true)
    else
      job, message, err = by_area_code(call, params, area_code)
      if not job then
        return purchases.unread(call, message, err)
      end
    end
    local request = { operation = "purchase", params = params, type = call.options.type }
    return purchases.run(call, job, "purchase", request, slot)
  end,
}

return purchases
