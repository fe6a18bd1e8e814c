-- Lua runs out of memory at any place of a purchase that the spending policy refuses, or of one that it
-- allows after it has searched: what is refused is never bought, and what is allowed at most once.
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

local REFUSED = [[
  local function judge(outcome, state)
    local called, number, message, err = outcome[1], outcome[2], outcome[3], outcome[4]
    if state.posts > 0 then
      return "a purchase was sent"
    elseif called and (number or err.purchased ~= "no") then
      return "taken for bought: " .. tostring(message)
    end
  end
  local function buy_again()
    return true
  end
]]

--- The refused purchases: the client's option and the arguments.
local CASES = {
  ["by its number"] = {
    '{ allow = { countries = { "CA" } } }',
    'purchase({ phone_number = "+14155550100" })',
  },
  ["by its area code"] = {
    '{ allow = { countries = { "CA" } } }',
    'purchase({ area_code = "415" })',
  },
  ["by its price"] = {
    '{ allow = { countries = { "US" } } }',
    'purchase({ phone_number = "+14155550100" }, { max_price = "1" })',
  },
  ["by a filter's prefixes"] = {
    '{ allow = { prefixes = { "+1510" } } }',
    'purchase_available({ country = "US", area_code = "415" })',
  },
}

describe("A number that the policy refuses, and for which memory runs out,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for name, case in pairs(CASES) do
    it("is not bought: " .. name, function()
      local text = [[{
        stride = 5,
        options = %s,
        judge = judge,
        refused_as = "policy",
        buy_again = buy_again,
        act = function(context)
          return context.client:%s
        end,
      }]]
      starved.check(twilio, name, text:format(case[1], case[2]), REFUSED)
    end)
  end
end)

describe("A number that the policy allows, and for which memory runs out,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("is bought at most once, and is reported", function()
    starved.check(
      twilio,
      "allowed",
      [[{
        stride = 5,
        options = { allow = { countries = { "US" } } },
        act = function(context)
          local params = { phone_number = "+14155550100" }
          return context.client:purchase(params, { max_price = "2" })
        end,
      }]]
    )
  end)
end)
