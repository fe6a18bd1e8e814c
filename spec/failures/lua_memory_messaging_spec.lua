-- Lua runs out of memory at any place of a purchase for a Messaging Service: the number is never hidden, and
-- if nothing is said to be missing, it is in the service.
local simulator = require("spec.support.simulator")
local starved = require("spec.support.starved")

local BEFORE = [[
  local SERVICE, ANOTHER = "MG" .. ("0"):rep(31) .. "1", "MG" .. ("0"):rep(31) .. "3"
  local PARAMS, OPTIONS = { phone_number = "+14155550100" }, { messaging_service_sid = SERVICE }

  -- Whether a number is in the service: no other one accepts it then.
  local function is_attached(context, number)
    local client = clients.of(context.twilio, { base_url = context.twilio.http_url, ca_file = false })
    local _, _, err = client:attach(number.sid, ANOTHER)
    client:close()
    return err ~= nil and err.code == 21712
  end

  local function judge(outcome, state, times, context)
    local problem = steps.judge(outcome, state, times)
    local number, info = outcome[2], outcome[4]
    if problem or not outcome[1] or not number then
      return problem
    end
    local missing = info and info.incomplete and info.incomplete.messaging_service
    if missing and (missing.sid ~= SERVICE or type(missing.err.message) ~= "string") then
      return "it is not said what is missing"
    elseif times == steps.ONCE and missing then
      return "it is missing, and memory was short for a moment only: " .. tostring(outcome[3])
    elseif not missing and not is_attached(context, number) then
      return "it is not in the service: " .. tostring(outcome[3])
    end
  end
]]

describe("a purchase for a Messaging Service for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("returns the number or an error with the right purchased", function()
    starved.check(
      twilio,
      "a service",
      [[{
        stride = 7,
        judge = judge,
        act = function(context)
          return context.client:purchase(PARAMS, OPTIONS)
        end,
      }]],
      BEFORE
    )
  end)

  it("in flight returns the number or an error with the right purchased", function()
    starved.check(
      twilio,
      "a service, in flight",
      [[steps.in_flight {
        stride = 11,
        judge = judge,
        act = function(context)
          return context.client:purchase_async(PARAMS, OPTIONS)
        end,
      }]],
      BEFORE
    )
  end)
end)
