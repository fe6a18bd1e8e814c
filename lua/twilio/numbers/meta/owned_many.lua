---@meta _
--- Changing and releasing many numbers.

--- Options of update_many.
---@class twilio.numbers.UpdateManyOptions : twilio.numbers.CallOptions
---@field on_progress? fun(progress: twilio.numbers.UpdateProgress): boolean? after each; false stops

--- Options of release_many.
---@class twilio.numbers.ReleaseManyOptions : twilio.numbers.CallOptions
---@field on_progress? fun(progress: twilio.numbers.ReleaseProgress): boolean? after each; false stops
---@field unregister_emergency? boolean ends the registration of emergency addresses first; default false

---@alias twilio.numbers.OwnedOutcome
---| "updated"
---| "refused" # it was not changed
---| "released"
---| "owned" # it was not released, and is still the account's
---| "not_owned" # the account has no such number
---| "unknown" # the request was sent, and may have been carried out
---| "stopped" # it was not begun

--- What became of one number of update_many or release_many.
---@class twilio.numbers.OwnedResult
---@field outcome twilio.numbers.OwnedOutcome
---@field sid string PN...
---@field phone_number? string E.164, of a number that was changed
---@field number? twilio.numbers.Number as it is since the update
---@field message? string what went wrong
---@field err? twilio.numbers.Error
---@field info? twilio.numbers.Info what a single call returns as its third value beside a number

--- How many numbers of update_many came to which end.
---@class twilio.numbers.UpdateCounts
---@field wanted integer
---@field updated integer
---@field refused integer
---@field unknown integer
---@field stopped integer

--- What `on_progress` of update_many is told after each number.
---@class twilio.numbers.UpdateProgress : twilio.numbers.UpdateCounts
---@field index integer which of the SIDs this is about, from 1
---@field result twilio.numbers.OwnedResult

--- What became of the numbers of update_many.
---@class twilio.numbers.UpdateReport : twilio.numbers.UpdateCounts
---@field numbers twilio.numbers.Number[] those that were changed
---@field results twilio.numbers.OwnedResult[] one for each SID, in their order

--- How many numbers of release_many came to which end.
---@class twilio.numbers.ReleaseCounts
---@field wanted integer
---@field released integer
---@field owned integer
---@field not_owned integer
---@field unknown integer
---@field stopped integer

--- What `on_progress` of release_many is told after each number.
---@class twilio.numbers.ReleaseProgress : twilio.numbers.ReleaseCounts
---@field index integer which of the SIDs this is about, from 1
---@field result twilio.numbers.OwnedResult

--- What became of the numbers of release_many.
---@class twilio.numbers.ReleaseReport : twilio.numbers.ReleaseCounts
---@field results twilio.numbers.OwnedResult[] one for each SID, in their order

---@class twilio.numbers.Client
local Client = {}

--- Changes many numbers alike, in flight together; see update(). A refusal that is about the account ends
--- it: what is in flight is finished, and no more is begun.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param params twilio.numbers.UpdateParams
---@param options? twilio.numbers.UpdateManyOptions
---@return twilio.numbers.UpdateReport? report nil: nothing was begun
---@return string message what is missing, if not all were changed
---@return twilio.numbers.Error err kind "invalid": all that is wrong, with its place in the list
function Client:update_many(sids, params, options) end

--- Begins to change many numbers; see update_many().
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param params twilio.numbers.UpdateParams
---@param options? twilio.numbers.UpdateManyOptions|twilio.numbers.Callback<twilio.numbers.UpdateReport>
---@param callback? twilio.numbers.Callback<twilio.numbers.UpdateReport>
---@return twilio.numbers.Pending<twilio.numbers.UpdateReport>? pending nil: not begun
---@return string message
---@return twilio.numbers.Error err
function Client:update_many_async(sids, params, options, callback) end

--- Gives many numbers back for good, in flight together; see release(). A refusal that is about the account
--- ends it: what is in flight is finished, and no more is begun. With a journal each waits for itself alone,
--- as release() does, until no purchase of its number can be under way.
--- DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json, for each
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param options? twilio.numbers.ReleaseManyOptions
---@return twilio.numbers.ReleaseReport? report nil: nothing was begun
---@return string message what is missing, if not all were released
---@return twilio.numbers.Error err kind "invalid": all that is wrong, with its place in the list
function Client:release_many(sids, options) end

--- Begins to give many numbers back; see release_many().
---@param sids string[] PN..., none of them twice; 1 to 10000
---@param options? twilio.numbers.ReleaseManyOptions|twilio.numbers.Callback<twilio.numbers.ReleaseReport>
---@param callback? twilio.numbers.Callback<twilio.numbers.ReleaseReport>
---@return twilio.numbers.Pending<twilio.numbers.ReleaseReport>? pending nil: not begun
---@return string message
---@return twilio.numbers.Error err
function Client:release_many_async(sids, options, callback) end
