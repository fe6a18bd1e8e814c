-- Lua runs out of memory at any place of a purchase that blocks: what was bought is never hidden.
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

describe("a purchase for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function passes(name, case)
    starved.check(twilio, name, case)
  end

  it("by area code returns the number or an error with the right purchased", function()
    passes(
      "area code",
      [[{
      act = function(context)
        return context.client:purchase { area_code = "415", friendly_name = "Front desk" }
      end,
    }]]
    )
  end)

  it("by phone number, with a retry after a 429, returns the number or a correct error", function()
    passes(
      "429",
      [[{
      prepare = function(context)
        context.twilio:fault { fault = "status", status = 429, method = "POST" }
      end,
      act = function(context)
        return context.client:purchase { phone_number = "+14155550100" }
      end,
    }]]
    )
  end)

  it(
    "by phone number, with a look-up after a broken connection, returns the number or a correct error",
    function()
      passes(
        "look-up",
        [[{
      prepare = function(context)
        context.twilio:fault { fault = "close_after_commit", method = "POST" }
      end,
      act = function(context)
        return context.client:purchase { phone_number = "+14155550100" }
      end,
    }]]
      )
    end
  )

  it("with an on_event returns the number or a correct error", function()
    passes(
      "on_event",
      [[{
      options = {
        on_event = function(event)
          return { event.url .. "!" }
        end,
      },
      act = function(context)
        return context.client:purchase { area_code = "415" }
      end,
    }]]
    )
  end)

  it("in a coroutine returns the number or a correct error", function()
    passes(
      "coroutine",
      [[steps.in_coroutine {
      act = function(context)
        return context.client:purchase { area_code = "415" }
      end,
    }]]
    )
  end)

  it("by a transport in Lua returns the number or a correct error", function()
    passes(
      "transport",
      [[{
      options = {
        transport = function(request)
          sold = sold + (request.method == "POST" and 1 or 0)
          return response
        end,
      },
      prepare = function()
        sold = 0
        response = {
          status = 201,
          headers = { ["Twilio-Request-Id"] = "RQ1" },
          body = ('{"sid": "PN%s", "phone_number": "+14155550100"}'):format(("a"):rep(32)),
        }
      end,
      act = function(context)
        return context.client:purchase { phone_number = "+14155550100" }
      end,
      owned = function()
        return { purchases = sold, posts = sold }
      end,
      buy_again = function(context)
        return context.client:purchase { area_code = "510" }
      end,
    }]]
    )
  end)
end)
