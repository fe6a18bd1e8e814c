---@meta _
--- Changing and releasing many numbers.

--- Options of update_many().
---@class twilio.numbers.UpdateManyOptions : twilio.numbers.CallOptions
---@field on_progress? fun(progress: twilio.numbers.UpdateProgress): boolean? after each; false stops

--- Options of release_many().
---@class twilio.numbers.ReleaseManyOptions : twilio.numbers.CallOptions
---@field on_progress? fun(progress: twilio.numbers.ReleaseProgress): boolean? after each; false stops
---@field unregister_emergency? boolean unregisters emergency addresses first; default false

---@alias twilio.numbers.OwnedOutcome
---| "updated"
---| "refused" # it was not changed
---| "released"
---| "owned" # it was not released, and is still the account's
---| "not_owned" # the account has no such number
---| "unknown" # the request was sent, and may have been carried out
---| "stopped" # its request was not started

--- The result of one update or release.
---@class twilio.numbers.OwnedResult
---@field outcome twilio.numbers.OwnedOutcome
---@field sid string PN...
---@field phone_number? string E.164, of a number that was changed
---@field number? twilio.numbers.Number after the update
---@field message? string what went wrong
---@field err? twilio.numbers.Error
---@field info? twilio.numbers.Info what a single call returns as its third value beside a number

--- How many updates have which outcome.
---@class twilio.numbers.UpdateCounts
---@field wanted integer
---@field updated integer
---@field refused integer
---@field unknown integer
---@field stopped integer

--- The argument of `on_progress`, after each update.
---@class twilio.numbers.UpdateProgress : twilio.numbers.UpdateCounts
---@field index integer place of the SID in the list, from 1
---@field result twilio.numbers.OwnedResult

--- The result of update_many().
---@class twilio.numbers.UpdateReport : twilio.numbers.UpdateCounts
---@field numbers twilio.numbers.Number[] those that were changed
---@field results twilio.numbers.OwnedResult[] one for each SID, in their order

--- How many releases have which outcome.
---@class twilio.numbers.ReleaseCounts
---@field wanted integer
---@field released integer
---@field owned integer
---@field not_owned integer
---@field unknown integer
---@field stopped integer

--- The argument of `on_progress`, after each release.
---@class twilio.numbers.ReleaseProgress : twilio.numbers.ReleaseCounts
---@field index integer place of the SID in the list, from 1
---@field result twilio.numbers.OwnedResult

--- The result of release_many().
---@class twilio.numbers.ReleaseReport : twilio.numbers.ReleaseCounts
---@field results twilio.numbers.OwnedResult[] one for each SID, in their order

---@class twilio.numbers.Client
local Client = {}

--- Makes the same changes to many numbers concurrently, see update(). After an error that concerns the
--- account, it starts no further update, and those in flight finish.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param params twilio.numbers.UpdateParams
---@param options? twilio.numbers.UpdateManyOptions
---@return twilio.numbers.UpdateReport? report nil: nothing was started
---@return string message what is missing, if not all were changed
---@return twilio.numbers.Error err kind "invalid": all that is wrong, with its place in the list
function Client:update_many(sids, params, options) end

--- Starts update_many() and returns at once.
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param params twilio.numbers.UpdateParams
---@param options? twilio.numbers.UpdateManyOptions|twilio.numbers.Callback<twilio.numbers.UpdateReport>
---@param callback? twilio.numbers.Callback<twilio.numbers.UpdateReport>
---@return twilio.numbers.Pending<twilio.numbers.UpdateReport>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:update_many_async(sids, params, options, callback) end

--- Releases many numbers for good, concurrently, see release(). After an error that concerns the account, it
--- starts no further release, and those in flight finish. With a journal each release waits, as release()
--- does, until no purchase of its number can be in flight.
--- DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param options? twilio.numbers.ReleaseManyOptions
---@return twilio.numbers.ReleaseReport? report nil: nothing was started
---@return string message what is missing, if not all were released
---@return twilio.numbers.Error err kind "invalid": all that is wrong, with its place in the list
function Client:release_many(sids, options) end

--- Starts release_many() and returns at once.
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param options? twilio.numbers.ReleaseManyOptions|twilio.numbers.Callback<twilio.numbers.ReleaseReport>
---@param callback? twilio.numbers.Callback<twilio.numbers.ReleaseReport>
---@return twilio.numbers.Pending<twilio.numbers.ReleaseReport>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:release_many_async(sids, options, callback) end
