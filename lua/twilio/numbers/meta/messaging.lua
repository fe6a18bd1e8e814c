---@meta _
--- Numbers in Messaging Services.

--- Options of attach().
---@class twilio.numbers.AttachOptions : twilio.numbers.CallOptions
---@field move? boolean removes the number from another Messaging Service first; default false

--- A number in a Messaging Service, as Twilio describes it. If the number was in the service before and
--- cannot be read there, it has `sid` and `service_sid` alone.
---
--- Source: https://www.twilio.com/docs/messaging/api/phonenumber-resource
---@class twilio.numbers.Sender
---@field sid string SID (PN...) of the number
---@field service_sid string SID (MG...) of the service
---@field account_sid? string SID (AC...) of the account
---@field phone_number? string in E.164 form
---@field country_code? string two letters
---@field capabilities? string[] such as { "MMS", "SMS", "Voice" }
---@field date_created? string ISO 8601
---@field date_updated? string ISO 8601
---@field url? string of this resource

---@class twilio.numbers.Client
local Client = {}

--- Adds a number that the account owns to a Messaging Service. Safe to repeat: a number that is in it already
--- is a success. With several services, the next is used when one is full (400 numbers by default).
---
--- A number can be in only one service: an error with code 21712 says that it is in another one, and the
--- option `move` removes it from there first.
--- POST https://messaging.twilio.com/v1/Services/{ServiceSid}/PhoneNumbers
--- (https://www.twilio.com/docs/messaging/api/phonenumber-resource)
---@param sid string PN... of the number
---@param service_sid string|string[] MG..., or a list of 1 to 20
---@param options? twilio.numbers.AttachOptions
---@return twilio.numbers.Sender? sender
---@return string message what went wrong, for people
---@return twilio.numbers.Error err what went wrong, for programs
function Client:attach(sid, service_sid, options) end

--- Starts attach() and returns at once.
---@param sid string PN... of the number
---@param service_sid string|string[] MG..., or a list of 1 to 20
---@param options? twilio.numbers.AttachOptions|twilio.numbers.Callback<twilio.numbers.Sender>
---@param callback? twilio.numbers.Callback<twilio.numbers.Sender>
---@return twilio.numbers.Pending<twilio.numbers.Sender>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:attach_async(sid, service_sid, options, callback) end

--- Removes a number from a Messaging Service; the account keeps it. Safe to repeat: a number that is
--- not in the service is a success; a service that the account does not have is an error.
--- DELETE https://messaging.twilio.com/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}
--- (https://www.twilio.com/docs/messaging/api/phonenumber-resource)
---@param sid string PN... of the number
---@param service_sid string MG...
---@param options? twilio.numbers.CallOptions
---@return true? detached
---@return string message
---@return twilio.numbers.Error err
function Client:detach(sid, service_sid, options) end

--- Starts detach() and returns at once.
---@param sid string PN... of the number
---@param service_sid string MG...
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<true>
---@param callback? twilio.numbers.Callback<true>
---@return twilio.numbers.Pending<true>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:detach_async(sid, service_sid, options, callback) end
