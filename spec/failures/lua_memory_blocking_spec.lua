-- Lua runs out of memory at any place of a purchase that blocks: what was bought is never hidden.
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

describe("a purchase for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function passes(name, case)
    starved.check(twilio, name, case)
  end

  it("by area code ends with the number, or an error that is right about money", function()
    passes(
      "area code",
      [[{
      act = function(context)
        return context.client:purchase { area_code = "415", friendly_name = "Front desk" }
      end,
    }]]
    )
  end)

  it("by phone number, with a retry after a 429, does so too", function()
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

  it("by phone number, with a look-up after a broken connection, does so too", function()
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
  end)

  it("with an on_event does so too", function()
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

  it("in a coroutine does so too", function()
    passes(
      "coroutine",
      [[{
      prepare = function(context)
        local outcome = { false, "it did not begin", false, false }
        context.outcome = outcome
        context.thread = coroutine.create(function()
          local client = context.client
          client:purchase { phone_number = "+15005550001" } -- so that the coroutine has room to begin
          context.twilio:reset()
          coroutine.yield()
          outcome[2], outcome[3], outcome[4] = client:purchase { area_code = "415" }
          outcome[1] = true
        end)
        assert(coroutine.resume(context.thread))
      end,
      act = function(context)
        coroutine.resume(context.thread)
      end,
      finish = function(context)
        local status = coroutine.status(context.thread)
        if status == "suspended" then -- it could not even be resumed
          coroutine.resume(context.thread)
        elseif not context.outcome[1] then
          context.outcome[2] = "not enough memory"
        end
      end,
    }]]
    )
  end)

  it("by a function of the caller's does so too", function()
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
