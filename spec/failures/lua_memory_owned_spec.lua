-- Lua runs out of memory at any place of a purchase that the option unless_owned refuses: what the account
-- owns is not changed, nor taken for bought.
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

local OWNED = [[
  local NUMBER = "+14155550100"
  local function prepare(context)
    assert(context.client:purchase { phone_number = NUMBER, friendly_name = "Old" })
    context.outcome = false
    context.posts = context.twilio:state().posts
  end
  local function judge(outcome, state, _, context)
    local called, number, message, err = outcome[1], outcome[2], outcome[3], outcome[4]
    if state.posts ~= context.posts then
      return "it was changed"
    elseif called and number then
      return "taken for bought"
    elseif called and err.purchased ~= "no" then
      return "purchased = " .. err.purchased .. ": " .. message
    end
  end
]]

describe("A number that the account owns, and for which memory runs out,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("is not bought by a blocking call", function()
    starved.check(
      twilio,
      "blocking",
      [[{
        stride = 3,
        prepare = prepare,
        judge = judge,
        refused_as = "invalid",
        act = function(context)
          local params = { phone_number = NUMBER, friendly_name = "New" }
          return context.client:purchase(params, { unless_owned = true })
        end,
      }]],
      OWNED
    )
  end)

  it("is not bought by a call in flight", function()
    starved.check(
      twilio,
      "in flight",
      [[{
        stride = 3,
        prepare = function(context)
          context.client:purchase_async({ phone_number = "+15005550001" }):wait()
          prepare(context)
          context.pending = false
        end,
        judge = judge,
        refused_as = "invalid",
        act = function(context)
          local params = { phone_number = NUMBER, friendly_name = "New" }
          local pending, message, err =
            context.client:purchase_async(params, { unless_owned = true })
          if not pending then
            return pending, message, err
          end
          context.pending = pending
          for _ = 1, 25 do
            pcall(context.client.poll, context.client)
            if pending:done() then
              break
            end
            core.sleep(0.0002)
          end
        end,
        finish = function(context)
          if context.pending then
            steps.poll_until_over(context)
            context.outcome = { true, context.pending:result() }
          end
        end,
      }]],
      OWNED .. 'local core = require("twilio.numbers.core")'
    )
  end)
end)
