--- The client's functions for its journal. See methods.lua for how they wait, and for the _async variants.
local audit = require("twilio.numbers.journal.audit")
local errors = require("twilio.numbers.errors")
local forget = require("twilio.numbers.journal.forget")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local orders = require("twilio.numbers.journal.orders")
local recover = require("twilio.numbers.journal.recover")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

local function no_journal()
  return errors.invalid { { name = "journal", message = "the client has no journal" } }
end

--- Runs an operation, for a client that has a journal.
local function now(client, call_options, operation, ...)
  if not client.journal then
    return no_journal()
  end
  return start.now(client, options.CALL, call_options, operation, ...)
end

--- Starts the _async variant of an operation, see methods.lua.
local function in_flight(client, form, ...)
  if not client.journal then
    return no_journal()
  end
  return start.async(client, form, options.CALL, ...)
end

--- Looks up all unfinished orders of the account, such as a crash leaves behind, and records which numbers
--- were bought. Buys nothing: the next call with an order's key finishes it. A number that is not found a day
--- after the last call that may have sent its purchase ended is given up, and its order is open again.
---
--- The deadline applies to each order.
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Recovery? report nil: the journal cannot be read
---@return string? message why some orders could not be looked up; each has its `last_error`
---@return twilio.numbers.Error? err of the first of those
function methods:recover(call_options)
  start.check(self, "recover")
  return now(self, call_options, recover)
end

--- Starts to look up unfinished orders; see recover().
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(report: twilio.numbers.Recovery?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, callback: function): twilio.numbers.Pending?
function methods:recover_async(call_options, callback, ...)
  start.check(self, "recover_async")
  local extra = select("#", ...)
  local form = "recover_async([options,] [callback])"
  return in_flight(self, form, recover, call_options, callback, extra)
end

--- Lists the orders of the account in the journal. Pages are read as the list is iterated: first the orders
--- of single numbers, then the numbers of purchase_many, sorted by key.
---@param filter? twilio.numbers.OrderFilter
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.List? list of twilio.numbers.Order
---@return string? message
---@return twilio.numbers.Error? err
function methods:orders(filter, call_options)
  start.check(self, "orders")
  if not self.journal then
    return no_journal()
  end
  return start.by_page(self, call_options, orders.new(filter))
end

--- Starts to read the whole list of orders. The callback receives an array.
---@param filter? twilio.numbers.OrderFilter
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(items: twilio.numbers.Order[]?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, filter, callback: function): twilio.numbers.Pending?
function methods:orders_async(filter, call_options, callback, ...)
  start.check(self, "orders_async")
  local extra = select("#", ...)
  local form = "orders_async(filter, [options,] [callback])"
  return in_flight(self, form, list.collect, call_options, callback, extra, orders.new(filter))
end

--- Reads the order of an idempotency key. The order of a purchase_many has `count` and `numbers`, an order
--- for each number that was started; it is trying if one of these is, and bought if all are.
---@param key string
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Order|false|nil order false: the key was not used
---@return string? message
---@return twilio.numbers.Error? err
function methods:order(key, call_options)
  start.check(self, "order")
  return now(self, call_options, orders.one, key)
end

--- Starts to read an order; see order().
---@param key string
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(order: twilio.numbers.Order|false|nil, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, key, callback: function): twilio.numbers.Pending?
function methods:order_async(key, call_options, callback, ...)
  start.check(self, "order_async")
  local extra = select("#", ...)
  local form = "order_async(key, [options,] [callback])"
  return in_flight(self, form, orders.one, call_options, callback, extra, key)
end

--- Compares the numbers that the account owns with the journal, in both directions. Changes nothing.
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Audit? report three empty lists if all is in order
---@return string? message
---@return twilio.numbers.Error? err
function methods:audit(call_options)
  start.check(self, "audit")
  return now(self, call_options, audit)
end

--- Starts to compare the account with the journal; see audit().
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(report: twilio.numbers.Audit?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, callback: function): twilio.numbers.Pending?
function methods:audit_async(call_options, callback, ...)
  start.check(self, "audit_async")
  local extra = select("#", ...)
  local form = "audit_async([options,] [callback])"
  return in_flight(self, form, audit, call_options, callback, extra)
end

--- Removes the order of an idempotency key from the journal, with the claim of its number; for purchase_many,
--- all orders of the key. A later call with that key buys again. An unfinished order is refused (kind
--- "invalid"), and so is an order whose purchase may still be in progress (kind "in_progress", with
--- `retry_after`).
---@param key string
---@param call_options? twilio.numbers.CallOptions
---@return true? forgotten
---@return string? message
---@return twilio.numbers.Error? err
function methods:forget(key, call_options)
  start.check(self, "forget")
  return now(self, call_options, forget.key, key)
end

--- Starts to remove an order; see forget().
---@param key string
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(forgotten: true?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, key, callback: function): twilio.numbers.Pending?
function methods:forget_async(key, call_options, callback, ...)
  start.check(self, "forget_async")
  local extra = select("#", ...)
  local form = "forget_async(key, [options,] [callback])"
  return in_flight(self, form, forget.key, call_options, callback, extra, key)
end

--- Removes the finished orders (open, bought) that have not changed for a number of seconds, as forget()
--- does, and counts of days of that age. The numbers themselves are unchanged. Nothing younger than the
--- settle time is removed.
---@param seconds number at least 0
---@param call_options? twilio.numbers.CallOptions
---@return integer? removed how many orders
---@return string? message
---@return twilio.numbers.Error? err
function methods:prune(seconds, call_options)
  start.check(self, "prune")
  return now(self, call_options, forget.prune, seconds)
end

--- Starts to remove old orders; see prune().
---@param seconds number
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(removed: integer?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, seconds, callback: function): twilio.numbers.Pending?
function methods:prune_async(seconds, call_options, callback, ...)
  start.check(self, "prune_async")
  local extra = select("#", ...)
  local form = "prune_async(seconds, [options,] [callback])"
  return in_flight(self, form, forget.prune, call_options, callback, extra, seconds)
end

return methods
