--- Chooses a number for an open order, and writes the choice (T1): only then is its purchase sent.
local adopt = require("twilio.numbers.journal.adopt")
local core = require("twilio.numbers.core")
local limit = require("twilio.numbers.journal.limit")
local lookup = require("twilio.numbers.api.lookup")
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")
local turn = require("twilio.numbers.journal.turn")

local Session = require("twilio.numbers.journal.session")

local choose = {}

local AGAIN = Session.AGAIN

--- Returned by run() if the order is trying a number now.
choose.BEGUN = {}

--- The pauses between attempts to write a record that other processes write too.
local FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.1 -- seconds
local POLL_EVERY = 1 -- second

-- ---- claims of other orders ----

--- The state of another order's claim of a number. "trying": the order tries the number. "bought": it has
--- bought it, and a purchase may still be in progress. "over": none can be, so a lookup decides (rule R10).
---@return "free"|"trying"|"bought"|"over"|nil state nil: the journal failed, or the order changed
---@return string|integer? message or the time at which it is over
---@return table? err
local function judge_claim(session, claim_key, keys)
  local claim = session:record(claim_key)
  if not claim or claim.order == session.order_key then
    return "free"
  end
  local all = { claim.order }
  for _, key in ipairs(keys) do
    all[#all + 1] = key
  end
  local _, message, err = session:read(all)
  if err then
    return nil, message, err
  end
  local other = session:record(claim.order)
  if
    order.state(session:record()) ~= "open" or not choose.is_same_claim(session, claim_key, claim)
  then
    return nil
  elseif order.state(other) ~= "bought" then
    return order.state(other) == "trying" and "trying" or "over", 0
  end
  local is_over, senders, over_at = order.judge(other.senders, session.now, session.era)
  if senders then
    local result, why = session:renew(senders, claim.order)
    if result == "done" or result == "differs" then
      return nil
    end
    return session:fail { kind = "journal", reason = why }
  end
  return is_over and session:has_passed(over_at) and "over" or "bought", over_at
end

function choose.is_same_claim(session, claim_key, claim)
  local now = session:record(claim_key)
  return now ~= nil and now.order == claim.order
end

-- ---- T1 ----

--- Writes T1 once: the order, the number's claim, and the count of its day. The order and the claim must be
--- unchanged since before the lookup; the count, and the header of purchase_many, are read now.
---@param holder string|nil the order that the claim is taken from. It is written too, unchanged, since a
---claim that was deleted and taken again in between starts with the same version
---@return "done"|"differs"|"failed"|"unheard"|nil result nil: an error
---@return string? message
---@return table? err
local function write(session, job, number, claim_key, charged, holder)
  local _, message, err = session:read_more { charged, session.many_key or nil }
  if err then
    return nil, message, err
  end
  local over, words, seconds = limit.problem(session, charged)
  if over then
    return session:fail {
      kind = "limit",
      words = words,
      retry_after = seconds,
      phone_number = number,
    }
  end
  local fields = adopt.fields(session, job, number, charged)
  local held = holder and session:record(holder)
  local writes = {
    { key = claim_key, record = { order = session.order_key } },
    { key = charged, record = limit.one_more(session:record(charged)) },
  }
  writes[#writes + 1] = held and { key = holder, record = held } or nil
  return session:write_first(
    "begin",
    order.begin(session:record(), fields, session:sender()),
    writes
  )
end

--- After a T1 that lost to another write: whether only the count, or the version of the header, has changed.
local function is_count_alone(session, versions)
  local keys = {}
  for key in pairs(versions) do
    keys[#keys + 1] = key
  end
  local _, _, err = session:read(keys)
  err = err or session:taken()
  for key, version in pairs(versions) do
    err = err or session:version(key) ~= version
  end
  return not err
end

--- Writes T1. Retries if only the count has changed, which all buyers of the account write, or the version of
--- the header, which all slots write.
local function begin(session, job, number, claim_key, charged, holder)
  local versions = {}
  for _, key in ipairs { session.order_key, claim_key, holder } do
    versions[key] = session:version(key)
  end
  for tries = 1, math.huge do
    local own = turn.enter(session, charged)
    local result, message, err = write(session, job, number, claim_key, charged, holder)
    turn.leave(session, charged, own)
    if result == "done" then
      return choose.BEGUN
    elseif not result then
      return nil, message, err
    elseif result ~= "differs" then
      job:put_back(number)
      return session:after_write(result, message)
    elseif not is_count_alone(session, versions) then
      job:put_back(number)
      return AGAIN
    end
    local bound = math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ^ tries)
    local drawn, fraction = pcall(core.jitter)
    if
      session.call:remaining() <= bound or not session.call:sleep(bound * (drawn and fraction or 1))
    then
      return session:fail { kind = session.call.cancelled and "cancelled" or "timeout" }
    end
  end
end

--- Handles a number that another order is buying or has bought.
local function claimed(session, job, number, state, over_at, claim_key)
  local holder = session:record(claim_key).order
  if not job.number then
    job:skip(number)
    return AGAIN
  end
  local call = session.call
  local key = (records.parse(holder) or {}).key
  local is_waited_for = state == "trying" and not job.is_offered
  if is_waited_for and call:remaining() > POLL_EVERY and call:sleep(POLL_EVERY) then
    job:put_back(number)
    return AGAIN
  elseif state == "trying" then
    return session:fail {
      kind = "in_progress",
      words = number .. " is being bought with another idempotency key",
      order = key,
      retry_after = POLL_EVERY,
      phone_number = number,
    }
  end
  local seconds = math.ceil(session:over_in(over_at))
  return session:fail {
    kind = "in_progress",
    words = number .. " belongs to the order of another idempotency key, and is not settled yet",
    order = key,
    retry_after = seconds,
    phone_number = number,
  }
end

local function conflict(session, number, claim_key)
  local key = (records.parse(session:record(claim_key).order) or {}).key
  return session:fail {
    kind = "conflict",
    words = number .. " belongs to the order of another idempotency key",
    order = key,
    phone_number = number,
  }
end

local NEEDS_LIST = "with a journal the credentials must be able to list the account's numbers"

local function cannot_look(session, doubt)
  if doubt.kind == "api" and (doubt.status == 401 or doubt.status == 403) then
    doubt.kind, doubt.words = "invalid", NEEDS_LIST
  else
    local why = doubt.reason ~= "" and doubt.reason or nil
    doubt.reason = "could not look up whether the account owns the number"
      .. (why and ": " .. why or "")
  end
  return session:fail(doubt)
end

--- Why the spending policy or the Messaging Services of the call do not allow the number.
---@return table? outcome
---@return boolean is_read requests were sent, which took time
local function refusal_of(call, job, number)
  local policy, services = call.policy, call.state.services
  local refusal, is_read, is_looked = nil, false, false
  if policy then
    refusal, is_read = policy:refusal(call, job:choice(number))
  end
  if services and not refusal then
    refusal, is_looked = services:refusal(call)
  end
  return refusal, is_read or is_looked
end

--- Chooses a number and writes T1.
---@param session twilio.numbers.Session that has just read the order: it is open
---@return table begun BEGUN, or AGAIN; else the results of the call
---@return string? message
---@return table? err
function choose.run(session, job)
  local number, _, err = job:next(session)
  if not number then
    return session:pass_on(err)
  end
  local claim_key = records.number(session.scope, number)
  local charged = limit.key(session)
  local keys = { claim_key }
  local message
  _, message, err = session:read(keys)
  if err then
    return nil, message, err
  elseif order.state(session:record()) ~= "open" then
    job:put_back(number)
    return AGAIN
  elseif order.has_tried(session:record(), number) and not job.number then
    job:skip(number)
    return AGAIN
  end
  local state, over_at, problem = judge_claim(session, claim_key, keys)
  if problem then
    return nil, over_at, problem
  elseif not state then
    job:put_back(number)
    return AGAIN
  elseif state == "trying" or (state == "bought" and not job.number) then
    return claimed(session, job, number, state, over_at, claim_key)
  end
  local owned, doubt = lookup.owned(session.call, number) -- look0, rule R3
  if doubt then
    return cannot_look(session, doubt)
  elseif owned and state ~= "free" and session.is_keyed and job.number then
    return conflict(session, number, claim_key)
  elseif owned and state ~= "free" and not job.number then
    job:skip(number)
    return AGAIN
  elseif owned then
    return job:owned(session, owned, claim_key)
  elseif state == "bought" then
    return claimed(session, job, number, state, over_at, claim_key)
  end
  local refusal, is_read = refusal_of(session.call, job, number)
  if refusal then
    return session:fail(refusal)
  elseif is_read then -- the lookup may be outdated
    job:put_back(number)
    return AGAIN
  elseif session.call.cancelled then
    return session:fail { kind = "cancelled" }
  elseif core.now() >= session.call.ends then
    return session:fail { kind = "timeout", reason = "the deadline has passed" }
  end
  local holder = state == "over" and session:record(claim_key).order or nil
  return begin(session, job, number, claim_key, charged, holder)
end

return choose
