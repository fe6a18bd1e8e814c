--- Buys many numbers, in flight together, with a result for each in the report.
local errors = require("twilio.numbers.errors")
local batch = require("twilio.numbers.api.batch")
local candidates = require("twilio.numbers.api.candidates")
local filters = require("twilio.numbers.api.filters")
local give_back = require("twilio.numbers.api.give_back")
local reports = require("twilio.numbers.api.report")
local rounds = require("twilio.numbers.api.rounds")
local services = require("twilio.numbers.api.services")
local slots = require("twilio.numbers.api.slots")
local wanted = require("twilio.numbers.api.wanted")

local purchase_many = {}

local PURCHASE = reports.PURCHASE

local VAIN_ROUNDS = 3 -- consecutive searches that found numbers, none of which could be bought

--- Why the filter must not choose a number.
---@return table? outcome
local function refusal_of_filter(call)
  local policy, own = call.policy, call.state.services
  local outcome = policy and policy:refusal(call, call.state.found:choice())
  return outcome or (own and own:refusal(call)) or nil
end

--- Buys any numbers that match the filter. Searches again for replacements of numbers that are gone, as long
--- as searches return numbers that can be bought.
---@return string? why not all were bought
---@return twilio.numbers.Error? err of a search, or of the price
local function buy_any(call, count, results)
  local open, in_vain = {}, 0
  for i = 1, count do
    open[i] = i
  end
  open = slots.still_open(results, open)
  local refusal = #open > 0 and refusal_of_filter(call)
  if refusal then
    local _, message, err = call:fail(refusal)
    return message, err
  end
  while #open > 0 do
    local list, message, err = slots.find(call, open)
    if err then
      return message, err
    elseif #list > 0 then
      local before = #open
      batch.buy(call, list)
      open = slots.still_open(results, open)
      local is_vain = #open == before and not slots.are_claimed(results, open)
      in_vain = is_vain and in_vain + 1 or 0
    elseif not call.state.found:may_find_more() then
      return slots.none_left(call, #open == count)
    end
    if #open == 0 or call.state.stopped then
      return
    elseif in_vain == VAIN_ROUNDS then
      return slots.reason(
        call,
        ("no number of %d consecutive searches could be bought"):format(in_vain)
      )
    end
  end
end

--- Completes the report, after all_or_nothing has released the numbers. Returns a message too if not all were
--- bought.
---@return twilio.numbers.Report report
---@return string? message
local function conclude(call, why)
  local state = call.state
  local report = state.report
  if
    call.options.all_or_nothing
    and reports.count(PURCHASE, report, report.results).bought < report.wanted
  then
    give_back.all(call, report.results)
  end
  if reports.fill(state).bought == report.wanted then
    return report
  end
  return report, reports.message(PURCHASE, report, state.stop_reason or why)
end

--- Starts no more purchases, and cancels those that were not sent. Releases by all_or_nothing are finished.
---@param call twilio.numbers.Call
---@return integer sent how many requests the call still waits for
function purchase_many.stop(call)
  local state = call.state
  local sent = rounds.stop(call, function(part)
    return state.is_giving_back or state.part.purchase.may_have_bought(part)
  end)
  state.stopped = not state.is_giving_back
  return sent
end

--- Why the spending policy does not let all_or_nothing start a list, whose numbers would be released again.
---@return table? outcome
local function refusal_of(call, list)
  for _, one in ipairs(list) do
    local phone_number, area_code = one.params.phone_number, one.params.area_code
    local choice = { phone_number = phone_number, area_code = area_code, params = one.params }
    local refusal
    if phone_number then
      refusal = call.policy:refusal(call, choice)
    else
      refusal = call.policy:excluded(choice)
    end
    if refusal then
      return refusal
    end
  end
end

--- Reads and checks the arguments. Sends nothing except requests of the spending policy for all_or_nothing.
---@return integer? count
---@return table[]|string|nil list the purchases, nil for a filter; or the message
---@return twilio.numbers.Error? err
function purchase_many.read(call, given, params)
  local state = call.state
  state.services = services.of(call)
  local count, list, wrong = wanted.read(call, given, params)
  if wrong and wrong[1] then
    return errors.invalid(wrong)
  end
  if not list then
    local message, err
    params = params or {}
    state.found, message, err =
      candidates.new(call, params, filters.read(wanted.filter(given), params, call))
    if not state.found then
      return nil, message, err
    end
  end
  local refusal = list and call.options.all_or_nothing and call.policy and refusal_of(call, list)
  if refusal then
    return call:fail(refusal)
  end
  return count, list
end

--- Reads the Messaging Services before the numbers of a list are bought. With a journal, some of them may
--- have been bought already; if the services cannot be used, only the others are refused.
---@return nil, string? message, twilio.numbers.Error? err
local function begin_list(call)
  local state = call.state
  if not state.services then
    return
  elseif call.client.journal then
    return state.services:decide(call)
  end
  return services.begin(call)
end

--- Buys the numbers.
---@param list table[]|nil nil: the numbers of a filter
---@param earlier? table<integer, string> see rounds.lua; those of a filter come first
function purchase_many.carry_out(call, count, list, earlier)
  local state = call.state
  for slot = 1, count do
    state.parts[slot] = false
  end
  state.report = reports.new(PURCHASE, count, list)
  local results, why = state.report.results, nil
  state.earlier = earlier or state.earlier
  if list then
    local _, message, err = begin_list(call)
    if err then
      state.report = false
      return nil, message, err
    end
    batch.buy(call, list)
    return conclude(call)
  end
  batch.buy(call, slots.earlier(call, count))
  if not state.stopped then
    local err
    why, err = buy_any(call, count, results)
    if err and reports.count(PURCHASE, state.report, results).stopped == count then -- nothing was sent
      state.report = false
      return nil, why, err
    end
  end
  return conclude(call, why)
end

local function recover(call, why, may_go_on)
  return rounds.recover(call, why, may_go_on, conclude)
end

local function run(call, given, params)
  local count, list, err = purchase_many.read(call, given, params)
  if err then
    return nil, list, err
  end
  return purchase_many.carry_out(call, count, list)
end

--- Creates the operation, see async/start.lua, from those of one purchase, see batch.lua.
---@param part { purchase: table, new_number: table }
---@param own_run? function instead of the one without a journal
function purchase_many.operation(part, own_run)
  local function new_state()
    local state = rounds.new_state(PURCHASE)
    state.services = false -- the Messaging Services to add the numbers to, see services.lua
    state.parts = {} -- the entries that have ended, by slot
    state.part = part
    state.key, state.asked, state.request = false, false, false -- for the parts, see journal/many.lua
    state.is_giving_back = false
    state.is_unseen = false -- see ownership.lua
    return state
  end
  return {
    new_state = new_state,
    recover = recover,
    run = own_run or run,
    stop = purchase_many.stop,
  }
end

return purchase_many
