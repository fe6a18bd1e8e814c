-- A double of lua-resty-http, which no Debian package has: those parts of its documented API that the
-- library uses, on nginx's cosockets. HTTP/1.1, chunked and other bodies, kept connections.

local http = {}
http.__index = http

function http.new()
  return setmetatable({ socket = ngx.socket.tcp() }, http)
end

function http:set_timeouts(connect, send, read)
  return self.socket:settimeouts(connect, send, read)
end

-- Connects, and shakes hands if the connection is a new one. A pool for each host, scheme and name.
function http:connect(options)
  local is_https = options.scheme == "https"
  local port = options.port or (is_https and 443 or 80)
  local verify = options.ssl_verify ~= false
  local name = options.ssl_server_name or ""
  local pool = table.concat({ options.scheme, options.host, port, name, tostring(verify) }, ":")
  local connected, message = self.socket:connect(options.host, port, { pool = pool })
  if not connected then
    return nil, message
  end
  self.host, self.port, self.keeps = options.host, port, true
  if is_https and self.socket:getreusedtimes() == 0 then
    local session, why = self.socket:sslhandshake(nil, options.ssl_server_name, verify)
    if not session then
      self.socket:close()
      return nil, why
    end
  end
  return true
end

function http:get_reused_times()
  return self.socket:getreusedtimes()
end

function http:close()
  return self.socket:close()
end

function http:set_keepalive(...)
  if self.keeps and self.read_whole then
    return self.socket:setkeepalive(...)
  end
  self.socket:close()
  return 2, "connection must be closed"
end

local function request_head(self, params)
  local lines = { ("%s %s HTTP/1.1"):format(params.method or "GET", params.path or "/") }
  local headers = { Host = self.host .. ":" .. self.port }
  for name, value in pairs(params.headers or {}) do
    headers[name] = value
  end
  headers["Content-Length"] = params.body and #params.body or nil
  for name, value in pairs(headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- The headers of a response, by name in any case; repeated ones are tables.
local function read_headers(socket)
  local headers, names = {}, {}
  setmetatable(headers, {
    __index = function(_, name)
      return rawget(headers, names[name:lower()])
    end,
  })
  while true do
    local line, message = socket:receive("*l")
    if not line then
      return nil, message
    elseif line == "" then
      return headers
    end
    local name, value = line:match("^([^:%s]+):%s*(.*)$")
    if name then
      local known = names[name:lower()] or name
      names[name:lower()] = known
      local old = rawget(headers, known)
      if type(old) == "table" then
        old[#old + 1] = value
      else
        headers[known] = old and { old, value } or value
      end
    end
  end
end

-- Readers: each returns the next piece, nil at the end, or nil and an error.

local function reader_of_length(self, length)
  local rest = length
  return function(most)
    if rest == 0 then
      self.read_whole = true
      return nil
    end
    local chunk, message = self.socket:receive(math.min(rest, most or rest))
    rest = rest - #(chunk or "")
    return chunk, message
  end
end

local function next_chunk_size(socket)
  local line, message = socket:receive("*l")
  local size = line and tonumber(line:match("^%x+"), 16)
  return size, line and "unable to read chunksize" or message
end

local function reader_of_chunks(self)
  local socket, rest, is_last = self.socket, 0, false
  return function(most)
    if rest == 0 and not is_last then
      local message
      rest, message = next_chunk_size(socket)
      if not rest then
        rest = 0
        return nil, message
      elseif rest == 0 then
        is_last, self.read_whole = true, true
        socket:receive(2)
      end
    end
    if is_last then
      return nil
    end
    local chunk, message = socket:receive(math.min(rest, most or rest))
    if not chunk then
      return nil, message
    end
    rest = rest - #chunk
    if rest == 0 then
      socket:receive(2)
    end
    return chunk
  end
end

-- Without a length, a body ends with the connection, and the last piece comes with "closed".
local function reader_to_the_end(self)
  local ended = false
  return function(most)
    if ended then
      return nil
    end
    local chunk, message, partial = self.socket:receive(most or "*a")
    ended = not chunk
    if message == "closed" then
      return partial, message
    end
    return chunk, message
  end
end

local function no_body(self)
  self.read_whole = true
  return function() end
end

local function body_reader(self, status, headers)
  local length = tonumber(headers["Content-Length"])
  if status < 200 or status == 204 or status == 304 then
    return no_body(self), false
  elseif (headers["Transfer-Encoding"] or ""):lower() == "chunked" then
    return reader_of_chunks(self), true
  end
  return length and reader_of_length(self, length) or reader_to_the_end(self), true
end

function http:request(params)
  self.read_whole = false
  local sent, message = self.socket:send(request_head(self, params) .. (params.body or ""))
  if not sent then
    return nil, message
  end
  local line, headers
  line, message = self.socket:receive("*l")
  if not line then
    return nil, message
  end
  headers, message = read_headers(self.socket)
  if not headers then
    return nil, message
  end
  local status = tonumber(line:sub(10, 12))
  self.keeps = (headers["Connection"] or ""):lower() ~= "close"
  local reader, has_body = body_reader(self, status, headers)
  return { status = status, headers = headers, has_body = has_body, body_reader = reader }
end

return http
