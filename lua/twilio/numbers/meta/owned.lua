---@meta _
--- The numbers that the account owns.

--- Which of the account's numbers to list. All fields are optional.
---
--- Source of all fields but `type` and `limit`:
--- https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
---@class twilio.numbers.ListFilter
---@field beta? boolean whether to show numbers that are new to Twilio's platform
---@field friendly_name? string the whole name, at most 64 characters
---@field phone_number? string a number or a part of one, `*` for any digit
---@field origin? "twilio"|"hosted" numbers of Twilio, or hosted ones
---@field page_size? integer how many to a page, 1 to 1000; Twilio's default is 50
---@field type? "local"|"mobile"|"toll_free" only those, from Twilio's resource for the type
---@field limit? integer how many to read at most, 1 to 1000000

--- What to change of a number: at least one parameter. An empty string clears a URL, a SID or the name.
---@class twilio.numbers.UpdateParams : twilio.numbers.Settings
---
--- SID (AC...) of another account of the family, to which the number is transferred:
--- https://www.twilio.com/docs/iam/api/subaccounts#exchanging-numbers
---@field account_sid? string

--- Options of release().
---@class twilio.numbers.ReleaseOptions : twilio.numbers.CallOptions
---@field unregister_emergency? boolean unregisters an emergency address first; default false

---@class twilio.numbers.Client
local Client = {}

--- Lists the numbers that the account owns. Pages are fetched as the list is read.
--- GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json
---@param filter? twilio.numbers.ListFilter
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.NumberList? list
---@return string message
---@return twilio.numbers.Error err
function Client:list(filter, options) end

--- Starts to read all items of list() and returns at once. The result is an array.
---@param filter? twilio.numbers.ListFilter
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Number[]>
---@param callback? twilio.numbers.Callback<twilio.numbers.Number[]>
---@return twilio.numbers.Pending<twilio.numbers.Number[]>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:list_async(filter, options, callback) end

--- Fetches a number that the account owns.
---@param sid string PN...
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Number? number
---@return string message
---@return twilio.numbers.Error err
function Client:fetch(sid, options) end

--- Starts fetch() and returns at once.
---@param sid string PN...
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Number>
---@param callback? twilio.numbers.Callback<twilio.numbers.Number>
---@return twilio.numbers.Pending<twilio.numbers.Number>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:fetch_async(sid, options, callback) end

--- Updates a number. An empty string clears a URL, a SID or the name; `account_sid` transfers it to
--- another account of the family.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json
---@param sid string PN...
---@param params twilio.numbers.UpdateParams
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Number? number
---@return string message
---@return twilio.numbers.Error err
function Client:update(sid, params, options) end

--- Starts update() and returns at once.
---@param sid string PN...
---@param params twilio.numbers.UpdateParams
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Number>
---@param callback? twilio.numbers.Callback<twilio.numbers.Number>
---@return twilio.numbers.Pending<twilio.numbers.Number>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:update_async(sid, params, options, callback) end

--- Releases a number, for good: Twilio does not sell it again. A 404 counts as released only after an
--- attempt of the same call that was not answered; else it is an error.
--- DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json
---@param sid string PN...
---@param options? twilio.numbers.ReleaseOptions
---@return true? released
---@return string message
---@return twilio.numbers.Error err
function Client:release(sid, options) end

--- Starts release() and returns at once.
---@param sid string PN...
---@param options? twilio.numbers.ReleaseOptions|twilio.numbers.Callback<true>
---@param callback? twilio.numbers.Callback<true>
---@return twilio.numbers.Pending<true>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:release_async(sid, options, callback) end
