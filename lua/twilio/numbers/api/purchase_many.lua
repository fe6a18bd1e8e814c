--- Buying many numbers: in flight together, each with an outcome of its own.
local reservations = require("twilio.numbers.api.reservations")
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local candidates = require("twilio.numbers.api.candidates")
local filters = require("twilio.numbers.api.filters")
local fit = require("twilio.numbers.api.fit")
local give_back = require("twilio.numbers.api.give_back")
local options = require("twilio.numbers.config.options")
local ownership = require("twilio.numbers.api.ownership")
local purchase = require("twilio.numbers.api.purchase")
local refusals = require("twilio.numbers.api.refusals")
local groups = require("twilio.numbers.async.group")

local purchase_many = {}

local VAIN_ROUNDS = 3 -- searches in a row of which nothing could be bought

--- The purchase of a number that is to be a new one, as a part of the whole.
local new_number = { recover = purchase.recover }
function new_number.run(call, params, unless_owned)
  ownership.must_be_new(call, unless_owned)
  return purchase.run(call, params)
end

--- The outcome of one: what is known of money says which it is.
local function outcome_of(number, err)
  if number then
    return "bought"
  end
  return err.purchased == "no" and "refused" or "unknown"
end

--- The outcomes that are counted; those that were kept are listed.
local COUNTED = { "bought", "refused", "unknown", "released", "stopped" }

local function new_report(wanted)
  local report = { wanted = wanted, results = {}, numbers = {}, kept = {} }
  for _, outcome in ipairs(COUNTED) do
    report[outcome] = 0
  end
  return report
end

--- Counts how far it has come.
local function count(counts, results)
  for i = 1, #COUNTED do
    counts[COUNTED[i]] = 0
  end
  for i = 1, #results do
    local outcome = results[i].outcome
    if outcome ~= "kept" then
      counts[outcome] = counts[outcome] + 1
    end
  end
  return counts
end

--- The report of a call, whose results are all there, as of those that were not begun.
local function prepare(wanted, list)
  local report = new_report(wanted)
  for i = 1, wanted do
    report.results[i] = { outcome = "stopped", phone_number = list and list[i].params.phone_number }
  end
  return report
end

--- Tells the caller how far it has come. Returning false stops it; so does an error.
local function report_progress(call, results, wanted, i)
  local on_progress = call.options.on_progress
  if not on_progress then
    return
  end
  local progress = count({ wanted = wanted }, results)
  progress.stopped = 0
  progress.index, progress.result = i, results[i]
  local called, go_on = compat.pcall(on_progress, progress)
  if not called or go_on == false then
    call.stopped = true
    call.stop_reason = not called and "on_progress raised an error: " .. compat.tostring(go_on)
      or nil
  end
end

--- The options of the purchase of a number.
local function options_of(call)
  local all = call.options
  return {
    account_sid = all.account_sid,
    timeout = all.timeout,
    deadline = all.deadline,
    retries = all.retries,
    complete = all.complete,
  }
end

--- Begins the purchase of one. What a filter has found must be new, and so must what is given back when
--- not all can be had: to buy what the account owns changes it, and then to release it would lose it.
local function begin_purchase(call, one, on_done)
  local all, params = call.options, one.params
  local unless_owned = all.unless_owned
  if all.all_or_nothing and params.phone_number then
    unless_owned = true
  end
  local operation = (one.is_offered or unless_owned) and new_number or purchase
  return call.starter.within(
    call,
    options.PURCHASE,
    options_of(call),
    on_done,
    operation,
    params,
    unless_owned
  )
end

--- Whether a refusal ends the whole, since all others would be refused too.
local function is_final(call, err)
  return err and refusals.is_final(err, call.found ~= nil)
end

--- What else there is to note about the end of one.
local function note(call, one, result, number, err)
  local phone_number, found = one.params.phone_number, call.found
  if not number then
    err.phone_number = phone_number
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

