-- Whether lua/twilio/numbers/journal/order.lua is what spec/journal/model.py proves. Random traces of the
-- model are replayed: each step must lead to the model's records, each decision must be the model's. And for
-- each mutation of the model, which takes one rule or one assumption away, the trace that breaks something
-- must not be possible. `make model` runs the model itself, which takes minutes.
--   SEED=N TRACES=N tools/test spec/journal/model_spec.lua
local core = require("twilio.numbers.core")
local left_out = require("spec.support.left_out")
local model_replay = require("spec.support.model_replay")
local order = require("twilio.numbers.journal.order")

local FIXTURE = "spec/journal/mutations.jsonl"

--- The mutations whose traces order.lua, the store's compare-and-set, or a rule for calls rejects, and the
--- message for the step.
local REFUSED = {
  ["store forgets T1"] = "^order: trying .* the model's is open$",
  ["POST before T1"] = "^order: it may not send$",
  ["no claims"] = "^store: the claim has changed$",
  ["gives up after an unknown"] = "^R4: the time of its senders is not over$",
  ["ignores other senders"] = "^order: given up is false$",
  ["gives up what was only not found"] = "^R4: no refusal in hand$",
  ["gives up without compare-and-set"] = "^store: the order has changed$",
  ["forgets its own doubt"] = "^R6: ",
  ["T2 after a look-up without compare"] = "^store: the order has changed$",
  ["takes a bought number's claim over at once"] = "^R10: ",
  ["'no' after an unheard T1"] = "^R12: a write of its own went unheard$",
  ["'no' because the last read said none"] = "^R12: a write of its own went unheard$",
  ["sends again after an unheard T3"] = "^R11: ",
  ["sends again after it noted 'refused'"] = "^order: it may not send$",
  ["signs off, T1 unheard"] = "^R12: a write of its own went unheard$",
  ["'no' after an unheard sign-off"] = "^R12: a write of its own went unheard$",
  ["signs off what was sent"] = "^R14: it has sent$",
  ["the child of a fork signs its parent off"] = "^R14: another process's sender$",
  ["the child of a fork goes on"] = "^R14: another process's sender$",
  ["conflict says 'no'"] = "^R12: the order is not open$",
  ["finish buys another number"] = "^order: the decision is help$",
  ["takes a lag for a release"] = "^R14: the time of its senders is not over$",
  ["the same, and buys again"] = "^order: bought .* the model's is open$",
  ["adopts without the claim"] = "^store: the claim has changed$",
  ["T3 gives back to the reader's record"] = "^counts: ",
  ["another era: all senders are dead"] = "^order: the time of its senders is not over$",
  ["another era: release() does not wait"] = "^order: the time of its senders is not over$",
  ["compares times across eras"] = "^order: the time of its senders is not over$",
  ["another era: T1 names it with the old one's time"] = "^R13: ",
  ["another era: a shorter term than the sender's"] = "^order: trying .* the model's is trying ",
  ["the reader's settle for another sender"] = "^order: the time of its senders is not over$",
}

--- Those that break no step: no later call would ever learn that the senders' time is over.
local NEVER_ENDS = {
  ["another era: counts, never writes"] = true,
  ["clock set back: counts, never writes"] = true,
}

--- Those that no record shows: assumptions about Twilio and clocks, results of look-ups and how requests
--- are sent; and what ensures these instead.
local ELSEWHERE = {
  ["A1 broken: later than settle, then fit"] = "an assumption",
  ["the same, a stranger releases"] = "an assumption",
  ["A2 broken: look-up stale for ever"] = "an assumption",
  ["no check before sending"] = "R7: the transport checks the time right before it sends",
  ["release() does not wait for senders"] = "R8: with a clock it is refused, see another era",
  ["no look before T1"] = "R3: the protocol looks first",
  ["signs off, the job may still be sent"] = "the I/O thread takes the job back, or says that it cannot",
  ["a replay trusts the number, not the SID"] = "R14: a replay looks at the claim",
  ["updates by a POST to the collection"] = "R14: an update is sent to its SID",
}

local function lines_of(file)
  local traces = {}
  for line in file:lines() do
    traces[#traces + 1] = assert(core.decode(line))
  end
  file:close()
  return traces
end

--- Lets time pass, and writes what judge() requires. Returns whether the time of all senders is eventually
--- over.
local function ends(run, key, writes)
  local record, now = run.records[key], run.clock.now
  for _ = 1, 100 do
    now = now + 1000
    local is_over, senders = order.judge(record.senders, now, run.clock.era)
    if is_over then
      return true
    elseif senders and writes then
      record = order.renew(record, senders)
    end
  end
  return false
end

describe("a random trace of the model", function()
  if left_out.without_program("spec/journal/model_spec.lua", "python3", "python3") then
    return
  end

  it("is possible with order.lua, step by step", function()
    local seed = tonumber(os.getenv("SEED") or "") or os.time()
    local count = tonumber(os.getenv("TRACES") or "") or 1000
    local command = "python3 -B spec/journal/model.py --traces %d --seed %d"
    local traces = lines_of(assert(io.popen(command:format(count, seed))))
    assert.equal(count, #traces)
    local made = {}
    for i, trace in ipairs(traces) do
      local broken, label = model_replay.run(trace, made)
      local where = ("SEED=%d, trace %d (%s), %s"):format(seed, i, trace.scenario, tostring(label))
      assert.is_nil(broken, where)
    end
    for _, step in ipairs {
      "begin",
      "join",
      "refuse",
      "sign_off",
      "give_up",
      "buy",
      "adopt",
      "settled",
    } do
      assert.is_true(count < 1000 or made[step] ~= nil, ("SEED=%d: no step %s"):format(seed, step))
    end
  end)
end)

describe("the trace of a mutation", function()
  local traces = lines_of(assert(io.open(FIXTURE)))

  it("exists once for each mutation", function()
    local seen, count = {}, 0
    for _, trace in ipairs(traces) do
      local name = trace.scenario
      assert.is_nil(seen[name], name)
      seen[name] = true
      local lists = (REFUSED[name] and 1 or 0)
        + (NEVER_ENDS[name] and 1 or 0)
        + (ELSEWHERE[name] and 1 or 0)
      assert.equal(1, lists, name)
    end
    for _, list in ipairs { REFUSED, NEVER_ENDS, ELSEWHERE } do
      for name in pairs(list) do
        assert.is_true(seen[name], name)
        count = count + 1
      end
    end
    assert.equal(42, count)
  end)

  it("is rejected if a record or a rule for calls forbids it", function()
    for _, trace in ipairs(traces) do
      local pattern = REFUSED[trace.scenario]
      if pattern then
        local broken, label = model_replay.run(trace)
        assert.is_string(broken, trace.scenario)
        assert.is_truthy(broken:find(pattern), ("%s: %s, %s"):format(trace.scenario, broken, label))
      end
    end
  end)

  it("ends if the senders' times are written, and not otherwise", function()
    for _, trace in ipairs(traces) do
      if NEVER_ENDS[trace.scenario] then
        local broken, _, run = model_replay.run(trace)
        assert.is_nil(broken)
        assert.equal("L4", trace.broken:sub(1, 2))
        assert.is_true(ends(run, 1, true), trace.scenario)
        assert.is_false(ends(run, 1, false), trace.scenario)
      end
    end
  end)

  it("is accepted if no record shows the problem", function()
    for _, trace in ipairs(traces) do
      if ELSEWHERE[trace.scenario] then
        assert.is_nil(model_replay.run(trace), trace.scenario)
      end
    end
  end)
end)
