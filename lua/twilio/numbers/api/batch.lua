--- One round of a purchase of many: the purchases of a list, in flight together.
---
--- Each entry of the list has `slot` (its place in the report), `params`, `is_offered` (a search found it,
--- and its number is reserved), `choice` (what that search says of it, see policy.lua) and `is_certain` (this
--- call, and no other, bought it).
local reservations = require("twilio.numbers.api.reservations")
local fit = require("twilio.numbers.api.fit")
local options = require("twilio.numbers.config.options")
local refusals = require("twilio.numbers.api.refusals")
local reports = require("twilio.numbers.api.report")
local groups = require("twilio.numbers.async.group")

local batch = {}

--- The options of one purchase.
local function options_of(call)
  local all = call.options
  return {
    account_sid = all.account_sid,
    timeout = all.timeout,
    deadline = all.deadline,
    retries = all.retries,
    complete = all.complete,
    messaging_service_sid = all.messaging_service_sid,
  }
end

--- Starts one purchase, by one of the two operations of call.state.part. A number found by a filter must
--- be new to the account. With all_or_nothing so must any number: buying one that the account owns would
--- change it, and releasing it afterwards would lose it.
local function start(call, one, on_done)
  local all, params = call.options, one.params
  local unless_owned = all.unless_owned
  if all.all_or_nothing and params.phone_number then
    unless_owned = true
  end
  local is_new = one.is_offered or unless_owned
  local operation = is_new and call.state.part.new_number or call.state.part.purchase
  return call.client.begin_within(
    call,
    options.PURCHASE,
    options_of(call),
    on_done,
    operation,
    params,
    unless_owned,
    one
  )
end

--- Whether all other numbers would be refused too, so that the call stops.
local function is_final(call, err)
  return err and refusals.is_final(err, call.state.found)
end

--- Updates the reservation, the candidates and the result after a purchase.
local function note(call, one, result, number, err)
  local phone_number, found = one.params.phone_number, call.state.found
  if not number then
    err.phone_number = phone_number or err.phone_number -- one by area code may have searched for it
  end
  if phone_number and not (number and call.options.all_or_nothing) then
    reservations.settle(call, phone_number, number and "no" or err.purchased)
  end
  if found and number then
    found:gone(phone_number)
    local filter, message, info = found.filter, result.message, result.info
    result.number, result.message, result.info = fit.compare(filter, number, message, info)
  elseif found then
    refusals.note(found, phone_number, err)
  end
end

--- Buys the numbers of a list and waits for all of them.
---@param call twilio.numbers.Call
---@param wanted integer how many the whole call is to buy
---@param results table[] of the report, by slot
---@param list table[]
function batch.buy(call, wanted, results, list)
  local state, begun, calls = call.state, {}, {}
  state.begun, state.list = begun, list
  groups.run(call, #list, function(i, on_done)
    local phone_number = list[i].params.phone_number
    if phone_number and not list[i].is_offered then
      reservations.take(call, phone_number, true)
    end
    begun[i], calls[i] = true, false
    local pending, message, err = start(call, list[i], on_done)
    calls[i] = pending and pending.call
    return pending, message, err
  end, function(i, number, message, err)
    local one, slot = list[i], list[i].slot
    local result = reports.result(call, one, number, message, err)
    results[slot], begun[i] = result, false
    one.is_certain = number and calls[i] and calls[i].state.is_certain or false
    state.parts[slot] = one
    note(call, one, result, number, err)
    if not number and is_final(call, err) and not state.stopped then
      state.stopped, state.stop_reason = true, err.message
    end
    if not state.is_broken_off then
      reports.progress(call, results, wanted, slot)
    end
  end)
  for i, one in ipairs(list) do
    if one.is_offered and begun[i] == nil then
      reservations.settle(call, one.params.phone_number, "no")
    end
  end
end

--- Reports the purchases in flight as "unknown": the call does not wait for them.
function batch.give_up(call)
  local state = call.state
  for i, one in ipairs(state.list or {}) do
    if state.begun[i] then
      state.report.results[one.slot] = {
        outcome = "unknown",
        phone_number = one.params.phone_number,
        message = "it broke off while this one was in flight",
      }
    end
  end
end

return batch
