--- Buying many numbers: in flight together, each with an outcome of its own.
local available = require("twilio.numbers.available")
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local options = require("twilio.numbers.options")
local owned = require("twilio.numbers.owned")
local purchase = require("twilio.numbers.purchase")
local run = require("twilio.numbers.run")
local together = require("twilio.numbers.together")

local many = {}

local ROUNDS = 10 -- searches for numbers in place of those that had gone

--- The outcome of one: what is known of money says which it is.
local function outcome_of(number, err)
  if number then
    return "bought"
  end
  return err.purchased == "no" and "refused" or "unknown"
end

local OUTCOMES = { "bought", "refused", "unknown", "released", "stopped" }

local function new_report(wanted)
  local report = { wanted = wanted, results = {}, numbers = {} }
  for _, outcome in ipairs(OUTCOMES) do
    report[outcome] = 0
  end
  return report
end

--- Counts how far it has come. Takes no memory.
local function count(counts, results)
  for i = 1, #OUTCOMES do
    counts[OUTCOMES[i]] = 0
  end
  for i = 1, #results do
    local outcome = results[i].outcome
    counts[outcome] = counts[outcome] + 1
  end
  return counts
end

--- Room for the result of one, so that to keep it takes no memory.
local function new_result(phone_number)
  return {
    outcome = "stopped",
    phone_number = phone_number or false,
    number = false,
    message = false,
    err = false,
  }
end

--- The report of a call, whose results are all there, as of those that were not begun.
local function prepare(wanted, list)
  local report = new_report(wanted)
  for i = 1, wanted do
    report.results[i] = { outcome = "stopped", phone_number = list and list[i].params.phone_number }
    report.numbers[i] = false
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

--- The options of the purchase of a number. What is given back when not all can be had must be new:
--- to buy a number that the account owns changes it, and then to release it would lose it.
local function options_of(call, params)
  local all = call.options
  return {
    account_sid = all.account_sid,
    timeout = all.timeout,
    retries = all.retries,
    unless_owned = all.unless_owned or (all.all_or_nothing and params.phone_number ~= nil) or nil,
    complete = all.complete,
  }
end

--- What else there is to note about the end of one.
local function note(call, one, number, err)
  local phone_number = one.params.phone_number
  if not number then
    err.phone_number = phone_number
  end
  if one.is_offered then
    available.settle(call, phone_number, number, err)
  end
end

--- Counts those that are in flight as unknown: nobody will hear of them. Takes no memory.
local function give_up(call)
  for i, result in pairs(call.begun) do
    if result.outcome == "stopped" then
      result.outcome, result.message = "unknown", errors.BROKEN_OFF.unknown
      result.phone_number, result.number, result.err = result.phone_number or nil, nil, nil
      call.report.results[call.list[i].slot] = result
    end
  end
end

