--- purchase_many of a client with a journal: each number is an order of its own. With an idempotency key the
--- orders are the slots of the key, and a header has the request: a repeated call finishes the slots that
--- were started, and buys numbers for empty ones.
local asked = require("twilio.numbers.journal.asked")
local errors = require("twilio.numbers.errors")
local jobs = require("twilio.numbers.journal.jobs")
local order = require("twilio.numbers.journal.order")
local purchase_many = require("twilio.numbers.api.purchase_many")
local purchases = require("twilio.numbers.journal.purchases")
local records = require("twilio.numbers.journal.records")

local Session = require("twilio.numbers.journal.session")

local many = {}

--- An operation: one number of many. `one` is its entry in the list, see api/batch.lua.
local part = {
  new_state = purchases.new_state,
  recover = purchases.recover,
  may_have_bought = purchases.may_have_bought,
}

function part.run(call, params, unless_owned, one)
  local whole = call.parent.state
  if one.is_offered and unless_owned == nil then
    unless_owned = true
  end
  call.options.unless_owned = unless_owned
  local slot = whole.key and { number = one.slot, asked = whole.asked, request = whole.request }
    or nil
  call.options.idempotency_key = whole.key or nil
  if not params.phone_number then
    return purchases.purchase.run(call, params, slot)
  end
  local job = jobs.named(call, params, one.is_offered, one.choice)
  return purchases.run(call, job, "purchase_many", nil, slot)
end

--- The error of a key that belongs to another request.
---@param names string[] the fields that differ; empty: the operation
---@param may_finish boolean whether the option finish would help
local function conflict(session, names, may_finish)
  local begun = may_finish and "its orders"
  return session:conflict(names, begun, "other numbers", { purchased_surely = "unknown" })
end

--- Reads the slots that earlier calls have begun.
---@return table<integer, string>? earlier their numbers, by slot
---@return integer|string bought how many of these are bought; or the message
---@return table? err
local function read_slots(session, count)
  local earlier, bought, keys = {}, 0, {}
  for slot = 1, count do
    keys[slot] = records.slot(session.scope, slot, session.key)
  end
  local _, message, err = session:read_many(keys, false)
  if err then
    return nil, message, err
  end
  for slot, key in ipairs(keys) do
    local record = session:record(key)
    local state = order.state(record)
    earlier[slot] = state ~= "open" and record.number or nil
    bought = bought + (state == "bought" and 1 or 0)
  end
  return earlier, bought
end

--- Writes the header for the request of this call.
---@return string result see Session:write()
---@return string? message
local function write_header(session, fingerprint, count)
  local header, single, new = session:record(), session:record(session.many_key), {}
  for name, value in pairs(header or {}) do
    new[name] = value
  end
  new.op, new.asked, new.count, new.at = "purchase_many", fingerprint, count, session:wall_clock()
  return session:write("begin", nil, {
    { key = session.order_key, record = new },
    { key = session.many_key, record = single }, -- unchanged: no order of one number has begun
  })
end

--- Reads the header of the key and its slots. Writes this call's request into the header if there is none, if
--- no slot has begun, or to finish the slots, unless all numbers are bought. A slot begins by a write of the
--- header too, so none begins meanwhile.
---@return table<integer, string>? earlier see read_slots()
---@return table<string, string>|string request the fingerprint of the header; or the message
---@return table? err
local function open_header(call, session, fingerprint, count)
  local finish = call.options.finish
  while true do
    local _, message, err = session:read()
    if err then
      return nil, message, err
    end
    local header = session:record()
    local names = header and asked.differences(header.asked, fingerprint) or {}
    local may_finish = header and header.count == count -- another count would leave slots that no call knows
    if order.state(session:record(session.many_key)) ~= "open" then
      return conflict(session, {}, false)
    end
    local earlier, bought
    earlier, bought, err = read_slots(session, header and header.count or 0)
    local is_begun = earlier and next(earlier) ~= nil
    if err then
      return nil, bought, err
    elseif header and #names == 0 then
      return earlier, header.asked
    elseif is_begun and not (finish and may_finish) then
      return conflict(session, finish and { "count" } or names, may_finish)
    elseif is_begun and bought == count then
      return earlier, header.asked
    end
    local result, why = write_header(session, fingerprint, count)
    if result == "done" then
      return earlier, fingerprint
    elseif result ~= "differs" then
      return session:fail { kind = "journal", reason = why }
    end
  end
end

--- The request for the fingerprint: the count and the filter, or the list.
local function request_of(call, given, count, list, params)
  return {
    operation = "purchase_many",
    count = count,
    params = params,
    messaging_service_sid = call.state.services and call.state.services:asked() or nil,
    filter = not list and call.state.found.filter or nil,
    list = list and given or nil,
  }
end

--- Compares the request with that of the key.
---@return table<integer, string>? earlier see read_slots()
---@return string? message
---@return table? err
local function open_key(call, key, request)
  local state, scope = call.state, purchases.scope_of(call)
  local fingerprint, wrong = asked.of(key, request)
  if not fingerprint then
    local _, message, err = errors.invalid { { name = "params", message = wrong } }
    return purchases.unread(call, message, err)
  end
  local many_key, single_key = records.many(scope, key), records.order(scope, key)
  local session = Session.new(call, many_key, single_key, key, true, scope)
  local earlier, header, err = open_header(call, session, fingerprint, request.count)
  if err then
    return nil, header, err
  end
  state.key, state.asked, state.request = key, fingerprint, header
  return earlier
end

local ALL_OR_NOTHING = "all_or_nothing cannot be used with an idempotency_key: a repeated call buys only the"
  .. " missing numbers"

local function run(call, given, params)
  local key = call.options.idempotency_key
  if key and call.options.all_or_nothing then
    local _, message, err = errors.invalid { { name = "all_or_nothing", message = ALL_OR_NOTHING } }
    return purchases.unread(call, message, err)
  end
  local count, list, err = purchase_many.read(call, given, params)
  if err then
    return purchases.unread(call, list, err)
  elseif not key then
    return purchase_many.carry_out(call, count, list)
  end
  local earlier, message
  earlier, message, err = open_key(call, key, request_of(call, given, count, list, params or {}))
  if err then
    return nil, message, err
  end
  local report
  report, message, err = purchase_many.carry_out(call, count, list, earlier)
  if err then
    return errors.restate(err, next(earlier) and "unknown" or err.purchased, key)
  end
  return report, message
end

--- An operation, see async/start.lua.
many.purchase = purchase_many.operation({ purchase = part, new_number = part }, run)

local recover = many.purchase.recover

function many.purchase.recover(call, why, may_go_on)
  if not call.state.report then
    return purchases.broken_off_unread(call, why)
  end
  return recover(call, why, may_go_on)
end

return many
