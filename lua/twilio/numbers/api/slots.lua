--- The slots of purchase_many by a filter: the entries of the report that still need a number, and the
--- candidates for them.
local errors = require("twilio.numbers.errors")
local filters = require("twilio.numbers.api.filters")
local none_left = require("twilio.numbers.api.none_left")
local refusals = require("twilio.numbers.api.refusals")
local reservations = require("twilio.numbers.api.reservations")

local slots = {}

local PAGE_SIZE, PAGE_SIZE_MAX = 50, 1000 -- Twilio's default and maximum

local function entry_of(found, slot, candidate, is_offered)
  return {
    slot = slot,
    params = filters.params_for(found.params, candidate.phone_number),
    choice = found:choice(candidate),
    is_offered = is_offered,
    is_certain = false,
  }
end

--- Searches for a candidate for each slot. The page is twice as large as needed, and never small: some
--- candidates will be gone, and buyers that pick at random from a large page rarely collide.
---@param call twilio.numbers.Call
---@param open integer[] the slots
---@return table[]? list the purchases, at most one for each slot
---@return string? message
---@return twilio.numbers.Error? err
function slots.find(call, open)
  local list, found = {}, call.state.found
  found:search_again(math.min(PAGE_SIZE_MAX, math.max(PAGE_SIZE, #open * 2)))
  while #list < #open do
    local candidate, message, err = found:next()
    if err then
      for _, one in ipairs(list) do
        reservations.settle(call, one.params.phone_number, "no")
      end
      return nil, message, err
    elseif not candidate then
      break
    end
    list[#list + 1] = entry_of(found, open[#list + 1], candidate, true)
  end
  return list
end

--- The purchases that earlier calls with the idempotency key have begun: searches of the filter returned
--- their numbers.
---@return table[] list
function slots.earlier(call, count)
  local list, state = {}, call.state
  for slot = 1, count do
    local phone_number = state.earlier[slot]
    local candidate = { phone_number = phone_number }
    list[#list + 1] = phone_number and entry_of(state.found, slot, candidate, false) or nil
  end
  return list
end

--- Whether another number may be tried in place of this one.
local function is_open(result)
  local err = result.err
  if result.outcome == "stopped" then
    return true
  end
  return result.outcome == "refused"
    and (refusals.is_unfit(err) or refusals.is_owned(err) or refusals.is_claimed(err))
end

--- The slots that still need a number.
---@return integer[]
function slots.still_open(results, all)
  local open = {}
  for _, slot in ipairs(all) do
    open[#open + 1] = is_open(results[slot]) and slot or nil
  end
  return open
end

--- Whether other orders have the number of one of the slots, so that other numbers may be available.
function slots.are_claimed(results, open)
  for _, slot in ipairs(open) do
    local err = results[slot].err
    if err and refusals.is_claimed(err) then
      return true
    end
  end
  return false
end

--- Adds to a message why candidates were passed over, and why a number was refused.
---@return string
function slots.reason(call, words)
  local passed = none_left.reasons(call.state.found)
  words = words .. (passed ~= "" and ": " .. passed or "")
  for _, result in ipairs(call.state.report.results) do
    if result.outcome == "refused" then
      return words .. "; one was refused: " .. errors.part(result.message)
    end
  end
  return words
end

--- Why there is no number for the open slots.
---@param is_all boolean all slots are open
---@return string message
---@return twilio.numbers.Error? err if the spending policy has excluded all that was found
function slots.none_left(call, is_all)
  local found = call.state.found
  if is_all and found.refusal then
    local _, message, err = none_left.fail_by_policy(found)
    return message, err
  end
  return slots.reason(call, "no more numbers match the filter")
end

return slots
