-- Ctrl-C, which the interpreter turns into a hook that raises, comes at any instruction of a purchase.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- The hook raises at the nth instruction, call or return of it. If the purchase is already returning, its
-- caller is interrupted.
local PROGRAM = [[
  if jit then
    jit.off()
  end
  local twilio = require("spec.support.simulator").of(twilio)
  local guard = require("twilio.numbers.async.guard")
  local methods = require("twilio.numbers.methods")
  local start = require("twilio.numbers.async.start")
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  local counts, nth, is_over, where = {}, 0, false, nil
  local problem_of = %s

  local protect = require("twilio.numbers.compat").protect
  local passing = { [pcall] = true, [protect] = true, [methods.purchase] = true }
  local returning = { [guard.run] = true, [start.leave] = true }
  local function is_outside()
    for level = 3, 9 do
      local info = debug.getinfo(level, "fSn")
      if not info or returning[info.func] then
        return true
      elseif not passing[info.func] and info.what ~= "tail" then
        return info.source:find("start.lua", 1, true) ~= nil
      end
    end
  end

  local function purchase(n)
    local was_outside, called, number, message, err
    -- what comes before and after the purchase may be interrupted as well
    pcall(function()
    debug.sethook(function()
      n = n - 1
      if n == 0 then
        debug.sethook()
        was_outside, where = is_outside(), debug.traceback()
        error("interrupted!", 0)
      end
    end, "cr", 1)
    called, number, message, err = pcall(client.purchase, client, %s)
    debug.sethook()
    end)
    was_outside = was_outside or called == nil
    return n > 0, was_outside, called, number, message, err
  end

  repeat
    nth = nth + %d
    pcall(client.purchase, client, {}) -- raises what the last one has deferred
    twilio:clear()
    twilio:reset()
    %s
    local problem, was_outside, called, number, message, err
    is_over, was_outside, called, number, message, err = purchase(nth)
    local state = twilio:state()
    if not called and not was_outside and state.posts > 0 then
      problem = "raised " .. tostring(number) .. where
    elseif called and number and state.purchases ~= 1 then
      problem = "a number, but bought: " .. state.purchases
    elseif called and not number and state.purchases > 0 and (%s or err.purchased == "no") then
      problem = message
    elseif called and number then
      problem = problem_of(number, err)
    end
    if problem then
      print("at instruction", nth, problem)
      return
    end
    local short = not called and "raised" or number and "number" or err.purchased
    counts[short] = (counts[short] or 0) + 1
  until is_over
  twilio:clear()
  assert(client:purchase { area_code = "415" })
  print("passed", counts.number, counts.unknown or 0, counts.raised)
]]

describe("Ctrl-C at any instruction of a purchase", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  ---@param is_strict boolean|string an expression: whether there must be a number
  ---@param problem_of? string the source of a function: what is wrong with a number, and the value beside it
  local function check(params, stride, prepare, is_strict, problem_of)
    if os.getenv("FAILURES") == "all" then
      stride = 1
    end
    problem_of = problem_of or "function() end"
    local source = PROGRAM:format(problem_of, params, stride, prepare, tostring(is_strict))
    local program = flights.program(twilio, source)
    local output, status = interpreter.result(program, 300)
    assert.matches("^passed\t", output)
    assert.equal(0, status)
  end

  it("by area code is raised before anything is sent, and later hides no purchase", function()
    check([[{ area_code = "415", friendly_name = "Front desk" }]], 3, "", true)
  end)

  it("by phone number does not hide what a look-up finds", function()
    local fault = [[twilio:fault { fault = "close_after_commit", method = "POST" }]]
    check([[{ phone_number = "+14155550100" }]], 11, fault, false)
  end)

  -- A number in the service is accepted by no other one.
  local IS_TOLD = [[function(number, info)
    local _, _, err = client:attach(number.sid, "MG" .. ("0"):rep(31) .. "3")
    local is_missing = not err or err.code ~= 21712
    if is_missing and not (info and info.incomplete and info.incomplete.messaging_service) then
      return "it is not said that it is not in the service"
    end
  end]]

  it("for a Messaging Service hides neither the number nor that it was not added", function()
    local options = ('{ messaging_service_sid = "MG%s1" }'):format(("0"):rep(31))
    local params = [[{ phone_number = "+14155550100" }, ]] .. options
    check(params, 11, "", "state.requests > 2", IS_TOLD)
  end)
end)

-- The purchase resumes as if memory had been short, and a look-up finds its number.
local INTERRUPTED_IN_FLIGHT = [[
  if jit then
    jit.off()
  end
  local twilio = require("spec.support.simulator").of(twilio)
  local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
  twilio:fault { fault = "close_after_commit", method = "POST" }
  debug.sethook(function()
    local _, task = next(client.scheduler.tasks)
    if task and task.is_first then
      debug.sethook()
      error("not enough memory", 0)
    end
  end, "", 1)
  local first = client:purchase_async { phone_number = "+14155550100" }
  debug.sethook()
  flights.finish(client)
  twilio:fault { fault = "status", status = 400, code = 21422, method = "POST" }
  local second = client:purchase_async { area_code = "415" }
  flights.finish(client)
  print(flights.outcome(first), flights.outcome(second))
]]

describe("A purchase in flight that an error interrupted when it was sent", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("leaves no doubt to the next one", function()
    local output, status = interpreter.result(flights.program(twilio, INTERRUPTED_IN_FLIGHT), 60)
    assert.equal("number\tapi no\n", output)
    assert.equal(0, status)
  end)
end)

-- f(...) is interrupted at its nth instruction; at_each() does so at one after the other, until f returns.
local INTERRUPT = [[
  if jit then
    jit.off()
  end
  local client = clients.of(twilio, { base_url = "http://127.0.0.1:9", ca_file = false, retries = 0 })
  local scheduler = client.scheduler

  local function interrupt(n, f, ...)
    debug.sethook(function()
      n = n - 1
      if n == 0 then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "", 1)
    f(...)
    debug.sethook()
  end

  local function at_each(prepare, f, check)
    local nth, returned = 0, false
    repeat
      nth = nth + 1
      local task = prepare()
      returned = pcall(interrupt, nth, f, task)
      local left, expected = check(task)
      if left ~= expected then
        print("at instruction", nth, left)
        os.exit(1)
      end
    until returned
  end
]]

local START = [[
  at_each(function() end, function()
    client:purchase_async { area_code = "415" }
  end, function()
    flights.until_(function()
      client:poll()
      return next(scheduler.tasks) == nil
    end, "no task left")
    return client:poll(), 0
  end)
  print("passed")
]]

local END = [[
  scheduler:add { call = {} } -- another one in flight
  at_each(function()
    local task = { call = {} }
    scheduler:add(task)
    return task
  end, function(task)
    scheduler:remove(task)
  end, function(task)
    scheduler:remove(task)
    return scheduler.pending, 1
  end)
  print("passed")
]]

describe("The number of purchases in flight is right", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function passes(program)
    local output, status = interpreter.result(flights.program(twilio, INTERRUPT .. program), 120)
    assert.equal("passed\n", output)
    assert.equal(0, status)
  end

  it("after Ctrl-C at any instruction of the start of one", function()
    passes(START)
  end)

  it("after an error at any instruction of the removal of one, which is repeated", function()
    passes(END)
  end)
end)
