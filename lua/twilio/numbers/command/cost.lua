--- The cost of a purchase: the option --max-price, and the price of a type of numbers.
local amount = require("twilio.numbers.config.amount")
local errors = require("twilio.numbers.errors")
local outcome = require("twilio.numbers.command.outcome")
local price_rule = require("twilio.numbers.api.price_rule")

local cost = {}

local function to_amount(text)
  local problem = amount.problem(text)
  if problem then
    return nil, ('--max-price %s, got "%s"'):format(problem, text)
  end
  return text
end

--- Adds the option.
---@param command table argparse's
---@return table option
function cost.add(command)
  return command
    :option("--max-price", "What a number may cost a month in USD, such as 1.50.")
    :convert(to_amount)
    :argname("<AMOUNT>")
end

local DEADLINE = 10 -- seconds, which a question or a search may wait for the price

--- With --max-price: refuses before the question what the purchase would refuse, because the price is too
--- high or could not be read.
---@param place { country: string, type: string }|nil
---@return integer? code
function cost.refuse(context, place, price, message, err)
  local max_price = context.args.max_price
  local rule = max_price and price_rule.new(max_price)
  if rule and price then
    local refusal = rule:judge(place, price)
    if not refusal then
      return nil
    end
    local _
    _, message, err = errors.fail(refusal)
  end
  return rule and outcome.fail(context, message, err) or nil
end

--- Reads the price of a type of numbers.
---@return twilio.numbers.Price? price
---@return string? message
---@return twilio.numbers.Error? err
function cost.read(context, country, kind)
  local options = { account_sid = context.args.account_sid, deadline = DEADLINE, retries = 0 }
  return context.wait("GET", context.client:price_async(country, kind, options))
end

return cost
