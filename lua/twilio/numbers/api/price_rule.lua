--- The rule of the options max_price and currency: the highest price per month. The price depends on country
--- and type, and is read once for each pair.
local money = require("twilio.numbers.api.money")
local prices = require("twilio.numbers.api.prices")
local responses = require("twilio.numbers.http.response")

---@class twilio.numbers.PriceRule : twilio.numbers.Rule
---@field max_price string
---@field currency string
---@field is_met table<string, true> by country and type: the price is allowed
local Price = {}
Price.__index = Price

local price = {}

local CURRENCY = "USD"

--- The rule of a call, or nil.
---@param call twilio.numbers.Call
---@return twilio.numbers.PriceRule?
function price.of(call)
  local options = call.options
  return options.max_price and price.new(options.max_price, options.currency) or nil
end

---@param max_price string
---@param currency? string
function price.new(max_price, currency)
  return setmetatable({
    max_price = max_price,
    currency = (currency or CURRENCY):upper(),
    is_met = {},
  }, Price)
end

--- Excludes nothing before the price is known.
function Price.excluded()
  return {}
end

--- Whether the number must be searched for, because the choice lacks its country or type.
---@param choice twilio.numbers.Choice
function Price.needs_search(_, choice)
  return not choice.country
end

local ABOVE = "a %s number in %s costs %s %s a month, and max_price is %s %s"
local OTHER_CURRENCY = "the price of a %s number in %s is in %s, and max_price in %s"

--- Why a price is not allowed.
---@param choice twilio.numbers.Choice with country and type
---@param found twilio.numbers.Price
---@return table? outcome nil if it is allowed
function Price:judge(choice, found)
  local kind, country, reason = choice.type, choice.country, nil
  if found.currency ~= self.currency then
    reason = OTHER_CURRENCY:format(kind, country, found.currency, self.currency)
  elseif money.compare(found.monthly, self.max_price) > 0 then
    local monthly, currency = found.monthly, found.currency
    reason = ABOVE:format(kind, country, monthly, currency, self.max_price, self.currency)
  end
  return reason and { kind = "policy", reason = reason }
end

--- The outcome without a price: kind "policy" if Twilio has none, else the kind of the failed request.
local function unread(outcome)
  if outcome.has_no_price or responses.is_not_found(outcome) then
    outcome.kind, outcome.reason, outcome.words = "policy", outcome.words, nil
    outcome.has_no_price = nil
  end
  return outcome
end

--- Why the price of a choice is not allowed.
---@param call twilio.numbers.Call that reads it
---@param choice twilio.numbers.Choice with country and type
---@return table? outcome nil if it is allowed
---@return boolean is_read the price was read now, which took time
function Price:refusal(call, choice)
  local place = choice.country .. " " .. choice.type
  if self.is_met[place] then
    return nil, false
  end
  local found, outcome = prices.read_one(call, choice.country, choice.type)
  outcome = found and self:judge(choice, found) or (outcome and unread(outcome)) or nil
  self.is_met[place] = not outcome or nil
  return outcome, true
end

return price
