--- The client's functions that add numbers to Messaging Services and remove them. See methods.lua for how
--- they wait, and for the _async variants.
local attach = require("twilio.numbers.api.attach")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

---@class twilio.numbers.Client
local methods = {}

--- Adds a number that the account owns to a Messaging Service. Safe to repeat: a number that is already in it
--- is a success. With several services, the next is used when one is full (400 numbers by default).
---
--- A number can be in only one service: an error with code 21712 says that it is in another one, and the
--- option `move` removes it from there first.
--- POST https://messaging.twilio.com/v1/Services/{ServiceSid}/PhoneNumbers
--- (https://www.twilio.com/docs/messaging/api/phonenumber-resource)
---@param sid string PN... of the number
---@param service_sid string|string[] MG..., or a list of 1 to 20
---@param call_options? twilio.numbers.AttachOptions
---@return twilio.numbers.Sender? sender the number as the service has it; `service_sid`: which service
---@return string? message what went wrong, for people
---@return twilio.numbers.Error? err what went wrong, for programs
function methods:attach(sid, service_sid, call_options)
  start.check(self, "attach")
  return start.now(self, options.ATTACH, call_options, attach.attach, sid, service_sid)
end

--- Starts to add a number to a Messaging Service; see attach().
---@param sid string PN... of the number
---@param service_sid string|string[] MG..., or a list of 1 to 20
---@param call_options? twilio.numbers.AttachOptions
---@param callback? fun(sender: twilio.numbers.Sender?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, service_sid, callback: function): twilio.numbers.Pending?
function methods:attach_async(sid, service_sid, call_options, callback, ...)
  start.check(self, "attach_async")
  local extra = select("#", ...)
  local form = "attach_async(sid, service_sid, [options,] [callback])"
  return start.async(
    self,
    form,
    options.ATTACH,
    attach.attach,
    call_options,
    callback,
    extra,
    sid,
    service_sid
  )
end

--- Removes a number from a Messaging Service; the account keeps it. Safe to repeat: a number that is
--- not in the service is a success; a service that the account does not have is an error.
--- DELETE https://messaging.twilio.com/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}
--- (https://www.twilio.com/docs/messaging/api/phonenumber-resource)
---@param sid string PN... of the number
---@param service_sid string MG...
---@param call_options? twilio.numbers.CallOptions
---@return true? detached
---@return string? message
---@return twilio.numbers.Error? err
function methods:detach(sid, service_sid, call_options)
  start.check(self, "detach")
  return start.now(self, options.CALL, call_options, attach.detach, sid, service_sid)
end

--- Starts to remove a number from a Messaging Service; see detach().
---@param sid string PN... of the number
---@param service_sid string MG...
---@param call_options? twilio.numbers.CallOptions
---@param callback? fun(detached: true?, message: string?, err: twilio.numbers.Error?)
---@return twilio.numbers.Pending? pending nil: wrong options, a closed client, or a host that refuses
---@return string? message
---@return twilio.numbers.Error? err
---@overload fun(self, sid, service_sid, callback: function): twilio.numbers.Pending?
function methods:detach_async(sid, service_sid, call_options, callback, ...)
  start.check(self, "detach_async")
  local extra = select("#", ...)
  local form = "detach_async(sid, service_sid, [options,] [callback])"
  return start.async(
    self,
    form,
    options.CALL,
    attach.detach,
    call_options,
    callback,
    extra,
    sid,
    service_sid
  )
end

return methods
