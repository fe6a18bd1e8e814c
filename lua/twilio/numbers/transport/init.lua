--- How a request gets to Twilio and the response back: libcurl, lua-resty-http, or a function of the
--- caller's.
---
--- A transport is a table with send(request, call), which sends a request once, waits in the call's way,
--- fills request.response, and tells the call when it has arrived; close(); for calls that poll() moves on
--- make_io_thread(); and `settle`, the milliseconds after which what it sent has no effect any more.
local curl_transport = require("twilio.numbers.transport.curl")
local custom_transport = require("twilio.numbers.transport.custom")
local resty = require("twilio.numbers.transport.resty")

local transport = {}

local function on_resty(settings)
  return custom_transport.new(resty.new(), settings)
end

--- Makes the transport that a client's options ask for.
---@return table? transport
---@return string? message why libcurl or lua-resty-http cannot be had
function transport.new(wanted, settings)
  if wanted and wanted ~= "resty" then
    return custom_transport.new(wanted, settings)
  end
  local loaded, made = pcall(wanted == "resty" and on_resty or curl_transport.new, settings)
  if loaded then
    return made
  elseif wanted == "resty" then
    return nil, "lua-resty-http cannot be used: " .. tostring(made)
  end
  return nil, "libcurl cannot be used (give a transport instead): " .. tostring(made)
end

return transport
