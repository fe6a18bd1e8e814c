-- Lua runs out of memory at any place of a purchase in flight: its outcome is reported, once, and hides
-- nothing.
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

--- The checks of a purchase in flight: its start, its callback, and its result.
local FLIGHT = [[
  local function flight(case)
    local calls, number, message, err
    local function callback(...)
      calls = calls + 1
      number, message, err = ...
    end
    case.prepare = function(context)
      calls, number, message, err = 0, nil, nil, nil
      context.pending, context.outcome = false, false -- places for them
      -- starts the I/O thread, and leaves no coroutine for callbacks
      local first = context.client:purchase_async({ phone_number = "+15005550001" }, error)
      pcall(first.wait, first)
      context.twilio:reset()
      if case.fault then
        context.twilio:fault(case.fault)
      end
      case.params.phone_number = case.phone_number
    end
    case.act = function(context)
      local pending, why, what = context.client:purchase_async(case.params, case.call_options, callback)
      if not pending then
        return pending, why, what
      end
      context.pending = pending
      if case.then_wants then -- the table is the caller's, who may use it again
        case.params.phone_number = case.then_wants
      end
      case.move_on(context, pending)
    end
    case.finish = function(context)
      local pending = context.pending
      if pending then
        steps.poll_until_over(context)
        local first, second, third = pending:result()
        local is_same = first == number and second == message and third == err
        local once = calls == 1 and is_same and pending:done()
        context.outcome = { once, first, second, third }
        if not once then
          context.outcome[2] = "told " .. calls .. " times, done: " .. tostring(pending:done())
        elseif context.client.scheduler.is_running then
          context.outcome = { false, "a task that is ready would not ring for poll()" }
        end
      end
    end
    return case
  end
  local function poll(context, pending)
    for _ = 1, 25 do
      pcall(context.client.poll, context.client)
      if pending:done() then
        break
      end
      core.sleep(0.0002)
    end
  end
  local function wait(_, pending)
    for _ = 1, 3 do
      pcall(pending.wait, pending, 0.005)
    end
  end
]]

describe("a purchase in flight for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function passes(name, fields)
    starved.check(twilio, name, ("flight { stride = 2, %s }"):format(fields), FLIGHT)
  end

  it("by area code reports its outcome once, with the right purchased", function()
    passes("area code", [[ params = { area_code = "415" }, move_on = poll ]])
  end)

  it("with a retry after a 429 reports its outcome once", function()
    passes(
      "429",
      [[
        fault = { fault = "status", status = 429, method = "POST" },
        phone_number = "+14155550100",
        params = {},
        move_on = poll,
      ]]
    )
  end)

  it("with a look-up after a broken connection reports its outcome once", function()
    passes(
      "look-up",
      [[
        fault = { fault = "close_after_commit", method = "POST" },
        phone_number = "+14155550100",
        params = {},
        move_on = poll,
      ]]
    )
  end)

  it("whose parameters the caller then changes buys nothing else", function()
    passes(
      "parameters",
      [[
        fault = { fault = "close_after_commit", method = "POST" },
        phone_number = "+14155550100",
        then_wants = "+14155550101",
        params = {},
        move_on = poll,
      ]]
    )
  end)

  it("that is waited for reports its outcome once", function()
    passes("wait", [[ params = { area_code = "415" }, move_on = wait ]])
  end)

  it("that is completed by an update reports its outcome once", function()
    passes(
      "update",
      [[
        fault = { fault = "ignore", parameter = "FriendlyName", method = "POST" },
        phone_number = "+14155550100",
        params = { friendly_name = "Front desk" },
        move_on = poll,
      ]]
    )
  end)
end)
