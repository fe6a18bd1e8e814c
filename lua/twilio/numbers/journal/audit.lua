--- Compares the numbers of an account with its journal, in both directions. Changes nothing.
local list = require("twilio.numbers.api.list")
local order = require("twilio.numbers.journal.order")
local resources = require("twilio.numbers.api.resources")
local scan = require("twilio.numbers.journal.scan")

local PAGE_SIZE = 1000 -- Twilio's maximum

--- Reads the account's numbers, by number and by SID.
---@return { numbers: table[], by_number: table, by_sid: table }? owned
---@return string? message
---@return twilio.numbers.Error? err
local function read_account(call)
  call:extend()
  local all = list.new("list", { page_size = PAGE_SIZE }, {}, function()
    return resources.owned_path()
  end)
  local numbers, message, err = list.collect.run(call, all)
  if not numbers then
    return nil, message, err
  end
  local owned = { numbers = numbers, by_number = {}, by_sid = {} }
  for _, number in ipairs(numbers) do
    if not call:is_sid(number.sid, "PN") or type(number.phone_number) ~= "string" then
      return call:fail {
        kind = "response",
        reason = "it has a number without a SID or a phone number",
      }
    end
    owned.by_number[number.phone_number] = number
    owned.by_sid[number.sid:lower()] = number
  end
  return owned
end

--- Reads the journal: its orders, the numbers and SIDs in them, and the claims of numbers.
---@return { orders: table[], numbers: table, sids: table, claims: table }? journal
---@return string? message
---@return twilio.numbers.Error? err
local function read_journal(call)
  local journal, scope = { orders = {}, numbers = {}, sids = {}, claims = {} }, scan.scope_of(call)
  local visited, message, err = scan.each(call, scan.ORDERS, scope, function(entry)
    local record = entry.record
    journal.orders[#journal.orders + 1] = entry
    if order.state(record) ~= "open" and record.number then
      journal.numbers[record.number] = true
    end
    if record.sid then
      journal.sids[record.sid:lower()] = true
    end
  end)
  if visited then
    visited, message, err = scan.each(call, { "number" }, scope, function(entry)
      journal.claims[entry.parts.phone_number] = entry.record.order
    end)
  end
  if not visited then
    return nil, message, err
  end
  return journal
end

--- Numbers that orders have given up, but that the account owns.
local function find_strays(owned, journal)
  local strays, is_stray = {}, {}
  for _, entry in ipairs(journal.orders) do
    for _, tried in ipairs(entry.record.tried or {}) do
      local number = owned.by_number[tried]
      if number and not journal.numbers[tried] and not is_stray[tried] then
        local stray = scan.order(entry.parts, entry.record)
        stray.phone_number, stray.sid = tried, number.sid
        strays[#strays + 1], is_stray[tried] = stray, true
      end
    end
  end
  return strays, is_stray
end

--- Numbers that the account owns, but that no order names.
local function find_unnamed(owned, journal, is_stray)
  local unnamed = {}
  for sid, number in pairs(owned.by_sid) do
    local is_named = journal.sids[sid] or journal.numbers[number.phone_number]
    unnamed[#unnamed + 1] = not is_named and not is_stray[number.phone_number] and number or nil
  end
  table.sort(unnamed, function(a, b)
    return a.phone_number < b.phone_number
  end)
  return unnamed
end

--- Bought orders whose number the account does not own: neither under its SID, nor under another one while
--- the order has the number's claim.
local function find_gone(owned, journal, orders)
  local gone = {}
  for _, entry in ipairs(orders) do
    local record = entry.record
    local is_there = order.state(record) ~= "bought"
      or owned.by_sid[record.sid:lower()]
      or (owned.by_number[record.number] and journal.claims[record.number] == entry.key)
    gone[#gone + 1] = not is_there and entry or nil
  end
  return gone
end

--- An operation, see async/start.lua. The account is read first: the journal, read later, then has all its
--- numbers. The numbers of other orders may have been bought since, so for these the account is read again.
return {
  run = function(call)
    local owned, journal, message, err
    owned, message, err = read_account(call)
    if not owned then
      return nil, message, err
    end
    journal, message, err = read_journal(call)
    if not journal then
      return nil, message, err
    end
    local strays, is_stray = find_strays(owned, journal)
    local report = { unnamed = find_unnamed(owned, journal, is_stray), stray = strays, gone = {} }
    local gone = find_gone(owned, journal, journal.orders)
    if #gone > 0 then
      owned, message, err = read_account(call)
      if not owned then
        return nil, message, err
      end
      gone = find_gone(owned, journal, gone)
    end
    for i, entry in ipairs(gone) do
      report.gone[i] = scan.order(entry.parts, entry.record)
    end
    return report
  end,
}
