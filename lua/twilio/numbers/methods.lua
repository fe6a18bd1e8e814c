--- The methods of a client that search, buy and manage numbers. meta/ documents them.
---
--- Each waits for its result: in a supported event loop it yields to the loop (option `loop`), elsewhere it
--- blocks. Its _async variant returns a pending call at once and passes the same results to a callback. The
--- options and the callback of an _async method are optional, see arguments.lua.
local countries = require("twilio.numbers.api.countries")
local places = require("twilio.numbers.api.places")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local owned_number = require("twilio.numbers.api.owned_number")
local resources = require("twilio.numbers.api.resources")
local start = require("twilio.numbers.async.start")

local methods = {}

local check, now, PURCHASE = start.check, start.now, options.PURCHASE
local in_flight = start.async

function methods:purchase(params, call_options)
  check(self, "purchase")
  return now(self, PURCHASE, call_options, self.operations.purchase, params)
end

function methods:purchase_async(params, call_options, callback, ...)
  start.check(self, "purchase_async")
  local extra = start.extra(params, ...)
  return in_flight(
    self,
    "purchase_async(params, [options,] [callback])",
    options.PURCHASE,
    self.operations.purchase,
    call_options,
    callback,
    extra,
    params
  )
end

function methods:purchase_available(filter, params, call_options)
  start.check(self, "purchase_available")
  return start.now(
    self,
    options.AVAILABLE,
    call_options,
    self.operations.purchase_available,
    filter,
    params
  )
end

function methods:purchase_available_async(filter, params, call_options, callback, ...)
  start.check(self, "purchase_available_async")
  local extra = start.extra(params, ...)
  return in_flight(
    self,
    "purchase_available_async(filter, params, [options,] [callback])",
    options.AVAILABLE,
    self.operations.purchase_available,
    call_options,
    callback,
    extra,
    filter,
    params
  )
end

function methods:purchase_many(wanted, params, call_options)
  start.check(self, "purchase_many")
  return start.now(self, options.MANY, call_options, self.operations.purchase_many, wanted, params)
end

function methods:purchase_many_async(wanted, params, call_options, callback, ...)
  start.check(self, "purchase_many_async")
  local extra = start.extra(params, ...)
  return in_flight(
    self,
    "purchase_many_async(wanted, params, [options,] [callback])",
    options.MANY,
    self.operations.purchase_many,
    call_options,
    callback,
    extra,
    wanted,
    params
  )
end

local function search(country, kind, filter)
  local wrong = {}
  places.check(country, kind, filter, wrong)
  local found, message, err = list.new("search", filter, wrong, function()
    return resources.available_path(country, kind)
  end)
  if not found then
    return nil, message, err
  end
  found.explain, found.kind = countries.explanation(country, kind), kind
  return found
end

function methods:search(country, kind, filter, call_options)
  start.check(self, "search")
  return start.by_page(self, call_options, search(country, kind, filter))
end

function methods:search_async(country, kind, filter, call_options, callback, ...)
  start.check(self, "search_async")
  local extra = start.extra(filter, ...)
  return in_flight(
    self,
    "search_async(country, kind, filter, [options,] [callback])",
    options.CALL,
    list.collect,
    call_options,
    callback,
    extra,
    search(country, kind, filter)
  )
end

local function list_of(filter)
  return list.new("list", filter, {}, function(values)
    return resources.owned_path(values.type)
  end)
end

function methods:list(filter, call_options)
  start.check(self, "list")
  return start.by_page(self, call_options, list_of(filter))
end

function methods:list_async(filter, call_options, callback, ...)
  start.check(self, "list_async")
  local extra = start.extra(filter, ...)
  return in_flight(
    self,
    "list_async(filter, [options,] [callback])",
    options.CALL,
    list.collect,
    call_options,
    callback,
    extra,
    list_of(filter)
  )
end

function methods:fetch(sid, call_options)
  start.check(self, "fetch")
  return start.now(self, options.CALL, call_options, owned_number.fetch, sid)
end

function methods:fetch_async(sid, call_options, callback, ...)
  start.check(self, "fetch_async")
  local extra = start.extra(sid, ...)
  return in_flight(
    self,
    "fetch_async(sid, [options,] [callback])",
    options.CALL,
    owned_number.fetch,
    call_options,
    callback,
    extra,
    sid
  )
end

function methods:update(sid, params, call_options)
  start.check(self, "update")
  return start.now(self, options.CALL, call_options, owned_number.update, sid, params)
end

function methods:update_async(sid, params, call_options, callback, ...)
  start.check(self, "update_async")
  local extra = start.extra(params, ...)
  return in_flight(
    self,
    "update_async(sid, params, [options,] [callback])",
    options.CALL,
    owned_number.update,
    call_options,
    callback,
    extra,
    sid,
    params
  )
end

function methods:release(sid, call_options)
  start.check(self, "release")
  return start.now(self, options.RELEASE, call_options, self.operations.release, sid)
end

function methods:release_async(sid, call_options, callback, ...)
  start.check(self, "release_async")
  local extra = start.extra(sid, ...)
  return in_flight(
    self,
    "release_async(sid, [options,] [callback])",
    options.RELEASE,
    self.operations.release,
    call_options,
    callback,
    extra,
    sid
  )
end

return methods
