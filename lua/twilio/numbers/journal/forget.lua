--- Removes finished orders from a journal, each with the claim of its number. A later call with such a key
--- buys again.
local age = require("twilio.numbers.journal.age")
local dates = require("twilio.numbers.api.dates")
local errors = require("twilio.numbers.errors")
local idempotency_key_problem = require("twilio.numbers.config.idempotency_key")
local order = require("twilio.numbers.journal.order")
local orders = require("twilio.numbers.journal.orders")
local records = require("twilio.numbers.journal.records")
local scan = require("twilio.numbers.journal.scan")

local Session = require("twilio.numbers.journal.session")

local forget = {}

local DAY = 86400 -- seconds

local UNFINISHED = "the order may have bought %s: repeat its call first, or run client:recover()"
  .. " (twilio-numbers journal recover)"
local TOO_NEW =
  "a purchase of the order, or a write to it, may still be in progress: try again in %d s"

-- ---- one record ----

local function session_of(call, entry)
  return Session.reader(call, entry.key, false, entry.parts.key, entry.parts.scope)
end

--- How long a record must be kept: until no request for it can take effect.
---@return integer milliseconds
local function settle_time(call, record)
  local most = call.client:settle_time()
  for _, sender in ipairs(record.senders or {}) do
    most = math.max(most, sender.settle)
  end
  return most
end

--- Milliseconds until a record may be removed; 0: now. The claim of a number protects it from a release
--- during a purchase, so a record with a number must stay until no purchase of it can be in progress.
---@param least integer the minimum age in milliseconds
local function wait_for(session, record, least)
  least = math.max(least, settle_time(session.call, record))
  local left = least - age.of(record, session.now, session.era, session:wall_clock())
  local is_over, senders, over_at = order.judge(record.senders, session.now, session.era)
  if senders then
    session:write("settle", order.renew(record, senders)) -- rule R13; the next read shows the result
  end
  if not is_over or not session:has_passed(over_at) then
    left = math.max(left, over_at - session.now + 1, 1)
  end
  return math.max(0, left)
end

--- Reads a record, with the claim of its number.
---@return table? record nil: there is none
---@return string? message
---@return twilio.numbers.Error? err
local function read(session, entry)
  local number = entry.record.number
  local claim_key = number and records.number(session.scope, number)
  local _, message, err = session:read { claim_key }
  if err then
    return nil, message, err
  end
  return session:record()
end

--- Removes a record with its claim. Assumes that it may be removed.
---@return boolean? removed false: another write changed it
---@return string? message
---@return twilio.numbers.Error? err
local function remove(session, record)
  local writes = { { key = session.order_key } }
  local claim_key = record.number and records.number(session.scope, record.number)
  local claim = claim_key and session:record(claim_key)
  if claim and claim.order == session.order_key then
    writes[2] = { key = claim_key }
  end
  local result, why = session:write("settle", nil, writes)
  if result == "done" or result == "differs" then
    return result == "done"
  end
  return session:fail { kind = "journal", reason = why }
end

--- Removes a record unless it is too new or unfinished.
---@param least integer the minimum age in milliseconds
---@return "removed"|"unfinished"|"new"|"changed"|nil result
---@return string|integer? message or the milliseconds left
---@return twilio.numbers.Error? err
local function try(session, entry, least)
  local record, message, err = read(session, entry)
  if err then
    return nil, message, err
  elseif not record then
    return "removed"
  elseif order.state(record) == "trying" then
    return "unfinished"
  elseif record.number ~= entry.record.number then
    return "changed"
  end
  local left = wait_for(session, record, least)
  if left > 0 then
    return "new", left
  end
  local removed
  removed, message, err = remove(session, record)
  if err then
    return nil, message, err
  end
  return removed and "removed" or "changed"
end

-- ---- one key ----

--- The error for a record that cannot be removed.
local function refuse(session, entry, result, left)
  if result == "unfinished" then
    local words = UNFINISHED:format(entry.record.number or "a number")
    return session:fail { kind = "invalid", words = words, phone_number = entry.record.number }
  end
  local seconds = result == "new" and math.ceil(left / 1000) or 1
  local words = TOO_NEW:format(seconds)
  return session:fail { kind = "in_progress", words = words, retry_after = seconds }
end

