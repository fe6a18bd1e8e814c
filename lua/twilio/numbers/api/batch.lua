--- One round of a purchase of many, see rounds.lua: the purchases of a list, in flight together.
---
--- Each entry of the list also has `is_offered` (a search found it, and its number is reserved), `choice`
--- (what that search says of it, see policy.lua) and `is_certain` (this call, and no other, bought it).
local reservations = require("twilio.numbers.api.reservations")
local errors = require("twilio.numbers.errors")
local fit = require("twilio.numbers.api.fit")
local options = require("twilio.numbers.config.options")
local refusals = require("twilio.numbers.api.refusals")
local rounds = require("twilio.numbers.api.rounds")

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
  local pending, message, err = call.client.begin_within(
    call,
    options.PURCHASE,
    options_of(call),
    on_done,
    operation,
    params,
    unless_owned,
    one
  )
  if err and call.state.earlier[one.slot] then
    return errors.restate(err, "unknown", call.state.key)
  end
  return pending, message, err
end

--- Updates the entry, the reservation, the candidates and the result after a purchase.
local function note(call, one, result, number, err, part)
  local given, found = one.params.phone_number, call.state.found
  local phone_number = (number or err).phone_number or given -- of its order, perhaps another
  one.is_certain = number and part and part.state.is_certain or false
  call.state.parts[one.slot] = one
  if given and not (number and call.options.all_or_nothing) then
    reservations.settle(call, given, number and "no" or err.purchased)
  end
  if not number then
    err.phone_number = phone_number
    if given and phone_number ~= given then
      reservations.settle(call, phone_number, err.purchased)
    end
  end
  if found and number then
    found:gone(phone_number)
    local filter, message, info = found.filter, result.message, result.info
    result.number, result.message, result.info = fit.compare(filter, number, message, info)
  elseif found then
    refusals.note(found, phone_number, err)
  end
end

--- Reserves a number that a list names.
local function prepare(call, one)
  local phone_number = one.params.phone_number
  if phone_number and not one.is_offered then
    reservations.take(call, phone_number, true)
  end
end

local ROUND = { prepare = prepare, start = start, note = note, is_final = refusals.is_final }

--- Buys the numbers of a list and waits for all of them.
---@param call twilio.numbers.Call
---@param list table[]
function batch.buy(call, list)
  rounds.run(call, list, ROUND)
  for i, one in ipairs(list) do
    if one.is_offered and call.state.begun[i] == nil then
      reservations.settle(call, one.params.phone_number, "no")
    end
  end
end

return batch
