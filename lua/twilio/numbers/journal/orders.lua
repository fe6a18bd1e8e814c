--- The orders of a journal, as a list that is read page by page.
local errors = require("twilio.numbers.errors")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")
local scan = require("twilio.numbers.journal.scan")

local orders = {}

--- An operation, see async/start.lua: reads the next page.
local turn_page = {
  run = function(call, self)
    local kind = scan.ORDERS[self.place]
    local prefix = records.prefix(kind, scan.scope_of(call))
    if kind == "order" then
      prefix = prefix .. self.key
    end
    local page, last, err = scan.page(call, prefix, self.after)
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

--- Makes the list. Reads nothing.
---@param filter twilio.numbers.OrderFilter|nil
---@return twilio.numbers.List? list
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

return orders
