--- Replays a trace of spec/journal/model.py on lua/twilio/numbers/journal/order.lua: each step that writes an
--- order is made by the function that order.lua has for it, and must lead to the model's order; each decision
--- must be the one that order.lua makes. What is not in an order is checked here: the store's
--- compare-and-set, and the rules for calls in docs/exactly-once.md.
local asked = require("twilio.numbers.journal.asked")
local order = require("twilio.numbers.journal.order")

local replay = {}

--- Raises the rule that a step breaks.
local function check(condition, what)
  if not condition then
    error({ broken = what }, 0)
  end
end

local function fingerprint(key, value)
  return asked.of("key " .. key, { params = { friendly_name = "parameters " .. value } })
end

--- An order as the model describes it.
local function summary(record)
  local state, senders = order.state(record), {}
  if state == "open" then
    return "open"
  end
  for _, sender in ipairs(record.senders or {}) do
    senders[#senders + 1] = ("%s %s %s %s %s %s"):format(
      sender.token,
      tostring(sender.refused or false),
      sender.ends,
      sender.settle,
      sender.era,
      sender.term
    )
  end
  table.sort(senders)
  return ("%s %d %s"):format(state, record.number, table.concat(senders, ", "))
end

--- The model leaves out the times of senders where it has no clock.
local function sender_of(described)
  return {
    token = described.token,
    refused = described.refused or nil,
    ends = described.ends or 0,
    term = described.term or 0,
    settle = described.settle or 0,
    era = described.era or "none",
  }
end