--- Finds the first record that cannot be removed. A key is removed as a whole, or a repeated call would buy
--- the missing numbers.
---@return "unfinished"|"new"|"none"|nil result
---@return string|integer? message or the milliseconds left
---@return twilio.numbers.Error|table|nil err or the session of that record
---@return table? entry
local function find_blocker(call, entries, least)
  for _, entry in ipairs(entries) do
    local session = session_of(call, entry)
    call:extend()
    local record, message, err = read(session, entry)
    if err then
      return nil, message, err
    elseif record and order.state(record) == "trying" then
      return "unfinished", nil, session, entry
    end
    local left = record and wait_for(session, record, least) or 0
    if left > 0 then
      return "new", left, session, entry
    end
  end
  return "none"
end

--- An operation, see async/start.lua: removes the records of a key.
forget.key = {
  run = function(call, key)
    local problem = idempotency_key_problem(key)
    if problem then
      return errors.invalid { { name = "key", message = "key " .. problem } }
    end
    local entries, message, err = orders.entries_of(call, key, true)
    if not entries then
      return nil, message, err
    elseif #entries == 0 then
      return errors.invalid { { name = "key", message = "no order of the account has that key" } }
    end
    local result, left, session, entry = find_blocker(call, entries, 0)
    if not result then
      return nil, left, session
    elseif result ~= "none" then
      return refuse(session, entry, result, left)
    end
    for _, one in ipairs(entries) do
      session = session_of(call, one)
      call:extend()
      result, message, err = try(session, one, 0)
      if err then
        return nil, message, err
      elseif result ~= "removed" then
        return refuse(session, one, result, message)
      end
    end
    return true
  end,
}

-- ---- old records ----

--- Removes the records of one key, unless one of them must stay. The header is last.
---@param least integer milliseconds
---@return integer? removed orders
---@return string? message
---@return twilio.numbers.Error? err
local function prune_key(call, entries, least)
  local removed = 0
  if entries[2] then
    local result, message, err = find_blocker(call, entries, least)
    if not result then
      return nil, message, err
    elseif result ~= "none" then
      return 0
    end
  end
  for _, entry in ipairs(entries) do
    call:extend()
    local result, message, err = try(session_of(call, entry), entry, least)
    if err then
      return nil, message, err
    elseif result ~= "removed" then
      return removed
    end
    removed = removed + (entry.parts.kind ~= "many" and 1 or 0)
  end
  return removed
end

--- The records of the account, by key. For purchase_many: the slots, then the header.
---@return table[][]? all
---@return string? message
---@return twilio.numbers.Error? err
local function all_keys(call)
  local by_key, all = {}, {}
  local visited, message, err = scan.each(
    call,
    { "order", "slot", "many" },
    scan.scope_of(call),
    function(entry)
      local name = (entry.parts.kind == "order" and "one " or "many ") .. entry.parts.key
      if not by_key[name] then
        by_key[name] = {}
        all[#all + 1] = by_key[name]
      end
      local list = by_key[name]
      list[#list + 1] = entry
    end
  )
  if not visited then
    return nil, message, err
  end
  return all
end

--- Removes the counts of old days.
---@return boolean? done
---@return string? message
---@return twilio.numbers.Error? err
local function prune_limits(call, seconds)
  local config = call.client.config
  local scope, counts = records.scope(config.realm, config.account_sid), {}
  local _, message, err = scan.each(call, { "limit" }, scope, function(entry)
    counts[#counts + 1] = entry
  end)
  local least = math.max(seconds, 2 * DAY)
  for _, entry in ipairs(err and {} or counts) do
    local session = session_of(call, entry)
    message, err = select(2, session:read())
    if err or entry.parts.day >= dates.day(session:wall_clock() / 1000 - least) then
      break -- they are sorted by day
    end
    message, err = select(2, remove(session, {}))
    if err then
      break
    end
  end
  if err then
    return nil, message, err
  end
  return true
end

--- An operation: removes finished orders above an age in seconds.
forget.prune = {
  run = function(call, seconds)
    if type(seconds) ~= "number" or not (seconds >= 0 and seconds < math.huge) then
      return errors.invalid { { name = "seconds", message = "give the age in seconds" } }
    end
    local all, message, err = all_keys(call)
    if not all then
      return nil, message, err
    end
    local removed = 0
    for _, entries in ipairs(all) do
      local count
      count, message, err = prune_key(call, entries, seconds * 1000)
      if not count then
        return nil, message, err
      end
      removed = removed + count
    end
    local done
    done, message, err = prune_limits(call, seconds)
    if not done then
      return nil, message, err
    end
    return removed
  end,
}

return forget
