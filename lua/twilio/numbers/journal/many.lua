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

local READ_MAX = 500 -- records in one read

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
  local slot = whole.key and one.slot or nil
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

--- Reads the header of the key, or writes it.
---@return boolean? written
---@return string? message
---@return table? err
local function open_header(call, session, fingerprint, count)
  local header_key = session.order_key
  while true do
    local _, message, err = session:read()
    if err then
      return nil, message, err
    end
    local header, single = session:record(), session:record(session.many_key)
    local names = header and asked.differences(header.asked, fingerprint) or {}
    local may_finish = header and header.count == count -- another count would leave slots that no call knows
    if order.state(single) ~= "open" then
      return conflict(session, {}, false)
    elseif header and (#names == 0 or (call.options.finish and may_finish)) then
      return true
    elseif header then
      return conflict(session, call.options.finish and { "count" } or names, may_finish)
    end
    local record =
      { op = "purchase_many", asked = fingerprint, count = count, at = session:wall_clock() }
    local result, why = session:write("begin", nil, {
      { key = header_key, record = record },
      { key = session.many_key, record = single }, -- unchanged: no order of one number has begun
    })
    if result == "done" then
      return true
    elseif result ~= "differs" then
      return session:fail { kind = "journal", reason = why }
    end
  end
end

--- The numbers of the slots that earlier calls have begun.
---@return table<integer, string>? earlier the numbers, by slot
---@return string? message
---@return table? err
local function read_slots(session, count)
  local earlier, keys = {}, {}
  for slot = 1, count do
    keys[#keys + 1] = records.slot(session.scope, slot, session.key)
    if #keys == READ_MAX or slot == count then
      local _, message, err = session:read(keys)
      if err then
        return nil, message, err
      end
      for i, slot_key in ipairs(keys) do
        local record = session:record(slot_key)
        if order.state(record) ~= "open" then
          earlier[slot - #keys + i] = record.number
        end
      end
      keys = {}
    end
  end
  return earlier
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

local function run(call, given, params)
  local state, key = call.state, call.options.idempotency_key
  if key and call.options.all_or_nothing then
    local message = "all_or_nothing cannot be used with an idempotency_key: a repeated call buys only"
      .. " the missing numbers"
    local _, words, err = errors.invalid { { name = "all_or_nothing", message = message } }
    return purchases.unread(call, words, err)
  end
  local count, list, err = purchase_many.read(call, given, params)
  if err then
    return purchases.unread(call, list, err)
  end
  params = params or {}
  state.key = key or false
  local earlier, message
  if key then
    local scope = purchases.scope_of(call)
    local session =
      Session.new(call, records.many(scope, key), records.order(scope, key), key, true, scope)
    local fingerprint
    fingerprint, message = asked.of(key, request_of(call, given, count, list, params))
    if not fingerprint then
      local _, words, wrong = errors.invalid { { name = "params", message = message } }
      return purchases.unread(call, words, wrong)
    end
    local _
    _, message, err = open_header(call, session, fingerprint, count)
    if not err then
      earlier, message, err = read_slots(session, count)
    end
    if err then
      return nil, message, err
    end
  end
  return purchase_many.carry_out(call, count, list, earlier)
end

--- An operation, see async/start.lua.
many.purchase = purchase_many.operation({ purchase = part, new_number = part }, run)

return many
