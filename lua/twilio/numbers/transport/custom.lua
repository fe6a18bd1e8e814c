--- A transport on a function of the caller: function(request) -> response | nil, message, kind. See
--- meta/transports.lua.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local limits = require("twilio.numbers.http.limits")

local custom_transport = {}

--- The kinds of failure that a function may report, and whether the request may have been sent.
local SENT = { connect = false, tls = false, timeout = true, network = true }

--- The reasons for an incomplete body.
local BROKEN = { timeout = "timeout", network = "network", response = "response" }

--- The function's headers with names in lower case. Values that are not strings are left out.
local function small_names(headers)
  local small = {}
  for name, value in next, type(headers) == "table" and headers or {} do
    if type(name) == "string" and (type(value) == "string" or type(value) == "number") then
      small[name:lower()] = tostring(value)
    end
  end
  return small
end

--- Reads the returned table, which may have any metamethods.
local function read_fields(response)
  return response.status, response.headers, response.body, response.broken, response.reason
end

--- Fills a response with the results of the function. If they are invalid, the request counts as sent.
local function fill(response, called, returned, message, kind)
  if not called then
    local reason = "transport raised an error: " .. compat.tostring(returned)
    return response:fill("network", true, nil, nil, nil, reason)
  elseif returned == nil or returned == false then
    local outcome = SENT[kind] ~= nil and kind or "network"
    local reason = message and compat.tostring(message) or "transport failed"
    return response:fill(outcome, SENT[outcome], nil, nil, nil, reason)
  end
  local is_table = type(returned) == "table"
  local read, status, headers, body, broken, reason =
    pcall(read_fields, is_table and returned or {})
  if not read and compat.is_shortage(status) then
    error(status, 0) -- an error that says nothing about the response
  end
  if not read or type(status) ~= "number" or status % 1 ~= 0 or status < 100 or status > 999 then
    reason = "transport returned no table with a status"
    return response:fill("response", true, nil, nil, nil, reason)
  end
  body = body or ""
  if type(body) ~= "string" then
    return response:fill(
      "response",
      true,
      status,
      small_names(headers),
      "",
      "the body is not a string"
    )
  end
  local outcome = broken and (BROKEN[broken] or "network") or "answered"
  reason = broken and (reason and compat.tostring(reason) or "the body is incomplete") or ""
  return response:fill(outcome, true, status, small_names(headers), body, reason)
end

local TRIES = 3 -- attempts to fill a response when memory is short

--- Seconds that must be left to send a request with a time limit: the function may send it late.
local LEAST = 1

--- The timeout of a request. Lua cannot check the clock right before the first byte, so the function must
--- finish before the time limit for sending.
---@return number? seconds nil: it is too late to send it
local function timeout_of(request)
  if request.not_after == 0 then
    return request.timeout
  end
  local left = request.not_after - core.boot_now()
  return left >= LEAST and math.min(request.timeout, left) or nil
end

--- Collects the results of perform().
local function read(...)
  for _ = 1, TRIES do
    if pcall(fill, ...) then
      return
    end
    globals.collect()
  end
  fill(...)
end

---@param perform twilio.numbers.Transport
---@param settings table user_agent; the function does not get the proxy's URL, which may have a password
function custom_transport.new(perform, settings)
  local user_agent = settings.user_agent
  return {
    settle = limits.SETTLE,
    send = function(request, call)
      local body, response, timeout = request.body, request.response, timeout_of(request)
      if not timeout then
        response:refuse("timeout", "the time limit for sending it has passed", true)
        return call:arrived(request)
      end
      local asked = {
        method = request.method,
        url = request.url,
        headers = {
          ["Authorization"] = request.authorization:text(),
          ["Accept"] = "application/json",
          ["User-Agent"] = user_agent,
          ["Content-Type"] = body and "application/x-www-form-urlencoded" or nil,
        },
        body = body and (type(body) == "string" and body or body:text()) or nil,
        timeout = timeout,
        connect_timeout = math.min(request.connect_timeout, timeout),
      }
      response:begin(request.method)
      read(response, compat.pcall(perform, asked))
      call:arrived(request)
    end,
    close = function() end,
  }
end

return custom_transport