--- Buys those of the list that are named, each by its own parameters.
local function buy(call, wanted, results, list)
  local begun = {}
  call.begun, call.list = begun, list
  together.run(call, #list, function(i, on_done)
    local params = list[i].params
    begun[i], call.purchased = new_result(params.phone_number), "unknown"
    return run.within(call, options.PURCHASE, options_of(call, params), on_done, purchase, params)
  end, function(i, number, message, err)
    local slot, phone_number = list[i].slot, list[i].params.phone_number
    local result = begun[i]
    result.outcome, result.number = outcome_of(number, err), number or nil
    result.phone_number = number and number.phone_number or phone_number
    result.message, result.err = message, err
    results[slot] = result
    pcall(note, call, list[i], number, err)
    if not call.is_broken_off then
      report_progress(call, results, wanted, slot)
    end
  end)
  for i, one in ipairs(list) do
    if one.is_offered and not begun[i] then
      available.settle(call, one.params.phone_number)
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
    list[i] = { slot = i, params = merge(params, own) }
    local form_wrong = purchase.problems(list[i].params)
    for _, problem in ipairs(form_wrong or {}) do
      local name = ("%d: %s"):format(i, problem.name)
      wrong[#wrong + 1] = { name = name, message = ("number %d: %s"):format(i, problem.message) }
    end
  end
  check_list(wanted, list, wrong)
  return list, wrong
end

--- Candidates for the slots that have no number yet: twice as many at once, since some will have gone.
local function find(call, filter, params, slots)
  local size = filter.limit == nil and math.min(1000, #slots * 2) or nil
  local candidates, message, err = available.candidates(merge({ page_size = size }, filter), params)
  if not candidates then
    return nil, message, err
  end
  local list, offered = {}, available.offered(call, candidates)
  while #list < #slots do
    local candidate, why, problem = offered()
    if problem then
      for _, one in ipairs(list) do
        available.settle(call, one.params.phone_number)
      end
      return nil, why, problem
    elseif not candidate then
      break
    end
    local own = merge(params, { phone_number = candidate.phone_number })
    list[#list + 1] = { slot = slots[#list + 1], params = own, is_offered = true }
  end
  return list
end

--- Whether another number may be tried in place of one.
local function is_open(call, result)
  local err = result.err
  if result.outcome == "stopped" then
    return true
  end
  return result.outcome == "refused" and (available.is_unfit(err) or available.is_owned(call, err))
end

--- Buys any numbers that fit; those that have gone are replaced by others.
local function buy_any(call, filter, params, wanted, results)
  local slots = {}
  for i = 1, wanted do
    slots[i] = i
  end
  for _ = 1, ROUNDS do
    local list, message, err = find(call, filter, params, slots)
    if not list then
      return message, err
    elseif #list == 0 then
      return "no more numbers match the filter"
    end
    buy(call, wanted, results, list)
    local open = {}
    for _, slot in ipairs(slots) do
      open[#open + 1] = is_open(call, results[slot]) and slot or nil
    end
    slots = open
    if #slots == 0 or call.stopped then
      return
    end
  end
end

--- Gives back what was bought, since it is not all that was wanted.
local function release_all(call, results)
  local bought = {}
  for _, result in ipairs(results) do
    bought[#bought + 1] = result.outcome == "bought" and result or nil
  end
  call.stopped = false
  local child = { account_sid = call.options.account_sid }
  together.run(call, #bought, function(i, on_done)
    return run.within(call, options.CALL, child, on_done, owned.release, bought[i].number.sid)
  end, function(i, released, message, err)
    bought[i].outcome = released and "released" or owned.is_kept(err) and "bought" or "unknown"
    bought[i].message, bought[i].err = message, err
  end)
end

--- Writes into the report what it came to. Takes no memory.
local function fill(report)
  local numbers, results, bought = report.numbers, report.results, 0
  count(report, results)
  for i = 1, #results do
    if results[i].outcome == "bought" then
      bought = bought + 1
      numbers[bought] = results[i].number
    end
  end
  for i = report.wanted, bought + 1, -1 do
    numbers[i] = nil
  end
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
    ("%d of %d bought, %d refused, %d unknown, %d released, %d not begun%s"):format(
      report.bought,
      wanted,
      report.refused,
      report.unknown,
      report.released,
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

--- An operation, see run.lua.
many.purchase = {
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
    call.report, call.begun = prepare(number, list), {}
    call.stopped, call.is_broken_off, call.group = false, false, false -- places for them
    local results = call.report.results
    if list then
      buy(call, number, results, list)
    else
      local filter = merge(wanted, {})
      filter.count = nil
      local err
      why, err = buy_any(call, filter, params, number, results)
      if err and count(call.report, results).stopped == number then -- nothing was begun
        call.report = nil
        return nil, why, err
      end
    end
    return conclude(call, why)
  end,

  --- Where memory was short: begins nothing more, and waits for what is in flight.
  again = function(call, why)
    if not call.report then
      return nil
    end
    call.stopped, call.stop_reason = true, compat.tostring(why)
    if call.group then
      call.group:go_on()
    end
    return conclude(call)
  end,

  --- The same without waiting.
  conclude = function(call, why)
    if not call.report then
      return nil
    end
    call.stopped, call.is_broken_off = true, true
    if call.group then
      pcall(call.group.leave, call.group)
    end
    give_up(call)
    return fill(call.report), "it broke off: " .. compat.tostring(why)
  end,
}

return many