--- Counts those that are in flight as unknown: their outcomes are not waited for.
local function give_up(call)
  for i, one in ipairs(call.list or {}) do
    if call.begun[i] then
      call.report.results[one.slot] = {
        outcome = "unknown",
        phone_number = one.params.phone_number,
        message = "it broke off while this one was in flight",
      }
    end
  end
end

--- How one has ended: it counts as not begun, where the whole was stopped before it was sent.
local function result_of(call, one, number, message, err)
  local is_unsent = not number and err.kind == "cancelled" and err.purchased == "no"
  return {
    outcome = call.stopped and is_unsent and "stopped" or outcome_of(number, err),
    number = number or nil,
    phone_number = number and number.phone_number or one.params.phone_number,
    message = message,
    err = not number and err or nil,
    info = number and err or nil,
  }
end

--- Buys those of the list that are named, each by its own parameters.
local function buy(call, wanted, results, list)
  local begun, calls = {}, {}
  call.begun, call.list = begun, list -- in flight, by their place
  groups.run(call, #list, function(i, on_done)
    local phone_number = list[i].params.phone_number
    if phone_number and not list[i].is_offered then
      reservations.take(call, phone_number, true)
    end
    begun[i], calls[i], call.purchased = true, false, "unknown"
    local pending, message, err = begin_purchase(call, list[i], on_done)
    calls[i] = pending and pending.call
    return pending, message, err
  end, function(i, number, message, err)
    local one, slot = list[i], list[i].slot
    local result = result_of(call, one, number, message, err)
    results[slot], begun[i] = result, false
    one.is_certain = number and calls[i] and calls[i].is_certain or false
    call.parts[slot] = one
    note(call, one, result, number, err)
    if not number and is_final(call, err) and not call.stopped then
      call.stopped, call.stop_reason = true, err.message
    end
    if not call.is_broken_off then
      report_progress(call, results, wanted, slot)
    end
  end)
  for i, one in ipairs(list) do
    if one.is_offered and begun[i] == nil then
      reservations.settle(call, one.params.phone_number, "no")
    end
  end
end

local function merge(params, more)
  local merged = {}
  for _, part in ipairs { params, more } do
    for name, value in next, part do
      merged[name] = value
    end
  end
  return merged
end

