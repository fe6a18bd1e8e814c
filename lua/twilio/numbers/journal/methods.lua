--- The methods of a client that read and prune its journal, see methods.lua. meta/orders.lua documents them.
local errors = require("twilio.numbers.errors")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

local methods = {}

local NO_JOURNAL =
  "the client has no journal: give numbers.client the option journal, or set TWILIO_NUMBERS_JOURNAL"

local function no_journal()
  return errors.invalid { { name = "journal", message = NO_JOURNAL } }
end

--- Runs an operation by its name, for a client that has a journal.
local function now(client, call_options, name, ...)
  if not client.journal then
    return no_journal()
  end
  return start.now(client, options.CALL, call_options, client.operations[name], ...)
end

--- Starts the _async variant of an operation, see methods.lua.
local function in_flight(client, form, name, ...)
  if not client.journal then
    return no_journal()
  end
  return start.async(client, form, options.CALL, client.operations[name], ...)
end

function methods:recover(call_options)
  start.check(self, "recover")
  return now(self, call_options, "recover")
end

function methods:recover_async(call_options, callback, ...)
  start.check(self, "recover_async")
  local extra = select("#", ...)
  return in_flight(
    self,
    "recover_async([options,] [callback])",
    "recover",
    call_options,
    callback,
    extra
  )
end

function methods:orders(filter, call_options)
  start.check(self, "orders")
  if not self.journal then
    return no_journal()
  end
  return start.by_page(self, call_options, self.operations.new_orders(filter))
end

function methods:orders_async(filter, call_options, callback, ...)
  start.check(self, "orders_async")
  if not self.journal then
    return no_journal()
  end
  local extra = start.extra(filter, ...)
  local form = "orders_async(filter, [options,] [callback])"
  return start.async(
    self,
    form,
    options.CALL,
    list.collect,
    call_options,
    callback,
    extra,
    self.operations.new_orders(filter)
  )
end

function methods:order(key, call_options)
  start.check(self, "order")
  return now(self, call_options, "order", key)
end

function methods:order_async(key, call_options, callback, ...)
  start.check(self, "order_async")
  local extra = start.extra(key, ...)
  local form = "order_async(key, [options,] [callback])"
  return in_flight(self, form, "order", call_options, callback, extra, key)
end

function methods:audit(call_options)
  start.check(self, "audit")
  return now(self, call_options, "audit")
end

function methods:audit_async(call_options, callback, ...)
  start.check(self, "audit_async")
  local extra = select("#", ...)
  return in_flight(
    self,
    "audit_async([options,] [callback])",
    "audit",
    call_options,
    callback,
    extra
  )
end

function methods:forget(key, call_options)
  start.check(self, "forget")
  return now(self, call_options, "forget", key)
end

function methods:forget_async(key, call_options, callback, ...)
  start.check(self, "forget_async")
  local extra = start.extra(key, ...)
  local form = "forget_async(key, [options,] [callback])"
  return in_flight(self, form, "forget", call_options, callback, extra, key)
end

function methods:prune(seconds, call_options)
  start.check(self, "prune")
  return now(self, call_options, "prune", seconds)
end

function methods:prune_async(seconds, call_options, callback, ...)
  start.check(self, "prune_async")
  local extra = start.extra(seconds, ...)
  local form = "prune_async(seconds, [options,] [callback])"
  return in_flight(self, form, "prune", call_options, callback, extra, seconds)
end

return methods
