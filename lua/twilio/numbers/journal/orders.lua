--- The orders of a journal as a list, read page by page.
local errors = require("twilio.numbers.errors")
local idempotency_key = require("twilio.numbers.config.idempotency_key")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")
local scan = require("twilio.numbers.journal.scan")

local Session = require("twilio.numbers.journal.session")

local orders = {}

--- An operation, see async/start.lua: reads the next page.
local turn_page = {
  run = function(call, self)
    local kind = scan.ORDERS[self.place]
    local prefix = records.prefix(kind, scan.scope_of(call))
    if kind == "order" then
      prefix = prefix .. self.key
    end
    local items_before = self.items
    local page, last, err = scan.page(call, prefix, self.after)
    if self.items ~= items_before then
      return true -- another coroutine has turned the page, see api/list.lua
    end
    if not page then
      return nil, last, err
    end
    self.items, self.position, self.after = {}, 1, last
    for _, entry in ipairs(page) do
      local is_wanted = entry.parts.key:sub(1, #self.key) == self.key
        and (not self.state or order.state(entry.record) == self.state)
      if is_wanted then
        self.items[#self.items + 1] = scan.order(entry.parts, entry.record)
      end
    end
    if not last then
      self.place = self.place + 1
      self.is_last_page = not scan.ORDERS[self.place]
    end
    return true
  end,
}

--- Creates the list. Reads nothing.
---@param filter twilio.numbers.OrderFilter|nil
---@return table? list see api/list.lua
---@return string? message
---@return twilio.numbers.Error? err
function orders.new(filter)
  local values, wrong = options.read(options.ORDERS, filter)
  if #wrong > 0 then
    return errors.invalid(wrong)
  end
  local self = list.of("orders", values.limit, turn_page)
  self.state, self.key, self.place, self.after = values.state, values.key or "", 1, nil
  return self
end

-- ---- one key ----

local function add(entries, session, key)
  local record = session:record(key)
  if record then
    entries[#entries + 1] = { key = key, record = record, parts = records.parse(key) }
  end
end

--- Adds the slots of purchase_many.
local function add_slots(entries, session, count)
  local keys = {}
  for slot = 1, count do
    keys[slot] = records.slot(session.scope, slot, session.key)
  end
  local _, message, err = session:read_many(keys, true)
  if err then
    return nil, message, err
  end
  for _, key in ipairs(keys) do
    add(entries, session, key)
  end
  return true
end

--- All records of an idempotency key: the order, or the slots and then the header.
---@param call twilio.numbers.Call
---@param key string
---@param is_reader boolean an error does not say whether a number may have been bought with the key
---@return { key: string, record: table, parts: table }[]? entries
---@return string? message
---@return twilio.numbers.Error? err
function orders.entries_of(call, key, is_reader)
  local scope = scan.scope_of(call)
  local many_key = records.many(scope, key)
  local session = Session.new(call, records.order(scope, key), many_key, key, true, scope)
  session.is_reader = is_reader
  local entries = {}
  local _, message, err = session:read()
  local header = session:record(many_key)
  if err then
    return nil, message, err
  end
  add(entries, session, session.order_key)
  if header then
    _, message, err = add_slots(entries, session, header.count or 0)
    if err then
      return nil, message, err
    end
    add(entries, session, many_key)
  end
  return entries
end

--- The order of a whole purchase_many: trying if one of its numbers is, bought if all are.
local function whole(header, slots)
  local bought, state = 0, nil
  for _, one in ipairs(slots) do
    bought = bought + (one.state == "bought" and 1 or 0)
    state = one.state == "trying" and "trying" or state
  end
  local found = scan.order(header.parts, header.record)
  found.count, found.numbers = header.record.count, slots
  found.state = state or (bought == found.count and "bought") or "open"
  return found
end

--- An operation, see async/start.lua: the order of a key, false if there is none.
orders.one = {
  run = function(call, key)
    local problem = idempotency_key(key)
    if problem then
      return errors.invalid { { name = "key", message = "key " .. problem } }
    end
    local entries, message, err = orders.entries_of(call, key, false)
    if not entries then
      return nil, message, err
    end
    local single, slots = false, {}
    for _, entry in ipairs(entries) do
      local kind, found = entry.parts.kind, scan.order(entry.parts, entry.record)
      if kind == "many" then
        return whole(entry, slots) -- the order of one number, if there is one, is open
      elseif kind == "slot" then
        slots[#slots + 1] = found
      else
        single = found
      end
    end
    return single
  end,
}

return orders
