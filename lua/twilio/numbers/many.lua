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

--- How far it has come.
local function count(results, wanted)
  local counts =
    { wanted = wanted, bought = 0, refused = 0, unknown = 0, released = 0, stopped = 0 }
  for i = 1, wanted do
    local outcome = results[i] and results[i].outcome
    if outcome then
      counts[outcome] = counts[outcome] + 1
    end
  end
  return counts
end

--- Tells the caller how far it has come. Returning false stops it; so does an error.
local function report_progress(call, results, wanted, i)
  local on_progress = call.options.on_progress
  if not on_progress then
    return
  end
  local progress = count(results, wanted)
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

--- Buys those of the list that are named, each by its own parameters.
local function buy(call, wanted, results, list)
  local begun = {}
  together.run(call, #list, function(i, on_done)
    local params = list[i].params
    begun[i], call.purchased = true, "unknown" -- should the host leave the call while it waits
    return run.within(call, options.PURCHASE, options_of(call, params), on_done, purchase, params)
  end, function(i, number, message, err)
    local slot, phone_number = list[i].slot, list[i].params.phone_number
    results[slot] = {
      outcome = outcome_of(number, err),
      phone_number = number and number.phone_number or phone_number,
      number = number or nil,
      message = message,
      err = err,
    }
    if not number then
      err.phone_number = phone_number
    end
    if list[i].is_offered then
      available.settle(call, phone_number, number, err)
    end
    report_progress(call, results, wanted, slot)
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
  if not result then
    return true
  end
  local err = result.err
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
  for _, result in pairs(results) do
    bought[#bought + 1] = result.outcome == "bought" and result or nil
  end
  call.stopped = false
  local child = { account_sid = call.options.account_sid }
  together.run(call, #bought, function(i, on_done)
    return run.within(call, options.CALL, child, on_done, owned.release, bought[i].number.sid)
  end, function(i, released, message, err)
    local is_refused = err and (err.status or 0) >= 400 and err.status < 500
    bought[i].outcome = released and "released" or is_refused and "bought" or "unknown"
    bought[i].message, bought[i].err = message, err
  end)
end

--- What it came to, and a message if that is not all that was wanted.
local function conclude(call, results, wanted, list, why)
  for i = 1, wanted do
    results[i] = results[i]
      or { outcome = "stopped", phone_number = list and list[i].params.phone_number }
  end
  local report = count(results, wanted)
  report.results, report.numbers = results, {}
  for _, result in ipairs(results) do
    report.numbers[#report.numbers + 1] = result.outcome == "bought" and result.number or nil
  end
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
    local results, list, why = {}, nil, nil
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
    if list then
      buy(call, number, results, list)
    else
      local filter = merge(wanted, {})
      filter.count = nil
      local err
      why, err = buy_any(call, filter, params, number, results)
      if err and next(results) == nil then -- nothing was begun
        return nil, why, err
      end
    end
    if call.options.all_or_nothing and count(results, number).bought < number then
      release_all(call, results)
    end
    return conclude(call, results, number, list, why)
  end,
}

return many