--- The model's order, in the same form. Without a clock it keeps no senders of a bought one.
local function expected(described, record, has_clock)
  if described.state == "bought" and not has_clock then
    return summary {
      state = "bought",
      number = described.number,
      senders = record and record.senders,
    }
  end
  local senders = {}
  for _, sender in pairs(described.senders or {}) do
    senders[#senders + 1] = sender_of(sender)
  end
  return summary { state = described.state, number = described.number, senders = senders }
end

local function fingerprints_differ(run, step)
  local record = run.records[step.key]
  return step.asked ~= nil
    and not step.finish
    and asked.differences(record.asked, fingerprint(step.key, step.asked))[1] ~= nil
end

--- A call that reads an order.
local function decision(run, step)
  local state = order.state(run.records[step.key])
  if state == "open" then
    return "choose"
  elseif fingerprints_differ(run, step) then
    return "conflict"
  end
  return state == "bought" and "bought" or "help"
end

--- The store's compare-and-set: the order and the claim must be unchanged since they were read.
local function compare(run, step)
  local record = run.records[step.key]
  if step.seen then
    check(expected(step.seen, record, run.clock) == summary(record), "store: the order has changed")
  end
  if step.seen_claim then
    check(run.claims[step.number + 1] == step.seen_claim, "store: the claim has changed")
  end
end

--- Writes an order with a new version, like the store.
local function write(run, key, record)
  run.records[key], run.versions[key] = record, (run.versions[key] or 0) + 1
end

--- Whether an unconfirmed write of the call may still happen: the order has the same version.
local function is_unheard(run, token, key)
  return run.unheard[token] == (run.versions[key] or 0)
end

--- Releases the number of an order.
local function free(run, step, before)
  run.claims[step.number + 1] = 0
  if run.counts then
    run.counts[before.charged] = run.counts[before.charged] - 1
  end
end

local function call_of(run, token)
  run.calls[token] = run.calls[token] or {}
  return run.calls[token]
end

--- Records that a write by a call, or what it read, lets it send.
local function hear(run, step)
  local call = call_of(run, step.token)
  call.heard = run.records[step.key]
  call.worker = step.worker
end

local function is_heard(step)
  return not step.label:find("unheard", 1, true)
end

--- Only the process that has written a sender may act for it.
local function check_process(run, step)
  local worker = call_of(run, step.token).worker
  check(not worker or worker == step.worker, "R14: another process's sender")
end

local function check_term(run, step)
  local era = call_of(run, step.token).era
  check(not run.clock or step.sender.era == era, "R13: a time of one era with the name of another")
end

local steps = {}

function steps.read(run, step)
  check(decision(run, step) == step.decision, "order: the decision is " .. decision(run, step))
  local call = call_of(run, step.token)
  call.era = call.era or (run.clock and run.clock.era)
  call.last, call.is_refused, call.is_unanswered = run.records[step.key], false, false
  call.is_over, call.is_other_over = nil, step.over or false
end

function steps.begin(run, step)
  compare(run, step)
  check(order.state(run.records[step.key]) == "open", "order: it is not open")
  local is_anothers = step.seen_claim and step.seen_claim ~= 0 and step.seen_claim ~= step.key
  local call = call_of(run, step.token)
  check(not is_anothers or call.is_over or call.is_other_over, "R10: the other's time is not over")
  check_term(run, step)
  local new = order.begin(run.records[step.key], {
    number = step.number,
    asked = step.asked and fingerprint(step.key, step.asked),
    charged = step.record,
    op = "purchase",
  }, sender_of(step.sender))
  write(run, step.key, new)
  run.claims[step.number + 1] = step.key
  if run.counts then
    run.counts[step.record] = run.counts[step.record] + 1
  end
  call.is_refused, call.is_unanswered, call.has_sent, call.worker = false, false, false, step.worker
  call.sends = 0
  if is_heard(step) then
    hear(run, step)
  end
end

function steps.join(run, step)
  check(order.is_trying(run.records[step.key], step.number), "order: it is not trying the number")
  check_process(run, step)
  check_term(run, step)
  write(run, step.key, order.join(run.records[step.key], sender_of(step.sender)))
  local call = call_of(run, step.token)
  call.has_sent, call.worker = false, step.worker
  if is_heard(step) then
    hear(run, step)
  end
end

function steps.cannot_join(run, step)
  local is_trying = order.is_trying(run.records[step.key], step.number)
  check(not is_trying or fingerprints_differ(run, step), "order: it can be joined")
end

function steps.send(run, step)
  local call = call_of(run, step.token)
  check(order.may_send(call.heard, step.token), "order: it may not send")
  check(order.is_trying(call.heard, step.number), "order: it may not send this number")
  check_process(run, step)
  call.is_refused, call.has_sent = false, true
  call.sends = (call.sends or 0) + 1
end

function steps.send_again(run, step)
  check(order.may_send(run.records[step.key], step.token), "order: it may not send")
  check(not is_unheard(run, step.token, step.key), "R11: a write of its own went unheard")
  hear(run, step)
end

function steps.help(run, step)
  local is_sender = order.may_send(run.records[step.key], step.token)
  check(not is_sender or step.doubt, "order: it is a sender")
end

function steps.answer(run, step)
  call_of(run, step.token).is_refused = step.refused
end

function steps.unanswered(run, step)
  call_of(run, step.token).is_unanswered = true
end

function steps.check(run, step)
  local is_same = order.is_trying(run.records[step.key], step.number)
    and not fingerprints_differ(run, step)
  check(is_same == step.same, "order: it is " .. (is_same and "the same" or "not the same"))
  local call = call_of(run, step.token)
  call.last = run.records[step.key]
  if not is_same then
    call.is_unanswered, call.is_refused = false, false
  end
end

function steps.refuse(run, step)
  local before = run.records[step.key]
  check(order.is_trying(before, step.number), "order: it is not trying the number")
  local call = call_of(run, step.token)
  check(not call.is_unanswered, "R6: an attempt of its own went unanswered")
  check_process(run, step)
  local new, is_given_up = order.refuse(before, step.token)
  write(run, step.key, new)
  check(is_given_up == step.given_up, "order: given up is " .. tostring(is_given_up))
  if is_given_up then
    free(run, step, before)
  end
  call.last = run.records[step.key]
end

function steps.sign_off(run, step)
  local before = run.records[step.key]
  check(order.is_trying(before, step.number), "order: it is not trying the number")
  check(order.sender(before, step.token), "order: it is no sender")
  check_process(run, step)
  check(not call_of(run, step.token).has_sent, "R14: it has sent")
  local new, is_given_up = order.sign_off(before, step.token)
  write(run, step.key, new)
  check(
    step.given_up == nil or step.given_up == is_given_up,
    "order: given up is " .. tostring(is_given_up)
  )
  if is_given_up then
    free(run, step, before)
  end
  call_of(run, step.token).last = run.records[step.key]
end

function steps.cannot_sign_off(run, step)
  local record = run.records[step.key]
  local is_sender = order.is_trying(record, step.number) and order.sender(record, step.token)
  check(not is_sender, "order: it can be signed off")
end

function steps.lets_pass(run, step)
  local is_refused = call_of(run, step.token).is_refused
  check(is_refused or run.trace.recovers, "R4: no refusal in hand")
end

--- Without a clock: the time of all senders of this order, or of the number's last one, is over.
function steps.time_over(run, step)
  local call = call_of(run, step.token)
  call.is_over, call.last = summary(run.records[step.key]), run.records[step.key]
end

local function judge(run, step)
  return order.judge(run.records[step.key].senders, run.clock.now, run.clock.era)
end

function steps.settled(run, step)
  check(judge(run, step), "order: the time of its senders is not over")
  if step.token then
    steps.time_over(run, step)
  end
end

function steps.not_settled(run, step)
  check(step.expired or not judge(run, step), "order: the time of its senders is over")
end

function steps.renew(run, step)
  local _, senders = judge(run, step)
  check(senders, "order: the senders' time need not be written")
  write(run, step.key, order.renew(run.records[step.key], senders))
end

function steps.give_up(run, step)
  compare(run, step)
  local before = run.records[step.key]
  local call, over = call_of(run, step.token), summary(before)
  check(call.is_over == over or call.was_over == over, "R4: the time of its senders is not over")
  local tried = #(before.tried or {})
  local new = order.give_up(before, true)
  check(
    #new.tried == tried + 1 and order.has_tried(new, step.number),
    "order: the number is not noted"
  )
  write(run, step.key, new)
  free(run, step, before)
  call_of(run, step.token).last = new
end

--- Whether one purchase was sent in all, and by this call.
local function is_sole_sender(run, step)
  local senders = run.records[step.key].senders
  return #senders == 1 and senders[1].token == step.token and call_of(run, step.token).sends == 1
end

function steps.buy(run, step)
  compare(run, step)
  check(order.is_trying(run.records[step.key], step.number), "order: it is not trying the number")
  local is_quiet = not step.seen and is_sole_sender(run, step)
  check(not is_quiet or step.under_way == 0, "quiet: a purchase is under way")
  write(run, step.key, order.buy(run.records[step.key], "PN" .. step.number, true, is_quiet))
  run.made.quiet = (run.made.quiet or 0) + (is_quiet and 1 or 0)
end

function steps.cannot_buy(run, step)
  compare(run, step)
  check(not order.is_trying(run.records[step.key], step.number), "order: it is trying the number")
end

function steps.adopt(run, step)
  compare(run, step)
  check(order.state(run.records[step.key]) == "open", "order: it is not open")
  local fields = { number = step.number, sid = "PN" .. step.number, op = "purchase" }
  write(run, step.key, order.adopt(run.records[step.key], fields))
  run.claims[step.number + 1] = step.key
end

function steps.released(run, step)
  check(call_of(run, step.token).is_over, "R14: the time of its senders is not over")
end

function steps.update(run, step)
  if step.decision == "own" then
    check(order.state(run.records[step.key]) ~= "open", "order: it is open")
  else
    local record = run.records[run.claims[step.number + 1]]
    check(order.is_trying(record, step.number), "order: the other is not trying the number")
  end
end

function steps.under_way(run, step)
  run.unheard[step.token] = run.versions[step.key] or 0
  local call = call_of(run, step.token)
  call.was_over = call.is_over -- what the write rests on, though it is made after another read
end

--- Rule R12: what a call may say of an order.
local function check_no(run, step)
  local token = step.token or run.tokens[step.worker]
  local key = run.trace.keys[step.worker]
  check(order.state(call_of(run, token).last) == "open", "R12: the order is not open")
  check(not is_unheard(run, token, key), "R12: a write of its own went unheard")
end

--- Compares the numbers that an order has given up in doubt.
local function compare_tried(record, tried)
  local own = record and record.tried or {}
  for _, number in ipairs(tried) do
    check(order.has_tried(record, number), "order: has not tried " .. number)
  end
  check(#own == #tried, "order: has tried more numbers than the model")
end

--- Compares all records with the model's.
local function compare_all(run)
  for key, described in ipairs(run.orders) do
    local record = run.records[key]
    local wanted, got = expected(described, record, run.clock), summary(record)
    check(wanted == got, ("order: %s, the model's is %s"):format(got, wanted))
    if described.tried then
      compare_tried(record, described.tried)
    end
  end
  for number, claim in ipairs(run.trace_claims) do
    check(run.claims[number] == claim, "claims: that of number " .. number - 1)
  end
  for i, count in ipairs(run.trace_counts or {}) do
    check(
      run.counts[i] == count,
      ("counts: %d of record %d, the model has %d"):format(run.counts[i], i, count)
    )
  end
end

local function copy(list)
  local new = {}
  for i, value in ipairs(list) do
    new[i] = value
  end
  return new
end

local function take(run, step)
  if step.token and step.worker then
    run.tokens[step.worker] = step.token
  end
  if step.step then
    steps[step.step](run, step)
    run.made[step.step] = (run.made[step.step] or 0) + 1
  end
  if step.says_no then
    check_no(run, step)
  end
  run.orders, run.clock = step.orders or run.orders, step.clock or run.clock
  run.trace_claims = step.claims or run.trace_claims
  run.trace_counts = step.counts or run.trace_counts
  compare_all(run)
end

--- Replays a trace.
---@param trace table as model_traces.py prints it
---@param made? table<string, integer> counts how often each kind of step was taken
---@return string? broken what a step breaks; nil: all steps are as order.lua has them
---@return string? label of that step
---@return table run with the records after the last step
function replay.run(trace, made)
  local run = {
    trace = trace,
    records = {}, -- by key
    claims = copy(trace.claims), -- the key of each number, or 0
    counts = trace.counts and copy(trace.counts),
    calls = {}, -- by token: what a call knows
    tokens = {}, -- the last of each worker
    versions = {}, -- by key
    unheard = {}, -- by token: the version that the last write that went unheard is to replace
    orders = trace.orders,
    trace_claims = trace.claims,
    trace_counts = trace.counts,
    clock = trace.clock,
    made = made or {},
  }
  for _, step in ipairs(trace.steps) do
    local ok, problem = pcall(take, run, step)
    if not ok and type(problem) == "table" then
      return problem.broken, step.label, run
    end
    assert(ok, problem)
  end
  return nil, nil, run
end

return replay
