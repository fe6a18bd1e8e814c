--- Reads all records of some kinds in a journal, page by page, and converts orders for callers.
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")

local scan = {}

local PAGE_SIZE = 200 -- records

--- The kinds of records that are orders: those of single numbers, and those of purchase_many.
scan.ORDERS = { "order", "slot" }

--- The scope of the account of a call.
function scan.scope_of(call)
  return records.scope(call.client.config.realm, call.options.account_sid)
end

--- Decodes a list from a store.
---@return string? message what is wrong with a record
local function decode(list)
  for _, entry in ipairs(list) do
    local record, message = records.decode(entry.value)
    entry.record, entry.parts = record, records.parse(entry.key)
    if not record then
      return ("%s (%s)"):format(message, entry.key)
    elseif not entry.parts then
      return ("it has a record of an unknown kind (%s)"):format(entry.key)
    end
  end
end

--- Reads a page.
---@param prefix string of keys
---@param after string|nil the last key of the previous page
---@return { key: string, version: integer, record: table, parts: table }[]? page
---@return string? last its last key; nil if it is the last page
---@return twilio.numbers.Error? err
function scan.page(call, prefix, after)
  local list, message = call.client.journal:scan(call, prefix, after, PAGE_SIZE)
  local trouble = not list and message or (list and decode(list)) or nil
  if trouble or not list then
    return call:fail { kind = "journal", reason = trouble }
  end
  return list, #list == PAGE_SIZE and list[#list].key or nil
end

--- Visits all records of some kinds. Each page has a deadline of its own.
---@param kinds string[] see records.lua
---@param scope string
---@param visit fun(entry: table)
---@return boolean? visited
---@return string? message
---@return twilio.numbers.Error? err
function scan.each(call, kinds, scope, visit)
  for _, kind in ipairs(kinds) do
    local after
    repeat
      call:extend()
      local page, last, err = scan.page(call, records.prefix(kind, scope), after)
      if not page then
        return nil, last, err
      end
      for _, entry in ipairs(page) do
        visit(entry)
      end
      after = last
    until not after
  end
  return true
end

--- Converts an order for the caller.
---@param parts table of its record's key, see records.parse()
---@param record table
---@return twilio.numbers.Order
function scan.order(parts, record)
  return {
    key = parts.key,
    slot = parts.slot,
    op = record.op,
    state = order.state(record),
    phone_number = record.number,
    sid = record.sid,
    adopted = record.adopted,
    tried = record.tried,
    at = record.at,
    by = record.by,
    last_error = record.last_error,
  }
end

return scan
