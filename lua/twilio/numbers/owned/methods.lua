--- What a client can be asked about many of its account's numbers at once. Each function waits in the way of
--- the host it is called in; its twin with _async returns at once a pending, and the callback gets what the
--- function returns.
local options = require("twilio.numbers.config.options")
local owned_many = require("twilio.numbers.api.owned_many")
local owned_number = require("twilio.numbers.api.owned_number")
local release = require("twilio.numbers.journal.release")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

local PLAIN_RELEASE = owned_many.release(owned_number.release)
local JOURNALLED_RELEASE = owned_many.release(release)

--- The operation that releases many, each alone.
local function release_of(client)
  return client.journal and JOURNALLED_RELEASE or PLAIN_RELEASE
end

--- Changes many numbers alike, in flight together; see update(). A refusal that is about the account ends
--- it: what is in flight is finished, and no more is begun.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param params twilio.numbers.UpdateParams
---@param call_options? twilio.numbers.UpdateManyOptions
---@return twilio.numbers.UpdateReport? report nil: nothing was begun
---@return string? message what is missing, if not all were changed
---@return twilio.numbers.Error? err kind "invalid": all that is wrong, with its place in the list
function methods:update_many(sids, params, call_options)
  start.check(self, "update_many")
  local rows = options.UPDATE_MANY
  return start.now(self, rows, call_options, owned_many.update, sids, params)
end

--- Begins to change many numbers; see update_many().
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
  return start.twin(self, form, rows, update, call_options, callback, extra, sids, params)
end

--- Gives many numbers back for good, in flight together; see release(). A refusal that is about the account
--- ends it: what is in flight is finished, and no more is begun. With a journal each waits for itself alone,
--- as release() does, until no purchase of its number can be under way.
--- DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param call_options? twilio.numbers.ReleaseManyOptions
---@return twilio.numbers.ReleaseReport? report nil: nothing was begun
---@return string? message what is missing, if not all were released
---@return twilio.numbers.Error? err kind "invalid": all that is wrong, with its place in the list
function methods:release_many(sids, call_options)
  start.check(self, "release_many")
  return start.now(self, options.RELEASE_MANY, call_options, release_of(self), sids)
end

--- Begins to give many numbers back; see release_many().
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
  return start.twin(self, form, rows, operation, call_options, callback, extra, sids)
end

return methods
