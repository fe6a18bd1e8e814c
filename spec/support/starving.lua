--- Steps through all places where memory can run out, for a process of its own: see spec/failures.
---
--- A case is a table of functions, each called with a context that has `client`, `twilio`, and whatever
--- they put into it:
---   prepare(context)   faults, what is done once before
---   act(context)       what memory runs out for; its results, or those of context.outcome, are checked
---   finish(context)    with memory to be had again: ends what is in flight; puts `outcome` into the
---                      context, as a list, where act() is not it
---   options            of the client
---   owned()            what stands for the simulator's state
---   stride             looks at one place in so many, but for FAILURES=all
---   judge(...)         what is wrong with an outcome, see below
---   buy_again(context) afterwards
---   refused_as         the kind of error with which it ends if memory does not run out; default: "success"
local core = require("twilio.numbers.core")
local starving = require("spec_starving")

local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

local steps = {}

-- LuaJIT's compiler does not survive a failed allocation in any program.
if rawget(_G, "jit") then
  require("jit").off()
end

local MANY = 5000 -- more places than there can be

--- How often in a row memory is refused: once (Lua 5.2 and later try twice), a few times, and for good.
steps.ONCE, steps.FOR_GOOD = 2, 1e9
steps.MODES = { steps.ONCE, steps.FOR_GOOD }
if os.getenv("FAILURES") == "all" then
  steps.MODES = { 2, 3, 4, 6, 10, 20, 40, steps.FOR_GOOD }
end

--- Room for results, so that storing them takes no memory.
local function keep(outcome, ...)
  outcome[1], outcome[2], outcome[3], outcome[4] = ...
end

--- The error in an outcome, compared with the account's numbers, or nil.
---@param outcome table whether it was called, and what it returned or raised
---@param state table the simulator's
---@param times number
function steps.judge(outcome, state, times)
  local called, number, message, err = outcome[1], outcome[2], outcome[3], outcome[4]
  local bought = state.purchases
  if not called then
    -- even calling a function may take memory, before anything is sent; and without any memory, a call ends
    -- like in a crash
    local may_raise = state.posts == 0 or times ~= steps.ONCE
    local is_shortage = tostring(number):find("not enough memory", 1, true)
    return not (may_raise and is_shortage) and "raised " .. tostring(number) or nil
  elseif number then
    return bought ~= 1 and "a number, but bought: " .. bought or nil
  elseif type(message) ~= "string" or type(err) ~= "table" or tostring(err) ~= message then
    return "neither a number nor an error: " .. tostring(message)
  elseif err.purchased == "no" and bought ~= 0 or err.purchased == "yes" and bought ~= 1 then
    return ("purchased = %s, but bought: %d"):format(err.purchased, bought)
  elseif times == steps.ONCE and bought ~= 0 then
    return "it was bought, and memory was short for a moment only: " .. message
  end
end

local function client_of(twilio, case)
  local options = { base_url = twilio.http_url, ca_file = false }
  for name, value in pairs(case.options or {}) do
    options[name] = value
  end
  return clients.of(twilio, options)
end

--- Polls until none is in flight; ignores out-of-memory errors of poll().
function steps.poll_until_over(context)
  local client, ends = context.client, core.now() + 20
  repeat
    local polled, left = pcall(client.poll, client)
    if not polled and not tostring(left):find("not enough memory", 1, true) then
      error(left, 0)
    end
    core.sleep(0.0002)
  until polled and left == 0 or core.now() > ends
end

--- A case whose act() is run in a coroutine.
---@param case table
function steps.in_coroutine(case)
  local act = case.act
  function case.prepare(context)
    local outcome = { false, "it did not begin", false, false }
    context.outcome = outcome
    context.thread = coroutine.create(function()
      context.client:purchase { phone_number = "+15005550001" } -- so that it has room to start
      context.twilio:reset()
      coroutine.yield()
      outcome[2], outcome[3], outcome[4] = act(context)
      outcome[1] = true
    end)
    assert(coroutine.resume(context.thread))
  end
  function case.act(context)
    coroutine.resume(context.thread)
  end
  function case.finish(context)
    local status = coroutine.status(context.thread)
    if status == "suspended" then -- it could not be resumed
      coroutine.resume(context.thread)
    elseif not context.outcome[1] then
      context.outcome[2] = "not enough memory"
    end
  end
  return case
