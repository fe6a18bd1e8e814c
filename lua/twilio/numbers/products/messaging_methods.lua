--- The methods of a client that put numbers into Messaging Services and take them out, see methods.lua.
--- meta/messaging.lua documents them.
local attach = require("twilio.numbers.api.attach")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

local methods = {}

function methods:attach(sid, service_sid, call_options)
  start.check(self, "attach")
  return start.now(self, options.ATTACH, call_options, attach.attach, sid, service_sid)
end

function methods:attach_async(sid, service_sid, call_options, callback, ...)
  start.check(self, "attach_async")
  local extra = start.extra(service_sid, ...)
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

function methods:detach(sid, service_sid, call_options)
  start.check(self, "detach")
  return start.now(self, options.CALL, call_options, attach.detach, sid, service_sid)
end

function methods:detach_async(sid, service_sid, call_options, callback, ...)
  start.check(self, "detach_async")
  local extra = start.extra(service_sid, ...)
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
