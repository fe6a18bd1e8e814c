--- The methods of a client for the addresses of its account, see methods.lua. meta/addresses.lua documents
--- them.
local addresses = require("twilio.numbers.api.addresses")
local create_address = require("twilio.numbers.api.create_address")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

local methods = {}

--- Starts the _async variant of an operation, see methods.lua.
local function in_flight(client, form, ...)
  return start.async(client, form, options.CALL, ...)
end

local function explain(_, outcome)
  return addresses.conceal(outcome)
end

local function list_of(filter)
  local found, message, err = list.new("addresses", filter, {}, function()
    return addresses.path()
  end)
  if not found then
    return nil, message, err
  end
  found.explain = explain
  return found
end

function methods:addresses(filter, call_options)
  start.check(self, "addresses")
  return start.by_page(self, call_options, list_of(filter))
end

function methods:addresses_async(filter, call_options, callback, ...)
  start.check(self, "addresses_async")
  local extra = start.extra(filter, ...)
  local form = "addresses_async(filter, [options,] [callback])"
  return in_flight(self, form, list.collect, call_options, callback, extra, list_of(filter))
end

function methods:create_address(params, call_options)
  start.check(self, "create_address")
  return start.now(self, options.CALL, call_options, create_address.create, params)
end

function methods:create_address_async(params, call_options, callback, ...)
  start.check(self, "create_address_async")
  local extra = start.extra(params, ...)
  local form = "create_address_async(params, [options,] [callback])"
  return in_flight(self, form, create_address.create, call_options, callback, extra, params)
end

function methods:fetch_address(sid, call_options)
  start.check(self, "fetch_address")
  return start.now(self, options.CALL, call_options, addresses.fetch, sid)
end

function methods:fetch_address_async(sid, call_options, callback, ...)
  start.check(self, "fetch_address_async")
  local extra = start.extra(sid, ...)
  local form = "fetch_address_async(sid, [options,] [callback])"
  return in_flight(self, form, addresses.fetch, call_options, callback, extra, sid)
end

function methods:delete_address(sid, call_options)
  start.check(self, "delete_address")
  return start.now(self, options.CALL, call_options, addresses.delete, sid)
end

function methods:delete_address_async(sid, call_options, callback, ...)
  start.check(self, "delete_address_async")
  local extra = start.extra(sid, ...)
  local form = "delete_address_async(sid, [options,] [callback])"
  return in_flight(self, form, addresses.delete, call_options, callback, extra, sid)
end

return methods
