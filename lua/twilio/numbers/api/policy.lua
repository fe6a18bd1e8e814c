--- Whether a purchase is allowed to cost what it costs: the options max_price and currency. Asked before a
--- number is chosen, and never of one that was chosen already.
local errors = require("twilio.numbers.errors")
local money = require("twilio.numbers.api.money")
local prices = require("twilio.numbers.api.prices")
local responses = require("twilio.numbers.http.response")

--- The rule of a call, for what its filter finds. Its operation keeps it in call.state.policy.
---@class twilio.numbers.Policy
---@field max_price string
---@field currency string
---@field country string of the filter
---@field type string
---@field is_met boolean the price was read, and is allowed
local Policy = {}
Policy.__index = Policy

local policy = {}

local CURRENCY = "USD"

--- Makes the rule of a call.
---@param options table checked options of the call
---@param filter table with country and type
---@return twilio.numbers.Policy|false rule false: it has none
function policy.of(options, filter)
  return options.max_price
    and setmetatable({
      max_price = options.max_price,
      currency = (options.currency or CURRENCY):upper(),
      country = filter.country,
      type = filter.type,
      is_met = false,
    }, Policy)
end

local ABOVE = "a %s number in %s costs %s %s a month, and max_price is %s %s"
local OTHER_CURRENCY = "the price of a %s number in %s is in %s, and max_price in %s"

--- Why a price is not allowed.
---@param price twilio.numbers.Price
---@return table? outcome nil: it is allowed
function Policy:judge(price)
  local reason
  if price.currency ~= self.currency then
    reason = OTHER_CURRENCY:format(self.type, self.country, price.currency, self.currency)
  elseif money.compare(price.monthly, self.max_price) > 0 then
    reason = ABOVE:format(
      self.type,
      self.country,
      price.monthly,
      price.currency,
      self.max_price,
      self.currency
    )
  end
  return reason and { kind = "policy", purchased = "no", reason = reason }
end

--- That there is no price is an answer; a price that could not be read is an error of its own kind.
local function unread(outcome)
  if outcome.has_no_price or responses.is_not_found(outcome) then
    outcome.kind, outcome.reason, outcome.words = "policy", outcome.words, nil
    outcome.has_no_price = nil
  end
  outcome.purchased = "no"
  return outcome
end

--- Why nothing may be chosen. The price is read once, by the call or by one that is a part of it.
---@param call table that reads it
---@return table? outcome nil: a number may be chosen
---@return boolean is_read the price was read now, which took its time
function Policy:refusal(call)
  if self.is_met then
    return nil, false
  end
  local price, outcome = prices.read_one(call, self.country, self.type)
  outcome = price and self:judge(price) or (outcome and unread(outcome)) or nil
  self.is_met = not outcome
  return outcome, true
end

local NEEDS_FILTER = "max_price needs a filter: the country and the type, which decide the price, cannot be"
  .. " told from a number or an area code"

--- The error of a list of numbers with a highest price.
---@return nil, string? message, twilio.numbers.Error? err
function policy.check_list(options)
  if options.max_price then
    return errors.invalid { { name = "max_price", message = NEEDS_FILTER } }
  end
end

return policy
