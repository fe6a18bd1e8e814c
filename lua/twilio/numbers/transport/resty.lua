--- Sends requests with lua-resty-http (0.16 or newer), for hosts in OpenResty or nginx that must not load
--- libcurl. A function transport, see meta/transports.lua. Certificates are always verified, against
--- nginx's own lua_ssl_trusted_certificate.
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local limits = require("twilio.numbers.http.limits")

local resty = {}

local CHUNK = 64 * 1024 -- bytes
local IDLE_MAX, IDLE_CONNECTIONS = 50 * 1000, 100 -- milliseconds: less than servers wait

--- Milliseconds until a time, at least one: zero would mean no timeout.
local function left(ends)
  return math.max(1, math.ceil((ends - core.now()) * 1000))
end

--- The host and port to connect to. `name` must be in the certificate: nginx only compares names, and for a
--- loopback address a certificate for localhost is as good as any.
local function target(text)
  local url = core.url(text)
  local host = url.host:find(":", 1, true) and "[" .. url.host .. "]" or url.host
  local default = url.scheme == "https" and 443 or 80
  local port = tonumber(url.port) or default
  local is_loopback = host == "[::1]" or host:match("^127%.%d+%.%d+%.%d+$") ~= nil
  return {
    scheme = url.scheme,
    host = host,
    port = port,
    name = is_loopback and "localhost" or url.host,
    authority = port == default and host or ("%s:%d"):format(host, port),
    path = text:match("^%a+://[^/?#]*([^#]*)"),
  }
end

--- Describes a failed connection. For a TLS handshake nginx reports "20: unable to get local issuer
--- certificate", "certificate host mismatch" or "handshake failed"; lua-resty-core before the fix of its
--- issue 499 raises an error if the handshake fails at once.
---@return string message
---@return string kind
local function why_not(message)
  if message:find("assertion failed!", 1, true) then
    return "its certificate was refused", "tls"
  end
  local is_about_tls = message:find("^%d+: ")
    or message:find("certificate", 1, true)
    or message:find("handshake", 1, true)
  return message, is_about_tls and "tls" or "connect"
end

--- Opens a connection, or takes a kept one. Nothing of the request is sent, so no failure here costs money,
--- nor does an error that nginx raises in a phase without sockets.
---@return table? connection
---@return string? message
---@return string? kind
local function connect(http, to, request, ends)
  local made, connection, message = pcall(http.new)
  if not made or not connection then
    return nil, tostring(made and message or connection), "connect"
  end
  local limit = math.min(left(ends), math.ceil(request.connect_timeout * 1000))
  connection:set_timeouts(limit, limit, limit)
  local called, connected
  -- no ssl_reused_session: with false, that lua-resty-core would skip the check of the certificate
  called, connected, message = pcall(connection.connect, connection, {
    scheme = to.scheme,
    host = to.host,
    port = to.port,
    ssl_verify = true,
    ssl_server_name = to.name,
  })
  if called and connected and core.now() < ends then
    return connection
  end
  pcall(connection.close, connection)
  if called and connected then
    return nil, "timeout", "connect"
  end
  return nil, why_not(tostring(called and message or connected))
end

--- Reads a body in chunks, before the time `ends`.
---@return string body as far as it was received
---@return string? why it is incomplete
local function read_body(connection, reader, body_max, ends)
  local chunks, size = {}, 0
  while true do
    if core.now() >= ends then
      return table.concat(chunks), "timeout"
    end
    connection:set_timeouts(left(ends), left(ends), left(ends))
    local chunk, why = reader(CHUNK)
    size = size + #(chunk or "")
    if size > body_max then
      return "", "too large"
    end
    chunks[#chunks + 1] = chunk
    if not chunk or why then
      -- without a length the end of the connection ends the body: the last chunk comes with "closed"
      local is_whole = not why or (chunk and why == "closed")
      return table.concat(chunks), not is_whole and tostring(why) or nil
    end
  end
end

local function kind_of(why)
  return why == "timeout" and "timeout" or why == "too large" and "response" or "network"
end

--- The first value of each header: a repeated header is a table.
local function plain_headers(headers)
  local plain = {}
  for name, value in pairs(headers) do
    plain[name] = type(value) == "table" and value[1] or value
  end
  return plain
end

--- Sends the request and reads the response. From here on the request may have been sent.
local function exchange(connection, to, request, ends)
  local headers = { ["Host"] = to.authority }
  for name, value in pairs(request.headers) do
    headers[name] = value
  end
  connection:set_timeouts(left(ends), left(ends), left(ends))
  local answer, message = connection:request {
    method = request.method,
    path = to.path,
    headers = headers,
    body = request.body,
  }
  if not answer then
    connection:close()
    return nil, message, kind_of(message)
  end
  local body, why = read_body(connection, answer.body_reader, limits.body_max(request.method), ends)
  local may_be_kept = not why and answer.status >= 200 -- after a 1xx another response may follow
  if not (may_be_kept and connection:set_keepalive(IDLE_MAX, IDLE_CONNECTIONS)) then
    connection:close()
  end
  return {
    status = answer.status,
    headers = plain_headers(answer.headers),
    body = body,
    broken = why and kind_of(why),
    reason = why,
  }
end

--- Creates the transport. Raises an error if lua-resty-http cannot be loaded.
---@return twilio.numbers.Transport
function resty.new()
  local http = globals.load("resty.http")
  return function(request)
    local ends = core.now() + request.timeout
    local to = target(request.url)
    local connection, message, kind = connect(http, to, request, ends)
    if not connection then
      return nil, message, kind
    end
    return exchange(connection, to, request, ends)
  end
end

return resty
