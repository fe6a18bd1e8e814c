--- A call's view of its order: the records of the last read, its own writes, and what follows from them.
local access = require("twilio.numbers.journal.access")
local age = require("twilio.numbers.journal.age")
local asked = require("twilio.numbers.journal.asked")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local order = require("twilio.numbers.journal.order")
local owner = require("twilio.numbers.journal.owner")

---@class twilio.numbers.Session
---@field call table
---@field journal table
---@field scope string of the account that buys
---@field key string of the caller, or a random one
---@field is_keyed boolean the caller gave the key
---@field is_reader boolean of a call that buys nothing
---@field order_key string the record of the order
---@field many_key string|false the header of purchase_many of the same key
---@field request table<string, string>|false of a slot: the fingerprint that the header must have; false:
---there must be no header
---@field token string this call, as a sender
---@field entries table the records of the last read, by key
---@field now integer|false milliseconds of the store's clock at the last read
---@field era string|false
---@field read_at number when the last read began, on core.now()'s clock
---@field read_boot number the same on the clock of core.boot_now(), which counts the machine's sleep too
---@field is_outdated boolean another call has written since the last read
---@field unheard integer|false the version of the order whose write had no response, rule R12
---@field number string|false the number whose purchase this call has sent
---@field sent integer how many purchases it has sent
---@field has_doubt boolean some of them went unanswered
---@field refusal table|false the outcome of the latest one, if it was refused
---@field unanswered table|false the outcome of the latest unanswered one
---@field last table|false the outcome after which nothing more is sent
---@field repeats integer how often the purchase was sent again
---@field failures integer consecutive writes without a response
---@field process integer that the call belongs to
---@field over_seen table<integer, number> when senders' terms are over, by this machine's clock
local Session = {}
Session.__index = Session

for name, value in pairs(access) do
  Session[name] = value
end

local tokens = 0

--- A name for this call among the senders of all orders.
local function new_token()
  tokens = tokens + 1
  return owner.identity() .. "." .. tokens -- see owner.has_ended()
end

---@param order_key string
---@param many_key string|false
function Session.new(call, order_key, many_key, key, is_keyed, scope)
  return setmetatable({
    call = call,
    journal = call.client.journal,
    scope = scope,
    key = key,
    is_keyed = is_keyed,
    is_reader = false,
    order_key = order_key,
    many_key = many_key,
    request = false,
    token = new_token(),
    entries = {},
    now = false,
    era = false,
    read_at = 0,
    read_boot = 0,
    is_outdated = false,
    unheard = false,
    number = false,
    sent = 0,
    has_doubt = false,
    refusal = false,
    unanswered = false,
    last = false,
    repeats = 0,
    failures = 0,
    process = core.process(),
    over_seen = {},
  }, Session)
end

--- The view of a call that buys nothing, as its errors say.
---@param many_key string|false
function Session.reader(call, order_key, many_key, key, scope)
  local self = Session.new(call, order_key, many_key, key, false, scope)
  self.is_reader = true
  return self
end

-- ---- time ----

--- The store's clock: milliseconds in the era of the last read.
function Session:clock_now()
  return self.now + math.floor((core.now() - self.read_at) * 1000)
end

--- The time of day at the last read, in milliseconds since 1970.
function Session:wall_clock()
  return age.wall_clock(self.journal, self.now)
end

-- ---- what is known ----

--- Whether certainly nothing was bought with this key, nor can be (rule R12).
function Session:is_certain_of_no()
  if not self.now or self.is_outdated then
    return not self.is_keyed -- another call with the key may have sent something
  end
  local record = self:record()
  return not self.unheard and (not record or record.state == "open") -- the header of many has no state
end

--- What the order says about money. With an adopted number nothing was bought, unless purchases of it were
--- sent: until their terms are over, one may buy the number if it is released.
---@return "no"|"unknown"|"yes"
function Session:purchased()
  local record = self:record()
  if self:is_certain_of_no() then
    return "no"
  elseif order.state(record) ~= "bought" then
    return "unknown"
  elseif not record.adopted then
    return "yes"
  end
  local is_settled = record.quiet or order.judge(record.senders, self.now, self.era)
  return is_settled and "no" or "unknown"
