--- The question before money is spent: the numbers, their places, and their price a month.
local cost = require("twilio.numbers.command.cost")
local dry_run = require("twilio.numbers.command.dry_run")
local money = require("twilio.numbers.api.money")
local offer = require("twilio.numbers.command.offer")
local streams = require("twilio.numbers.command.streams")

local question = {}

local NAMED_MAX = 10 -- numbers that are looked up
local SAMPLE_MAX = 3 -- numbers that are shown of any that fit
local SAMPLE = { deadline = 10, retries = 0 } -- for which a question waits, in seconds

local ASK = "Buy %s for %s %s a month?"
local ASK_UNPRICED = "The price is not known: %s\nBuy %s anyway?"
local TOO_MANY = "prices are looked up for up to %d numbers at a time."

local function count_of(count)
  return count == 1 and "1 number" or ("%d numbers"):format(count)
end

local function a_month(price)
  return ("%s %s a month"):format(money.format(price.monthly), price.currency)
end

--- Shows numbers of a search that fit: the purchase takes the first such number that is still there.
---@return integer? code none fits
local function show_sample(context, wanted, fail)
  local count = math.min(wanted.count, SAMPLE_MAX)
  local candidates, message, err = dry_run.find(context, wanted, count, SAMPLE)
  local is_none = err and err.kind == "api" and not err.status
  if is_none then
    return fail(message, err)
  end
  for _, candidate in ipairs(candidates or {}) do
    local place = offer.place(candidate)
    streams.say(("  such as %s%s"):format(candidate.phone_number, place and ", " .. place or ""))
  end
end

--- The question about any numbers that fit.
local function of_any(context, wanted, fail)
  local filter, count = wanted.filter, wanted.count
  local price, message, err = cost.read(context, filter.country, filter.type)
  local code = cost.refuse(context, filter, price, message, err)
    or show_sample(context, wanted, fail)
  if code then
    return nil, code
  elseif not price then
    return ASK_UNPRICED:format(message, count_of(count))
  end
  local total = money.format(money.multiply(price.monthly, count))
  return ASK:format(count_of(count), total, price.currency)
end

--- Shows a number that is named.
local function show(one)
  local words = { one.phone_number }
  words[#words + 1] = one.candidate and offer.place(one.candidate)
  words[#words + 1] = one.price and a_month(one.price)
  streams.say("  " .. table.concat(words, ", "))
end

--- The sum of their prices.
---@return string? amount nil: one has no price, or one of another currency
---@return string? currency or why there is no sum
local function sum(offers)
  local total, currency = "0", nil
  for _, one in ipairs(offers) do
    if not one.price then
      return nil, one.message
    elseif currency and currency ~= one.price.currency then
      return nil, "the prices are in several currencies."
    end
    total, currency = money.add(total, one.price.monthly), one.price.currency
  end
  return total, currency
end

--- The question about numbers that are named.
local function of_named(context, wanted)
  local list = wanted.list
  if #list > NAMED_MAX then
    return ASK_UNPRICED:format(TOO_MANY:format(NAMED_MAX), count_of(#list))
  end
  local offers = offer.read(context, list)
  if #list == 1 then
    local one = offers[1]
    local code = cost.refuse(context, one.candidate, one.price, one.message, one.err)
    if code then
      return nil, code
    end
  end
  for _, one in ipairs(offers) do
    show(one)
  end
  local total, currency = sum(offers)
  if not total then
    return ASK_UNPRICED:format(currency, count_of(#list))
  end
  return ASK:format(count_of(#list), money.format(total), currency)
end

--- Reads what the question shows, and asks it.
---@param context table
---@param wanted table see order.lua
---@param fail fun(message: string, err: twilio.numbers.Error): integer reports that no number fits
---@return string? question
---@return integer? code it is refused
function question.of(context, wanted, fail)
  if wanted.filter then
    return of_any(context, wanted, fail)
  end
  return of_named(context, wanted)
end

return question
