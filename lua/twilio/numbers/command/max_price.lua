--- The option --max-price of buy and check.
local amount = require("twilio.numbers.config.amount")

local max_price = {}

local function to_amount(text)
  local problem = amount.problem(text)
  if problem then
    return nil, "--max-price " .. problem
  end
  return text
end

--- Adds the option.
---@param command table argparse's
---@param remark? string what its description ends with
function max_price.add(command, remark)
  command
    :option(
      "--max-price",
      "What a number may cost a month in USD, such as 1.50" .. (remark or "") .. "."
    )
    :convert(to_amount)
    :argname("<AMOUNT>")
end

return max_price