end

--- A case whose act() starts a call in flight and returns its results.
---@param case table
function steps.in_flight(case)
  local act = case.act
  function case.act(context)
    local pending, message, err = act(context)
    context.pending = pending
    for _ = 1, 50 do
      pcall(context.client.poll, context.client)
      if not pending or pending:done() then
        break
      end
      core.sleep(0.0002)
    end
    return pending, message, err
  end
  function case.finish(context)
    if context.pending then
      steps.poll_until_over(context)
      context.outcome = { true, context.pending:result() }
    end
  end
  return case
end

--- Checks that the client still buys, in its host.
local function buy_again(context)
  if context.client.closed then
    return true
  end
  context.twilio:clear()
  local pending = assert(context.client:purchase_async { area_code = "510" })
  steps.poll_until_over(context)
  return pending:result()
end

--- What is wrong with a case if memory never ran out. It must end as if it were called elsewhere: what fails
--- for another reason tests nothing.
local function judge_end(case, nth, outcome)
  local err = outcome[4]
  local ended = outcome[2] and "success" or (type(err) == "table" and err.kind)
  if nth == 1 then
    return "memory was never refused"
  elseif not outcome[1] or ended ~= (case.refused_as or "success") then
    return "with all memory it ends with " .. tostring(outcome[1] and ended or outcome[2])
  end
end

--- Runs a case once, with memory refused from the nth time on that Lua asks for some.
---@return string? problem
---@return boolean is_over memory was never refused
---@return string outcome in short
local function run(twilio, case, nth, times)
  twilio:clear()
  twilio:reset()
  local context = { twilio = twilio, client = client_of(twilio, case) }
  local outcome = { false, false, false, false }
  (case.prepare or core.now)(context)
  starving.arm(nth, times)
  keep(outcome, pcall(case.act, context))
  local _, refused = starving.disarm()
  if case.finish then
    case.finish(context, outcome)
  end
  outcome = context.outcome or outcome
  local state = (case.owned or twilio.state)(twilio)
  local problem = (case.judge or steps.judge)(outcome, state, times, context)
  problem = problem or (refused == 0 and judge_end(case, nth, outcome)) or nil
  local again, why = (case.buy_again or buy_again)(context)
  if not again then
    problem = (problem or "") .. " and the client is of no use any more: " .. why
  end
  context.client:close()
  local err = outcome[4]
  return problem, refused == 0, outcome[2] and "success" or type(err) == "table" and err.purchased
end

--- Steps through a case; prints problems, or the number of places without one.
function steps.through(fields, name, case)
  local twilio, counts = simulator.of(fields), {}
  for _, times in ipairs(case.modes or steps.MODES) do
    local nth, is_over, stride = 0, false, os.getenv("FAILURES") ~= "all" and case.stride or 1
    while not is_over do
      local problem, short
      nth = nth + (nth < stride and 1 or stride) -- the first ones each
      problem, is_over, short = run(twilio, case, nth, times)
      short = tostring(short)
      counts[short] = (counts[short] or 0) + 1
      if problem or nth > MANY then
        print(("%s: at %d, %g times: %s"):format(name, nth, times, problem or "no end"))
        if not os.getenv("GO_ON") then
          return
        end
      end
    end
    counts[times == steps.FOR_GOOD and "for good" or times .. " times"] = nth - stride
  end
  local words = {}
  for short, count in pairs(counts) do
    words[#words + 1] = ("%s: %d"):format(short, count)
  end
  table.sort(words)
  print(("%s: passed: %s"):format(name, table.concat(words, ", ")))
end

return steps
