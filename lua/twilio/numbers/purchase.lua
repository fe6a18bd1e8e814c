--- Buying a number, so that it is never bought twice and never hidden.
---
--- Twilio's purchase is a POST without idempotency keys. Buying a certain number twice has the same
--- end as buying it once; an area code buys another number each time. So what was sent and not
--- answered is looked up and sent again by phone number, and never sent again by area code.
local errors = require("twilio.numbers.errors")
local judge = require("twilio.numbers.judge")
local look_up = require("twilio.numbers.look_up")
local problems = require("twilio.numbers.problems")

local purchase = {}

local RANK = { no = 0, unknown = 1, yes = 2 }

--- What all attempts together say about money: one doubt is not removed by a later refusal.
local function worse(a, b)
  return RANK[a] >= RANK[b] and a or b
end

--- What is known of money while a call waits for a record, or if it broke off there.
---@param call table
---@param record table|nil
---@return "no"|"unknown"|"yes"
function purchase.money(call, record)
  local known = call.purchased or "no"
  if not record or not record.request or record.request.method ~= "POST" then
    return known
  end
  return worse(known, record.answer and judge.purchase(record.answer).purchased or "unknown")
end

local function may_repeat(call, repeats, outcome, purchased, phone_number)
  if purchased == "yes" or (purchased == "unknown" and not phone_number) then
    return false
  end
  return call:may_repeat(repeats, outcome, phone_number ~= nil)
end

local function fail(call, outcome, purchased, doubt)
  local reasons = {}
  if outcome.reason and outcome.reason ~= "" then
    reasons[1] = outcome.reason
  end
  if purchased == "unknown" and outcome.purchased == "no" then
    reasons[#reasons + 1] = "an earlier attempt went unanswered"
  end
  if doubt then
    local why = doubt.reason ~= "" and doubt.reason or doubt.kind
    reasons[#reasons + 1] = "it could not be looked up: " .. why
  end
  if call.cancelled then
    outcome.kind = call.client.closed and "closed" or "cancelled"
  end
  outcome.again = nil
  outcome.reason = table.concat(reasons, "; ")
  outcome.purchased, outcome.attempts = purchased, call.attempts
  return errors.fail(outcome)
end

--- Why nothing was sent.
---@param wrong table what is wrong with the parameters
function purchase.refuse(wrong)
  return errors.invalid(problems.describe(wrong))
end

local function url_of(call)
  return call:url("IncomingPhoneNumbers.json")
end

--- Sends a purchase for the first time, where that takes no waiting.
---@param call table
---@param params table
---@return table? record which will have number, or form and answer; nil: run() is to be called
---@return table? wrong what is wrong with the parameters: nothing was sent
function purchase.begin(call, params)
  return call:begin_purchase(url_of(call), params)
end

--- Buys a number, waiting for the outcome.
---@param call table
---@param params table
---@return table? number
---@return string? message
---@return table? err
function purchase.run(call, params)
  local number, wrong, form, answer = call:send_purchase(url_of(call), params)
  if number then
    return number
  elseif wrong then
    return purchase.refuse(wrong)
  end
  return purchase.go_on(call, form, answer)
end

--- Goes on with a purchase that was sent and brought no number, waiting for the outcome.
---@param call table
---@param form string what was sent
---@param answer table what came of it
---@return table? number
---@return string? message
---@return table? err
function purchase.go_on(call, form, answer)
  local url = url_of(call)
  local phone_number = form:match("PhoneNumber=%%2B(%d+)")
  phone_number = phone_number and "+" .. phone_number
  local purchased, repeats = "no", 0
  while true do
    local outcome = judge.purchase(answer)
    if outcome.value then
      return outcome.value
    end
    purchased = worse(purchased, outcome.purchased)
    call.purchased = purchased
    local owned, doubt
    if purchased ~= "no" and phone_number and not call.cancelled then
      owned, doubt = look_up.owned(call, phone_number)
      if owned then
        return owned
      end
    end
    if not may_repeat(call, repeats, outcome, purchased, phone_number) then
      return fail(call, outcome, purchased, doubt)
    end
    repeats = repeats + 1
    answer = call:send("POST", url, form)
  end
end

return purchase
