--- What a client can be asked about numbers. Each function waits in the way of the host it is called in;
--- its twin with _async returns at once a pending, and the callback gets what the function returns. Of a
--- twin's last arguments, options and callback, either may be left out, see arguments.lua.
local available = require("twilio.numbers.journal.available")
local countries = require("twilio.numbers.api.countries")
local purchase_available = require("twilio.numbers.api.purchase_available")
local places = require("twilio.numbers.api.places")
local list = require("twilio.numbers.api.list")
local many = require("twilio.numbers.journal.many")
local purchase_many = require("twilio.numbers.api.purchase_many")
local options = require("twilio.numbers.config.options")
local owned_number = require("twilio.numbers.api.owned_number")
local resources = require("twilio.numbers.api.resources")
local purchase_one = require("twilio.numbers.api.purchase_one")
local purchases = require("twilio.numbers.journal.purchases")
local release = require("twilio.numbers.journal.release")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

--- Operations by name: of a client without a journal, and of one with.
local PLAIN = {
  purchase = purchase_one.purchase,
  purchase_available = purchase_available.purchase,
  purchase_many = purchase_many.operation(purchase_one),
  release = owned_number.release,
}
local JOURNALLED = {
  purchase = purchases.purchase,
  purchase_available = available,
  purchase_many = many.purchase,
  release = release,
}
local function operation_of(client, name)
  return (client.journal and JOURNALLED or PLAIN)[name]
end

local check, now, PURCHASE = start.check, start.now, options.PURCHASE
local in_flight = start.twin

--- Buys a phone number, waiting for the outcome in the way of the host it is called in (option
--- `loop`): where that has a scheduler, others go on meanwhile.
---
--- By `phone_number` (E.164) or by `area_code` (three digits; US and Canada): just one of them.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param params twilio.numbers.PurchaseParams
---@param call_options? twilio.numbers.PurchaseOptions
---@return twilio.numbers.Number? number the number as Twilio describes it
---@return string? message what went wrong, for people; also whether money may have been spent
---@return twilio.numbers.Error? err what went wrong, for programs: err.kind, err.code, err.purchased
function methods:purchase(params, call_options)
  check(self, "purchase")
  return now(self, PURCHASE, call_options, (self.journal and JOURNALLED or PLAIN).purchase, params)
end

--- Begins to buy a phone number and returns at once. The callback gets what purchase() returns: from
--- the host's loop, or if there is none from client:poll(). It is never called from here.
---@param params twilio.numbers.PurchaseParams
---@param call_options? twilio.numbers.PurchaseOptions
---@param callback? fun(number: twilio.numbers.Number?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, params, callback: function): twilio.numbers.Pending?
function methods:purchase_async(params, call_options, callback, ...)
  start.check(self, "purchase_async")
  local extra = select("#", ...)
  return in_flight(
    self,
    "purchase_async(params, [options,] [callback])",
    options.PURCHASE,
    operation_of(self, "purchase"),
    call_options,
    callback,
    extra,
    params
  )
end

--- Buys any number that fits: searches, then buys by phone number; when a number has gone or does not
--- fit, the next one. This is the way to buy "any number in 415": an unanswered attempt by phone number
--- can be looked up and repeated, one by area code cannot.
---@param filter twilio.numbers.AvailableFilter
---@param params? twilio.numbers.Settings
---@param call_options? twilio.numbers.AvailableOptions
---@return twilio.numbers.NumberOrPlan? number
---@return string? message
---@return twilio.numbers.Error? err err.phone_number: which number it was about
function methods:purchase_available(filter, params, call_options)
  start.check(self, "purchase_available")
  return start.now(
    self,
    options.AVAILABLE,
    call_options,
    operation_of(self, "purchase_available"),
    filter,
    params
  )
end

--- Begins to buy any number that fits; see purchase_available() and purchase_async().
---@param filter twilio.numbers.AvailableFilter
---@param params? twilio.numbers.Settings
---@param call_options? twilio.numbers.AvailableOptions
---@param callback? fun(number: twilio.numbers.NumberOrPlan?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, filter, params, callback: function): twilio.numbers.Pending?
function methods:purchase_available_async(filter, params, call_options, callback, ...)
  start.check(self, "purchase_available_async")
  local extra = select("#", ...)
  return in_flight(
    self,
    "purchase_available_async(filter, params, [options,] [callback])",
    options.AVAILABLE,
    operation_of(self, "purchase_available"),
    call_options,
    callback,
    extra,
    filter,
    params
  )
end

--- Buys many numbers, in flight together: those of a list (phone numbers, or tables of parameters), or
--- as many as the field `count` of a filter says.
---@param wanted twilio.numbers.Wanted[]|twilio.numbers.ManyFilter
---@param params? twilio.numbers.Settings what all of them have in common
---@param call_options? twilio.numbers.ManyOptions
---@return twilio.numbers.Report? report nil: nothing was begun
---@return string? message what is missing, if not all were bought
---@return twilio.numbers.Error? err
function methods:purchase_many(wanted, params, call_options)
  start.check(self, "purchase_many")
  return start.now(
    self,
    options.MANY,
    call_options,
    operation_of(self, "purchase_many"),
    wanted,
    params
  )
