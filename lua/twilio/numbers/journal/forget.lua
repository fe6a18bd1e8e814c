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

-- ---- the records of a key ----

--- A view of the records of a key, which are removed together: if only some were, a repeated purchase_many
--- would buy their numbers again.
local function session_of(call, entries)
  local first = entries[1]
  return Session.reader(call, first.key, false, first.parts.key, first.parts.scope)
end

--- The keys of the claims that an entry's order may have: of its number, and of its other spelling.
---@return string[]
local function claims_of(session, entry)
  local keys = {}
  for i, number in ipairs { entry.record.number, entry.record.owned_as } do
    keys[i] = records.number(session.scope, number)
  end
  return keys
end

--- Reads the records again, with the claims of their numbers.
---@return boolean? read
---@return string? message
---@return twilio.numbers.Error? err
local function read(session, entries)
  local keys = {}
  for _, entry in ipairs(entries) do
    keys[#keys + 1] = entry.key
    for _, key in ipairs(claims_of(session, entry)) do
      keys[#keys + 1] = key
    end
  end
  return session:read_many(keys, true)
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
--- during a purchase, so a record with a number must stay until no purchase of it can be in progress. Of
--- senders of another era only the wall clock can tell, which counts from a day on.
---@param least integer the minimum age in milliseconds
---@return integer left
---@return table[]? senders to write first, see order.judge()
local function wait_for(session, record, least)
  local now, era, wall = session.now, session.era, session:wall_clock()
  local left = math.max(least, settle_time(session.call, record)) - age.of(record, now, era, wall)
  local is_over, senders, over_at = order.judge(record.senders, now, era)
  if least >= DAY * 1000 and age.are_senders_past(record, least, now, era, wall) then
    return math.max(0, left)
  elseif not is_over or not session:has_passed(over_at) then
    left = math.max(left, over_at - now + 1, 1)
  end
  return math.max(0, left), senders
end

--- Whether a record may have other claims than when it was listed.
local function has_other_claims(record, listed)
  return record.number ~= nil
    and (record.number ~= listed.number or record.owned_as ~= listed.owned_as)
end

--- Finds a record that cannot be removed, the one that must be kept longest.
---@param least integer the minimum age in milliseconds
---@return "unfinished"|"new"|nil obstacle
---@return integer? left milliseconds
---@return table? entry
local function find_obstacle(session, entries, least)
  local longest, blocker, renewals = 0, nil, {}
  for _, entry in ipairs(entries) do
    local record = session:record(entry.key) or {}
    local left, senders = wait_for(session, record, least)
    if order.state(record) == "trying" then
      return "unfinished", nil, entry
    elseif has_other_claims(record, entry.record) then
      left = math.max(left, 1) -- these were not read
    end
    if left > longest then
      longest, blocker = left, entry
    end
    renewals[#renewals + 1] = senders and { key = entry.key, record = order.renew(record, senders) }
  end
  if renewals[1] then
    session:write("settle", nil, renewals, true) -- rule R13; the next read shows the result
  end
  return blocker and "new", longest, blocker
end

--- Removes the records, with the claims of their numbers. Assumes that they may be removed.
---@return boolean? removed false: another write changed one
---@return string? message
---@return twilio.numbers.Error? err
local function remove(session, entries)
  local writes = {}
  for _, entry in ipairs(entries) do
    writes[#writes + 1] = { key = entry.key }
    for _, key in ipairs(claims_of(session, entry)) do
      local claim = session:record(key)
      writes[#writes + 1] = claim and claim.order == entry.key and { key = key } or nil
    end
  end
  session.call:extend()
  local result, why = session:write("settle", nil, writes)
  if result == "done" or result == "differs" then
    return result == "done"
  end
  return session:fail { kind = "journal", reason = why }
end

-- ---- one key ----

--- The error for a record that cannot be removed.
local function refuse(session, entry, obstacle, left)
  if obstacle == "unfinished" then
    local words = UNFINISHED:format(entry.record.number or "a number")
    return session:fail { kind = "invalid", words = words, phone_number = entry.record.number }
  end
  local seconds = math.ceil(left / 1000)
  local words = TOO_NEW:format(seconds)
  return session:fail { kind = "in_progress", words = words, retry_after = seconds }
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
    local session = session_of(call, entries)
    message, err = select(2, read(session, entries))
    if err then
      return nil, message, err
    end
    local obstacle, left, entry = find_obstacle(session, entries, 0)
    if obstacle then
      return refuse(session, entry, obstacle, left)
    end
    local removed
    removed, message, err = remove(session, entries)
    if removed or err then
      return removed, message, err
    end
    return refuse(session, entries[1], "new", 1)
  end,
}

-- ---- old records ----

--- Removes the records of one key, unless one of them must stay.
---@param least integer milliseconds
---@return integer? removed orders
---@return string? message
---@return twilio.numbers.Error? err
local function prune_key(call, entries, least)
  local session = session_of(call, entries)
  local _, message, err = read(session, entries)
  if err then
    return nil, message, err
  elseif find_obstacle(session, entries, least) then
    return 0
  end
  local removed
  removed, message, err = remove(session, entries)
  if err then
    return nil, message, err
  end
  local count = 0
  for _, entry in ipairs(removed and entries or {}) do
    count = count + (entry.parts.kind ~= "many" and 1 or 0)
  end
  return count
end

--- The records of the account, by key.
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
    local session = session_of(call, { entry })
    message, err = select(2, read(session, { entry }))
    if err or entry.parts.day >= dates.day(session:wall_clock() / 1000 - least) then
      break -- they are sorted by day
    end
    message, err = select(2, remove(session, { entry }))
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
