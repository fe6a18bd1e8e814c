-- Lua runs out of memory at any place of a purchase of any number, or of many: what was bought is reported.
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

--- Checks that a report is complete, without extra numbers.
local MANY = [[
  local function judge(outcome, state, times)
    local called, report, message = outcome[1], outcome[2], outcome[3]
    if not called and times ~= steps.ONCE and tostring(report):find("not enough memory", 1, true) then
      return -- as in a process that crashes
    elseif not called or not report then
      return state.posts > 0 and "no report: " .. tostring(called and message or report) or nil
    end
    local owned, is_known = {}, report.bought + report.unknown >= state.purchases
    for _, sid in ipairs(state.owned) do
      owned[type(sid) == "table" and sid.sid or sid] = true
    end
    local bought = 0
    for i = 1, report.wanted do
      local result = report.results[i]
      bought = bought + (result.outcome == "bought" and 1 or 0)
      if result.outcome == "bought" and not result.number then
        return "a number is missing"
      end
    end
    local is_right = bought == report.bought and #report.numbers == bought and bought <= state.purchases
    if not is_known or not is_right then
      return ("bought %d, unknown %d, owned %d"):format(bought, report.unknown, state.purchases)
    end
  end
]]

describe("purchases for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("of a list of numbers report all that were bought", function()
    starved.check(
      twilio,
      "list",
      [[{
        stride = 5,
        judge = judge,
        act = function(context)
          return context.client:purchase_many { "+14155550100", "+14155550101" }
        end,
      }]],
      MANY
    )
  end)

  it("of a list of numbers report all that were bought, in a coroutine", function()
    starved.check(
      twilio,
      "coroutine",
      [[steps.in_coroutine {
        stride = 5,
        judge = judge,
        act = function(context)
          return context.client:purchase_many { "+14155550100", "+14155550101" }
        end,
      }]],
      MANY
    )
  end)

  it("of several numbers by a filter report all that were bought", function()
    starved.check(
      twilio,
      "filter",
      [[{
        stride = 17,
        judge = judge,
        act = function(context)
          return context.client:purchase_many { country = "US", area_code = "415", count = 2 }
        end,
      }]],
      MANY
    )
  end)

  it("of any matching number return the number or an error with the right purchased", function()
    starved.check(
      twilio,
      "available",
      [[{
        stride = 13,
        act = function(context)
          return context.client:purchase_available { country = "US", area_code = "415" }
        end,
      }]]
    )
  end)
end)