end

--- Begins to buy many numbers; see purchase_many() and purchase_async().
---@param wanted twilio.numbers.Wanted[]|twilio.numbers.ManyFilter
---@param params? twilio.numbers.Settings
---@param call_options? twilio.numbers.ManyOptions
---@param callback? fun(report: twilio.numbers.Report?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, wanted, params, callback: function): twilio.numbers.Pending?
function methods:purchase_many_async(wanted, params, call_options, callback, ...)
  start.check(self, "purchase_many_async")
  local extra = select("#", ...)
  return in_flight(
    self,
    "purchase_many_async(wanted, params, [options,] [callback])",
    options.MANY,
    operation_of(self, "purchase_many"),
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

--- What can be bought: a list that is fetched as it is read.
--- GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Local.json
--- (https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource)
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param filter? twilio.numbers.SearchFilter
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.List? list of twilio.numbers.AvailableNumber
---@return string? message
---@return twilio.numbers.Error? err
function methods:search(country, kind, filter, call_options)
  start.check(self, "search")
  return start.by_page(self, call_options, search(country, kind, filter))
end

--- Begins to read the whole of a search, for the callback, as an array.
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param filter? twilio.numbers.SearchFilter
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(items: twilio.numbers.AvailableNumber[]?, why: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, country, kind, filter, callback: function): twilio.numbers.Pending?
function methods:search_async(country, kind, filter, call_options, callback, ...)
  start.check(self, "search_async")
  local extra = select("#", ...)
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

--- What the account owns: a list that is fetched as it is read.
--- GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json
---@param filter? twilio.numbers.ListFilter
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.List? list of twilio.numbers.Number
---@return string? message
---@return twilio.numbers.Error? err
function methods:list(filter, call_options)
  start.check(self, "list")
  return start.by_page(self, call_options, list_of(filter))
end

--- Begins to read the whole of a list, for the callback, as an array.
---@param filter? twilio.numbers.ListFilter
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(items: twilio.numbers.Number[]?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, filter, callback: function): twilio.numbers.Pending?
function methods:list_async(filter, call_options, callback, ...)
  start.check(self, "list_async")
  local extra = select("#", ...)
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

--- A number that the account owns.
---@param sid string PN...
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Number? number
---@return string? message
---@return twilio.numbers.Error? err
function methods:fetch(sid, call_options)
  start.check(self, "fetch")
  return start.now(self, options.CALL, call_options, owned_number.fetch, sid)
end

--- Begins to fetch a number; see fetch().
---@param sid string PN...
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(number: twilio.numbers.Number?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, callback: function): twilio.numbers.Pending?
function methods:fetch_async(sid, call_options, callback, ...)
  start.check(self, "fetch_async")
  local extra = select("#", ...)
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

--- Changes a number. An empty string clears a URL, a SID or the name; `account_sid` hands it over to
--- another account of the family.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json
---@param sid string PN...
---@param params twilio.numbers.UpdateParams
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Number? number
---@return string? message
---@return twilio.numbers.Error? err
function methods:update(sid, params, call_options)
  start.check(self, "update")
  return start.now(self, options.CALL, call_options, owned_number.update, sid, params)
end

--- Begins to change a number; see update().
---@param sid string PN...
---@param params twilio.numbers.UpdateParams
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(number: twilio.numbers.Number?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, params, callback: function): twilio.numbers.Pending?
function methods:update_async(sid, params, call_options, callback, ...)
  start.check(self, "update_async")
  local extra = select("#", ...)
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

--- Gives a number back, for good: Twilio does not sell it again. A 404 counts as released only after an
--- attempt of the same call that went unanswered; else it is an error.
--- DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json
---@param sid string PN...
---@param call_options? twilio.numbers.ReleaseOptions
---@return true? released
---@return string? message
---@return twilio.numbers.Error? err
function methods:release(sid, call_options)
  start.check(self, "release")
  return start.now(self, options.RELEASE, call_options, operation_of(self, "release"), sid)
end

--- Begins to give a number back; see release().
---@param sid string PN...
---@param call_options? twilio.numbers.ReleaseOptions
---@param callback? fun(released: true?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, callback: function): twilio.numbers.Pending?
function methods:release_async(sid, call_options, callback, ...)
  start.check(self, "release_async")
  local extra = select("#", ...)
  return in_flight(
    self,
    "release_async(sid, [options,] [callback])",
    options.RELEASE,
    operation_of(self, "release"),
    call_options,
    callback,
    extra,
    sid
  )
end

return methods