end

--- Whether the key belongs to another request now, by the header of purchase_many.
---@return string[]|false names the fields that differ; empty: the operation; false: it does not
function Session:taken()
  local header = self.many_key and self:record(self.many_key)
  if self.request and header then
    local names = asked.differences(header.asked, self.request)
    return #names > 0 and names
  end
  return (self.request or header) and {} or false
end

--- The names of the fields in which this call differs from the order's request.
---@return string[]
function Session:differences(job)
  local record = self:record()
  return record and record.asked and asked.differences(record.asked, job.asked) or {}
end

--- Whether the order was started with other parameters than this call's.
function Session:is_for_others(job)
  return #self:differences(job) > 0
end

--- Whether this call may send now: its last write had a response (rule R11).
function Session:may_send()
  return not self.unheard and order.may_send(self:record(), self.token)
end

--- This call as a sender. It sends nothing after `ends`, which counts from before the read, so that it never
--- sends later than the record says.
function Session:sender()
  local left = math.max(0, self.call.ends - self.read_at)
  self.call.not_after = self.read_boot + left
  local term = math.ceil(left * 1000)
  return {
    token = self.token,
    ends = self.now + term,
    term = term,
    settle = self.call.client:settle_time(),
    era = self.era,
    at = self:wall_clock(),
  }
end

--- Converts a time of the store's clock to this machine's clock, once, when it is first used.
local function over_here(self, over_at)
  local seen = self.over_seen[over_at] or self.read_at + math.max(0, over_at - self.now) / 1000
  self.over_seen[over_at] = seen
  return seen
end

--- Seconds until the terms of all senders are over by both clocks, as far as known.
function Session:over_in(over_at)
  local here = over_here(self, over_at) - core.now()
  local left = (over_at - self.now + 1) / 1000 - (core.now() - self.read_at)
  return math.max(0, here, left)
end

--- Whether a time of the store's clock has also passed on this machine's clock.
function Session:has_passed(over_at)
  return core.now() >= over_here(self, over_at)
end

-- ---- the ends of a call ----

--- Creates an error from an outcome, with the key, the number, and what is known about money.
---@return nil, string message, twilio.numbers.Error err
function Session:fail(outcome)
  local record = self:record()
  if core.process() ~= self.process then -- the parent may still buy
    outcome.kind, outcome.words, outcome.reason = "cancelled", nil, Session.FORKED
    outcome.purchased_surely = "unknown"
  end
  outcome.purchased = self.is_reader and "no" or outcome.purchased_surely or self:purchased()
  outcome.purchased_surely, outcome.other = nil, nil
  outcome.idempotency_key = self.key
  outcome.phone_number = outcome.phone_number
    or (record and record.number)
    or (self.call.state and self.call.state.phone_number)
    or nil
  return self.call:fail(outcome)
end

local CONFLICT =
  "the idempotency key was used with %s: repeat that call as it was%s. Another key would buy %s"

local FINISH = ", or add the option finish (of the command: --finish) to finish %s"

--- The error of a call whose key belongs to another request.
---@param names string[] the fields that differ; empty: the operation
---@param begun string|false what the option finish would finish; false: the option cannot help
---@param more string what another key would buy
---@param fields table more fields of the error
---@return nil, string message, twilio.numbers.Error err
function Session:conflict(names, begun, more, fields)
  fields.kind, fields.problems = "conflict", {}
  for i, name in ipairs(names) do
    fields.problems[i] = { name = name, message = name .. " differs from the first call's" }
  end
  local used = #names > 0 and "other values of " .. table.concat(names, ", ") or "another operation"
  fields.words = CONFLICT:format(used, begun and FINISH:format(begun) or "", more)
  return self:fail(fields)
end

--- Adds what this call knows to an error of another part of the library.
---@return nil, string message, twilio.numbers.Error err
function Session:pass_on(err)
  return errors.restate(err, self:purchased(), self.key)
end

return Session
