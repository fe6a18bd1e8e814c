--- The client's functions for the addresses of its account, which some countries require for a number. See
--- methods.lua for how they wait, and for the _async variants.
local addresses = require("twilio.numbers.api.addresses")
local create_address = require("twilio.numbers.api.create_address")
local list = require("twilio.numbers.api.list")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
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

--- Lists the addresses of the account. Pages are fetched as the list is read.
--- GET /2010-04-01/Accounts/{AccountSid}/Addresses.json
--- (https://www.twilio.com/docs/usage/api/address)
---@param filter? twilio.numbers.AddressFilter
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.List? list of twilio.numbers.Address
---@return string? message
---@return twilio.numbers.Error? err
function methods:addresses(filter, call_options)
  start.check(self, "addresses")
  return start.by_page(self, call_options, list_of(filter))
end

--- Starts to read a whole list of addresses. The callback receives an array.
---@param filter? twilio.numbers.AddressFilter
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(items: twilio.numbers.Address[]?, why: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, filter, callback: function): twilio.numbers.Pending?
function methods:addresses_async(filter, call_options, callback, ...)
  start.check(self, "addresses_async")
  local extra = select("#", ...)
  local form = "addresses_async(filter, [options,] [callback])"
  return in_flight(self, form, list.collect, call_options, callback, extra, list_of(filter))
end

--- Creates an address exactly once: an unanswered attempt is looked up. If the lookup does not find it, the
--- request is sent once more when the first can no longer take effect (after 90 to 180 seconds, if the
--- deadline is longer); else the error has `unheard = true` and says what to check.
---
--- Twilio accepts the address unchanged or refuses it; with `auto_correct_address = true` it may correct it.
--- A suggested correction (error 21629) is in err.details. No message or event contains a value of an
--- address. POST /2010-04-01/Accounts/{AccountSid}/Addresses.json
--- (https://www.twilio.com/docs/usage/api/address)
---@param params twilio.numbers.AddressParams
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Address? address
---@return string? message
---@return twilio.numbers.Error? err err.unheard: it may have been created
function methods:create_address(params, call_options)
  start.check(self, "create_address")
  return start.now(self, options.CALL, call_options, create_address.create, params)
end

--- Starts to create an address; see create_address().
---@param params twilio.numbers.AddressParams
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(address: twilio.numbers.Address?, why: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, params, callback: function): twilio.numbers.Pending?
function methods:create_address_async(params, call_options, callback, ...)
  start.check(self, "create_address_async")
  local extra = select("#", ...)
  local form = "create_address_async(params, [options,] [callback])"
  return in_flight(self, form, create_address.create, call_options, callback, extra, params)
end

--- Fetches an address of the account.
--- GET /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json
---@param sid string AD...
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Address? address
---@return string? message
---@return twilio.numbers.Error? err
function methods:fetch_address(sid, call_options)
  start.check(self, "fetch_address")
  return start.now(self, options.CALL, call_options, addresses.fetch, sid)
end

--- Starts to fetch an address; see fetch_address().
---@param sid string AD...
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(address: twilio.numbers.Address?, why: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, callback: function): twilio.numbers.Pending?
function methods:fetch_address_async(sid, call_options, callback, ...)
  start.check(self, "fetch_address_async")
  local extra = select("#", ...)
  local form = "fetch_address_async(sid, [options,] [callback])"
  return in_flight(self, form, addresses.fetch, call_options, callback, extra, sid)
end

--- Deletes an address. A 404 counts as deleted only after an unanswered attempt of the same call; else it is
--- an error.
--- DELETE /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json
---@param sid string AD...
---@param call_options? twilio.numbers.CallOptions
---@return true? deleted
---@return string? message
---@return twilio.numbers.Error? err
function methods:delete_address(sid, call_options)
  start.check(self, "delete_address")
  return start.now(self, options.CALL, call_options, addresses.delete, sid)
end

--- Starts to delete an address; see delete_address().
---@param sid string AD...
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(deleted: true?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, callback: function): twilio.numbers.Pending?
function methods:delete_address_async(sid, call_options, callback, ...)
  start.check(self, "delete_address_async")
  local extra = select("#", ...)
  local form = "delete_address_async(sid, [options,] [callback])"
  return in_flight(self, form, addresses.delete, call_options, callback, extra, sid)
end

return methods