--- What is wrong with the list itself: a name in it, a hole, or a number that is there twice, which
--- would be bought once and then changed.
local function check_list(wanted, list, wrong)
  local places, keys = {}, 0
  for _ in next, wanted do
    keys = keys + 1
  end
  if keys ~= #list then
    local message =
      "a list holds numbers or tables of parameters, one after the other, and no names"
    wrong[#wrong + 1] = { name = "wanted", message = message }
  end
  for i, one in ipairs(list) do
    local phone_number = one.params.phone_number
    local first = phone_number ~= nil and places[phone_number]
    if first then
      local message = ("number %d: it is the same as number %d"):format(i, first)
      wrong[#wrong + 1] = { name = ("%d: phone_number"):format(i), message = message }
    elseif phone_number ~= nil then
      places[phone_number] = i
    end
  end
end

--- A list of numbers, or of tables of parameters, as what is to be bought.
---@return table? list
---@return twilio.numbers.Problem[]? wrong
local function read_list(wanted, params)
  local list, wrong = {}, {}
  for i, one in ipairs(wanted) do
    local own = type(one) == "table" and one or { phone_number = one }
    list[i] = { slot = i, params = merge(params, own), is_certain = false }
    local form_wrong = purchase.problems(list[i].params)
    for _, problem in ipairs(form_wrong or {}) do
      local name = ("%d: %s"):format(i, problem.name)
      wrong[#wrong + 1] = { name = name, message = ("number %d: %s"):format(i, problem.message) }
    end
  end
  check_list(wanted, list, wrong)
  return list, wrong
end

local PAGE_SIZE, PAGE_SIZE_MAX = 50, 1000 -- Twilio's default, and its most

--- Candidates for the slots that have no number yet: twice as many at once, since some will have gone, and
--- enough to choose from at random.
local function find(call, params, slots)
  local list, found = {}, call.found
  found:search_again(math.min(PAGE_SIZE_MAX, math.max(PAGE_SIZE, #slots * 2)))
  while #list < #slots do
    local candidate, message, err = found:next()
    if err then
      for _, one in ipairs(list) do
        reservations.settle(call, one.params.phone_number, "no")
      end
      return nil, message, err
    elseif not candidate then
      break
    end
    local own = merge(params, { phone_number = candidate.phone_number })
    local slot = slots[#list + 1]
    list[#list + 1] = { slot = slot, params = own, is_offered = true, is_certain = false }
  end
  return list
end

--- Whether another number may be tried in place of one.
local function is_open(result)
  local err = result.err
  if result.outcome == "stopped" then
    return true
  end
  return result.outcome == "refused" and (refusals.is_unfit(err) or ownership.is_owned(err))
end

--- The slots that still want a number.
local function open_slots(results, slots)
  local open = {}
  for _, slot in ipairs(slots) do
    open[#open + 1] = is_open(results[slot]) and slot or nil
  end
  return open
end

--- Why no more were found, and what was the matter with one that was refused.
local function reason(call, words)
  local passed = call.found:reasons()
  words = words .. (passed ~= "" and ": " .. passed or "")
  for _, result in ipairs(call.report.results) do
    if result.outcome == "refused" then
      return words .. "; one was refused: " .. result.message
    end
  end
  return words
end

--- Buys any numbers that fit, as long as searches bring some that can be bought; those that have gone are
--- replaced by others.
---@return string? why not all could be had
---@return twilio.numbers.Error? err of a search
local function buy_any(call, params, wanted, results)
  local slots, in_vain = {}, 0
  for i = 1, wanted do
    slots[i] = i
  end
  while true do
    local list, message, err = find(call, params, slots)
    if err then
      return message, err
    elseif #list > 0 then
      local before = #slots
      buy(call, wanted, results, list)
      slots = open_slots(results, slots)
      in_vain = #slots < before and 0 or in_vain + 1
    elseif not call.found:may_find_more() then
      return reason(call, "no more numbers match the filter")
    end
    if #slots == 0 or call.stopped then
      return
    elseif in_vain == VAIN_ROUNDS then
      return reason(call, ("nothing of %d searches in a row could be bought"):format(in_vain))
    end
  end
end

--- Gives back what was bought, since it is not all that was wanted.
local function release_all(call, results)
  local slots = {}
  for slot, result in ipairs(results) do
    slots[#slots + 1] = result.outcome == "bought" and slot or nil
  end
  call.stopped, call.is_giving_back = false, true
  local all = call.options
  local child = {
    account_sid = all.account_sid,
    deadline = all.deadline,
    unregister_emergency = all.unregister_emergency,
  }
  groups.run(call, #slots, function(i, on_done)
    local slot = slots[i]
    local number, part = results[slot].number, call.parts[slot]
    return call.starter.within(
      call,
      options.RELEASE,
      child,
      on_done,
      give_back.operation,
      number,
      part
    )
  end, function(i, outcome, message, err)
    local result = results[slots[i]]
    result.outcome = outcome or "unknown"
    result.message, result.err = message, err
  end)
end

--- The numbers of an outcome.
local function numbers_of(results, outcome)
  local numbers = {}
  for _, result in ipairs(results) do
    numbers[#numbers + 1] = result.outcome == outcome and result.number or nil
  end
  return numbers
end

--- Writes into the report what it came to.
local function fill(report)
  count(report, report.results)
  report.numbers = numbers_of(report.results, "bought")
  report.kept = numbers_of(report.results, "kept")
  return report
end

--- What it came to, and a message if that is not all that was wanted.
local function conclude(call, why)
  local report = call.report
  if call.options.all_or_nothing and count(report, report.results).bought < report.wanted then
    release_all(call, report.results)
  end
  local wanted = fill(report).wanted
  if report.bought == wanted then
    return report
  end
  why = call.stop_reason or why
  return report,
    ("%d of %d bought, %d refused, %d unknown, %d released, %s%d not begun%s"):format(
      report.bought,
      wanted,
      report.refused,
      report.unknown,
      report.released,
      report.kept[1] and ("%d kept, "):format(#report.kept) or "",
      report.stopped,
      why and ": " .. why or ""
    )
end

--- How many are wanted, and what is wrong with that.
local function check_wanted(call, wanted, params)
  if type(wanted) ~= "table" or getmetatable(wanted) ~= nil then
    return nil, { { name = "wanted", message = "give a list of numbers, or a filter with count" } }
  elseif params ~= nil and (type(params) ~= "table" or getmetatable(params) ~= nil) then
    return nil, { { name = "params", message = "params must be a plain table" } }
  end
  local number = wanted.count == nil and #wanted or wanted.count
  if type(number) ~= "number" or number < 1 or number % 1 ~= 0 or number > 10000 then
    return nil, { { name = "count", message = "count must be a whole number from 1 to 10000" } }
  elseif call.options.max_numbers and number > call.options.max_numbers then
    local message = ("%d numbers are more than max_numbers, %d"):format(
      number,
      call.options.max_numbers
    )
    return nil, { { name = "max_numbers", message = message } }
  end
  return number
end

--- Begins no more purchases, and gives up those that were not sent yet. What a call gives back is finished.
---@param call twilio.numbers.Call
---@return integer sent how many are to be waited for
function purchase_many.stop(call)
  local group, sent = call.group, 0
  for _, task in pairs(group and group.tasks or {}) do
    local is_sent = task and (call.is_giving_back or purchase.may_have_bought(task.call))
    if is_sent then
      sent = sent + 1
    elseif task then
      task:cancel()
    end
  end
  call.stopped = not call.is_giving_back
  return sent
end

--- An operation, see start.lua.
purchase_many.purchase = {
  run = function(call, wanted, params)
    local number, wrong = check_wanted(call, wanted, params)
    local list, why
    params = params or {}
    if number and wanted.count == nil then
      list, wrong = read_list(wanted, params)
    end
    if list and call.options.accept then
      local message = "accept is for a filter: a list says itself what to buy"
      wrong[#wrong + 1] = { name = "accept", message = message }
    end
    if wrong and wrong[1] then
      return errors.invalid(wrong)
    end
    local filter = not list and merge(wanted, {}) or nil
    if filter then
      local message, err
      filter.count = nil
      call.found, message, err = candidates.new(call, params, filters.read(filter, params))
      if not call.found then
        return nil, message, err
      end
    end
    call.report, call.begun, call.parts = prepare(number, list), {}, {}
    for slot = 1, number do
      call.parts[slot] = false
    end
    call.stopped, call.is_broken_off, call.group = false, false, false -- places for them
    local results = call.report.results
    if list then
      buy(call, number, results, list)
    else
      local err
      why, err = buy_any(call, params, number, results)
      if err and count(call.report, results).stopped == number then -- nothing was begun
        call.report = nil
        return nil, why, err
      end
    end
    return conclude(call, why)
  end,

  --- Begins nothing more. Waits for what is in flight, if only memory was short for a moment.
  recover = function(call, why, may_go_on)
    if not call.report then
      return nil
    end
    call.stopped, call.stop_reason = true, compat.tostring(why)
    if may_go_on then
      if call.group then
        call.group:go_on()
      end
      return conclude(call)
    end
    call.is_broken_off = true
    if call.group then
      call.group:leave()
    end
    give_up(call)
    return fill(call.report), "it broke off: " .. compat.tostring(why)
  end,
}

return purchase_many
