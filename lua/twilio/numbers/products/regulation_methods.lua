--- The methods of a client that read what a country requires and which bundles the account has, see
--- methods.lua. meta/regulations.lua and meta/bundles.lua document them.
local bundles = require("twilio.numbers.api.bundles")
local check_purchase = require("twilio.numbers.api.check_purchase")
local core = require("twilio.numbers.core")
local list = require("twilio.numbers.api.list")
local number_types = require("twilio.numbers.config.number_types")
local options = require("twilio.numbers.config.options")
local regulations = require("twilio.numbers.api.regulations")
local resources = require("twilio.numbers.api.resources")
local start = require("twilio.numbers.async.start")

local methods = {}

function methods:requirements(country, kind, call_options)
  start.check(self, "requirements")
  return start.now(self, options.CALL, call_options, regulations.requirements, country, kind)
end

function methods:requirements_async(country, kind, call_options, callback, ...)
  start.check(self, "requirements_async")
  local extra = start.extra(kind, ...)
  return start.async(
    self,
    "requirements_async(country, type, [options,] [callback])",
    options.CALL,
    regulations.requirements,
    call_options,
    callback,
    extra,
    country,
    kind
  )
end

--- A copy of a filter with the type in Twilio's spelling.
local function with_wire_type(filter)
  if not core.is_plain_table(filter) or not number_types[filter.number_type] then
    return filter
  end
  local copy = {}
  for name, value in next, filter do
    copy[name] = value
  end
  copy.number_type = resources.wire_type(filter.number_type)
  return copy
end

local function list_of(filter)
  return list.new("bundles", with_wire_type(filter), {}, function()
    return bundles.PATH
  end)
end

function methods:bundles(filter, call_options)
  start.check(self, "bundles")
  return start.by_page(self, call_options, list_of(filter))
end

function methods:bundles_async(filter, call_options, callback, ...)
  start.check(self, "bundles_async")
  local extra = start.extra(filter, ...)
  return start.async(
    self,
    "bundles_async(filter, [options,] [callback])",
    options.CALL,
    list.collect,
    call_options,
    callback,
    extra,
    list_of(filter)
  )
end

function methods:check_purchase(what, params, call_options)
  start.check(self, "check_purchase")
  return start.now(self, options.CHECK, call_options, check_purchase.check, what, params)
end

function methods:check_purchase_async(what, params, call_options, callback, ...)
  start.check(self, "check_purchase_async")
  local extra = start.extra(params, ...)
  return start.async(
    self,
    "check_purchase_async(what, params, [options,] [callback])",
    options.CHECK,
    check_purchase.check,
    call_options,
    callback,
    extra,
    what,
    params
  )
end

return methods
