--- How a request gets to Twilio and the answer back: libcurl, or a function of the caller's.
---
--- Both give the same answer: {outcome =, sent =, permanent =, reason =, status =, headers =, body =},
--- where outcome is "answered", or the kind of failure.
local compat = require("twilio.numbers.compat")

local transport = {}

local BODY_MAX = 1024 * 1024 -- bytes, as csrc/answer.h has it

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

--- Reads a response, which may have metamethods of any kind.
local function read_fields(response)
  return response.status, response.headers, response.body
end

--- Whatever a caller's function returned, as an answer. What cannot be understood counts as sent.
local function from_function(called, response, message, kind)
  if not called then
    return broken("network", "transport raised an error: " .. compat.tostring(response))
  elseif response == nil or response == false then
    local outcome = SENT[kind] ~= nil and kind or "network"
    local answer = broken(outcome, message and compat.tostring(message) or "transport failed")
    answer.sent = SENT[outcome]
    return answer
  end
  local is_table = type(response) == "table"
  local read, status, response_headers, body = pcall(read_fields, is_table and response or {})
  if not read or type(status) ~= "number" or status % 1 ~= 0 or status < 100 or status > 999 then
    return broken("response", "transport returned no table with a status")
  end
  local answer = { status = math.floor(status), headers = small_names(response_headers) }
  answer.outcome, answer.sent, answer.body, answer.reason = "answered", true, body or "", ""
  if type(answer.body) ~= "string" or #answer.body > BODY_MAX then
    answer.outcome, answer.body = "response", ""
    answer.reason = "the body is no string, or larger than the limits"
  end
  return answer
end

--- A transport on a function(request) -> response | nil, message, kind.
local function on_function(perform, settings)
  return {
    exchange = function(request, authorization)
      local headers = {
        ["Authorization"] = authorization,
        ["Accept"] = "application/json",
        ["User-Agent"] = settings.user_agent,
        ["Content-Type"] = request.body and "application/x-www-form-urlencoded" or nil,
      }
      return from_function(compat.pcall(perform, {
        method = request.body and "POST" or "GET",
        url = request.url,
        headers = headers,
        body = request.body,
        timeout = request.timeout,
        connect_timeout = request.connect_timeout,
      }))
    end,
    close = function() end,
  }
end

--- A transport on libcurl. The session is authorized anew when the header has changed.
local function on_curl(settings)
  local curl = require("twilio.numbers.curl")
  local authorized
  local session = curl.session {
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    user_agent = settings.user_agent .. " " .. curl.version(),
    plain = settings.plain,
  }
  local function authorize(authorization)
    if authorization ~= authorized then
      session:authorize(authorization)
      authorized = authorization
    end
  end
  return {
    exchange = function(request, authorization)
      authorize(authorization)
      local once = request.body ~= nil
      local r = request
      return session:exchange(r.url, r.body, r.timeout, r.connect_timeout, once)
    end,
    --- Checks, encodes, sends and decodes in one call.
    purchase = function(request, authorization, params)
      authorize(authorization)
      return session:purchase(request.url, params, request.timeout, request.connect_timeout)
    end,
    close = function()
      authorized = nil
      session:close()
    end,
  }
end

--- Makes the transport that a client's options ask for.
---@return table? transport
---@return string? message why libcurl cannot be had
function transport.new(perform, settings)
  if perform then
    return on_function(perform, settings)
  end
  local loaded, made = pcall(on_curl, settings)
  if loaded then
    return made
  end
  return nil, "libcurl cannot be used (give a transport instead): " .. tostring(made)
end

return transport
