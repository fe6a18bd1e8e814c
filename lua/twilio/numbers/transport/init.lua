--- How a request gets to Twilio and the answer back: libcurl, lua-resty-http, or a function of the
--- caller's.
---
--- All give the same answer: {outcome =, sent =, permanent =, reason =, status =, headers =}, where
--- outcome is "answered", or the kind of failure; and all tell the call when it has arrived. libcurl's
--- has the body read already (json =, or not_json = and why; is_empty =); the others have the body =.
local compat = require("twilio.numbers.compat")
local globals = require("twilio.numbers.globals")
local limits = require("twilio.numbers.http.limits")
local curl_transport = require("twilio.numbers.transport.curl")
local resty = require("twilio.numbers.transport.resty")

local transport = {}

--- Kinds of failure that a function may report, and whether the request may have left.
local SENT = { connect = false, tls = false, timeout = true, network = true }

local function broken(outcome, reason)
  return { outcome = outcome, sent = true, reason = reason, headers = {} }
end

--- The caller's headers under small names, as far as they are strings.
local function small_names(headers)
  local small = {}
  for name, value in next, type(headers) == "table" and headers or {} do
    if type(name) == "string" and (type(value) == "string" or type(value) == "number") then
      small[name:lower()] = tostring(value)
    end
  end
  return small
end

--- Why the body of a response may not be whole.
local BROKEN = { timeout = "timeout", network = "network", response = "response" }

--- Reads a response, which may have metamethods of any kind.
local function read_fields(response)
  return response.status, response.headers, response.body, response.broken, response.reason
end

--- Whatever a caller's function returned, as an answer. What cannot be understood counts as sent.
local function from_function(body_max, called, response, message, kind)
  if not called then
    return broken("network", "transport raised an error: " .. compat.tostring(response))
  elseif response == nil or response == false then
    local outcome = SENT[kind] ~= nil and kind or "network"
    local answer = broken(outcome, message and compat.tostring(message) or "transport failed")
    answer.sent = SENT[outcome]
    return answer
  end
  local is_table = type(response) == "table"
  local read, status, response_headers, body, body_broken, reason =
    pcall(read_fields, is_table and response or {})
  if not read and compat.is_shortage(status) then
    error(status, 0) -- that says nothing of the response
  end
  if not read or type(status) ~= "number" or status % 1 ~= 0 or status < 100 or status > 999 then
    return broken("response", "transport returned no table with a status")
  end
  local answer = { status = math.floor(status), headers = small_names(response_headers) }
  answer.outcome, answer.sent, answer.body, answer.reason = "answered", true, body or "", ""
  if type(answer.body) ~= "string" or #answer.body > body_max then
    answer.outcome, answer.body = "response", ""
    answer.reason = "the body is no string, or larger than the limits"
  elseif body_broken then
    answer.outcome = BROKEN[body_broken] or "network"
    answer.reason = reason and compat.tostring(reason) or "the body is not whole"
  end
  return answer
end

local TRIES = 3 -- to make an answer of a response, where there is no memory for that

--- What perform() returned, as an answer.
local function read(...)
  for _ = 1, TRIES do
    local made, answer = pcall(from_function, ...)
    if made then
      return answer
    end
    globals.collect()
  end
  return from_function(...)
end

--- Calls perform(): as late as can be, it is noted that a purchase is out.
local function send(perform, call, request)
  call.out = request.method == "POST" and 0
  return compat.pcall(perform, request)
end

--- A transport on a function(request) -> response | nil, message, kind.
local function on_function(perform, settings)
  local user_agent = settings.user_agent -- and not the proxy, which may have a password
  return {
    exchange = function(request, authorization, call)
      local headers = {
        ["Authorization"] = authorization:text(),
        ["Accept"] = "application/json",
        ["User-Agent"] = user_agent,
        ["Content-Type"] = request.body and "application/x-www-form-urlencoded" or nil,
      }
      local answer = read(
        limits.body_max(request.method),
        send(perform, call, {
          method = request.method,
          url = request.url,
          headers = headers,
          body = request.body,
          timeout = request.timeout,
          connect_timeout = request.connect_timeout,
        })
      )
      if request.method == "POST" then
        call.answer = answer
      end
      call:arrived(request, answer)
      return answer
    end,
    close = function() end,
  }
end

--- A transport on lua-resty-http.
local function on_resty(settings)
  return on_function(resty.new(), settings)
end

local function on_curl(settings)
  return curl_transport.new(settings)
end

--- Makes the transport that a client's options ask for.
---@return table? transport
---@return string? message why libcurl or lua-resty-http cannot be had
function transport.new(wanted, settings)
  if wanted and wanted ~= "resty" then
    return on_function(wanted, settings)
  end
  local loaded, made = pcall(wanted == "resty" and on_resty or on_curl, settings)
  if loaded then
    return made
  elseif wanted == "resty" then
    return nil, "lua-resty-http cannot be used: " .. tostring(made)
  end
  return nil, "libcurl cannot be used (give a transport instead): " .. tostring(made)
end

return transport
