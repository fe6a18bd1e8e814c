--- The client's functions that change many owned numbers at once. See methods.lua for how they wait, and for
--- the _async variants.
local options = require("twilio.numbers.config.options")
local owned_many = require("twilio.numbers.api.owned_many")
local owned_number = require("twilio.numbers.api.owned_number")
local release = require("twilio.numbers.journal.release")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

local PLAIN_RELEASE = owned_many.release(owned_number.release)
local JOURNALLED_RELEASE = owned_many.release(release)

--- The operation that releases many numbers, each on its own.
local function release_of(client)
  return client.journal and JOURNALLED_RELEASE or PLAIN_RELEASE
end

--- Updates many numbers with the same parameters, in flight together; see update(). A refusal that concerns
--- the account stops the call: requests in flight finish, and no more are started.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param sids string[] PN..., without duplicates; 1 to 10000
---@param params twilio.numbers.UpdateParams
---@param call_options? twilio.numbers.UpdateManyOptions
---@return twilio.numbers.UpdateReport? report nil: nothing was started
---@return string? message the counts, if not all were updated
---@return twilio.numbers.Error? err kind "invalid": all problems, with their index in the list
function methods:update_many(sids, params, call_options)
  start.check(self, "update_many")
  local rows = options.UPDATE_MANY
  return start.now(self, rows, call_options, owned_many.update, sids, params)
end

--- Starts to update many numbers; see update_many().
---@param sids string[] PN...
---@param params twilio.numbers.UpdateParams
---@param call_options? twilio.numbers.UpdateManyOptions
---@param callback? fun(report: twilio.numbers.UpdateReport?, why: string?, err: table?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sids, params, callback: function): twilio.numbers.Pending?
function methods:update_many_async(sids, params, call_options, callback, ...)
  start.check(self, "update_many_async")
  local extra = select("#", ...)
  local form = "update_many_async(sids, params, [options,] [callback])"
  local rows, update = options.UPDATE_MANY, owned_many.update
  return start.async(self, form, rows, update, call_options, callback, extra, sids, params)
end

--- Releases many numbers for good, in flight together; see release(). A refusal that concerns the account
--- stops the call: requests in flight finish, and no more are started. With a journal, each release waits
--- until no purchase of its number can be in progress, as release() does.
--- DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
---@param sids string[] PN..., without duplicates; 1 to 10000
---@param call_options? twilio.numbers.ReleaseManyOptions
---@return twilio.numbers.ReleaseReport? report nil: nothing was started
---@return string? message the counts, if not all were released
---@return twilio.numbers.Error? err kind "invalid": all problems, with their index in the list
function methods:release_many(sids, call_options)
  start.check(self, "release_many")
  return start.now(self, options.RELEASE_MANY, call_options, release_of(self), sids)
end

--- Starts to release many numbers; see release_many().
---@param sids string[] PN...
---@param call_options? twilio.numbers.ReleaseManyOptions
---@param callback? fun(report: twilio.numbers.ReleaseReport?, why: string?, err: table?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sids, callback: function): twilio.numbers.Pending?
function methods:release_many_async(sids, call_options, callback, ...)
  start.check(self, "release_many_async")
  local extra = select("#", ...)
  local form = "release_many_async(sids, [options,] [callback])"
  local rows, operation = options.RELEASE_MANY, release_of(self)
  return start.async(self, form, rows, operation, call_options, callback, extra, sids)
end

return methods
