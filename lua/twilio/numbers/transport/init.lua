--- Sends requests to Twilio: by libcurl, lua-resty-http, or a function of the caller.
---
--- A transport is a table with send(request, call), which sends a request once, waits by means of the call,
--- fills request.response, and notifies the call; close(); make_io_thread(), for calls that poll() resumes;
--- and `settle`, the milliseconds after which its requests can no longer take effect.
local compat = require("twilio.numbers.compat")
local curl_transport = require("twilio.numbers.transport.curl")
local custom_transport = require("twilio.numbers.transport.custom")
local resty = require("twilio.numbers.transport.resty")

local transport = {}

local function on_resty(settings)
  return custom_transport.new(resty.new(), settings)
end

--- Creates the transport that a client's options name.
---@return table? transport
---@return string? message why libcurl or lua-resty-http cannot be loaded
function transport.new(wanted, settings)
  if wanted and wanted ~= "resty" then
    return custom_transport.new(wanted, settings)
  end
  local loaded, made = pcall(wanted == "resty" and on_resty or curl_transport.new, settings)
  if loaded then
    return made
  elseif wanted == "resty" then
    return nil, "lua-resty-http cannot be used: " .. compat.load_problem(made)
  end
  return nil, "libcurl cannot be used (give a transport instead): " .. compat.load_problem(made)
end

return transport
