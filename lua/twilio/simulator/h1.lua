-- HTTP/1.1 on one connection: reads requests and writes answers, which a fault may cut off.
-- Reads with lua-http's h1_connection, but writes by itself, since no library writes half a header.

local cqueues = require("cqueues")
local h1_connection = require("http.h1_connection")
local reasons = require("http.h1_reason_phrases")
local ending = require("twilio.simulator.ending")
local exchange = require("twilio.simulator.exchange")
local pace = require("twilio.simulator.pace")

local h1 = {}

local DRIP_PIECES = 10

local function read_headers(http)
  local headers = {}
  while true do
    local name, value = http:read_header()
    if not name then
      break
    end
    headers[name:lower()] = value
  end
  return http:read_headers_done() and headers
end

---@return twilio.simulator.Request? request nil: the connection is over
local function read_head(http)
  local method, target, version = http:read_request_line()
  local headers = method and read_headers(http)
  if not headers then
    return nil
  end
  local path, query = target:match("^([^?]*)%??(.*)$")
  return {
    method = method,
    path = path,
    query = query ~= "" and query or nil,
    headers = headers,
    http_version = version == 1.0 and "1.0" or "1.1",
    body = "",
  }
end

local function read_chunks(http)
  local chunks = {}
  while true do
    local chunk = http:read_body_chunk()
    if chunk == nil then
      return nil
    elseif chunk == false then
      return read_headers(http) and table.concat(chunks)
    end
    chunks[#chunks + 1] = chunk
  end
end

local function read_body(http, headers)
  if (headers.expect or ""):lower() == "100-continue" then
    http.socket:xwrite("HTTP/1.1 100 Continue\r\n\r\n", "n")
  end
  if headers["transfer-encoding"] then
    return read_chunks(http)
  end
  local length = tonumber(headers["content-length"]) or 0
  local body = length == 0 and "" or http:read_body_by_length(length)
  return body and #body == length and body or nil
end

-- The status line and the headers.
local function format_head(response, keep_alive)
  local status = ("%d"):format(response.status)
  local lines = { ("HTTP/1.1 %s %s"):format(status, reasons[status] or "") }
  for name, value in pairs(response.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if response.status ~= 204 then
    lines[#lines + 1] = ("content-length: %d"):format(#response.body)
  end
  if not keep_alive then
    lines[#lines + 1] = "connection: close"
  end
  lines[#lines + 1] = "\r\n"
  return table.concat(lines, "\r\n")
end

local function cut(head, body, fault)
  if fault.cut == "body" then
    return head .. body:sub(1, math.floor(#body / 2))
  elseif fault.status_line == false then
    return head:sub(1, 6)
  end
  local first_line = #head:match("^[^\n]*\n")
  return head:sub(1, first_line + math.floor((#head - first_line) / 2))
end

local function drip(socket, bytes, fault)
  local size = math.max(1, math.ceil(#bytes / (fault.pieces or DRIP_PIECES)))
  for first = 1, #bytes, size do
    if not socket:xwrite(bytes:sub(first, first + size - 1), "n") then
      return false
    end
    cqueues.sleep(fault.seconds)
  end
  return true
end

-- Waits, at most until the client disconnects.
local function hang(socket, seconds)
  cqueues.poll({ pollfd = socket:pollfd(), events = "r" }, seconds)
end

---@return boolean goes_on whether the connection can take another request
local function respond(socket, response, fault, keep_alive)
  if fault and fault.hangs then
    hang(socket, fault.seconds)
  end
  if response then
    local head = format_head(response, keep_alive)
    if fault and fault.cut then
      socket:xwrite(cut(head, response.body, fault), "n")
    elseif fault and fault.drips then
      keep_alive = drip(socket, head .. response.body, fault) and keep_alive
    else
      keep_alive = socket:xwrite(head .. response.body, "n") and keep_alive
    end
  end
  return keep_alive and not (fault and fault.ending)
end

local function wants_more(request)
  local option = (request.headers.connection or ""):lower()
  if request.http_version == "1.0" then
    return option == "keep-alive"
  end
  return option ~= "close"
end

-- Reads one request and answers it. Returns how the connection ends if there is no next request.
local function serve_one(simulator, connection, http)
  local request = read_head(http)
  if not request or connection.retired then
    return "close"
  end
  request.connection = connection
  local fault = exchange.arrive(simulator, request)
  if fault and fault.stage == "before_read" then
    return fault.ending
  end
  request.body = read_body(http, request.headers)
  if not request.body then
    return "close"
  end
  local response = pace.perform(simulator, request, fault)
  local goes_on = respond(http.socket, response, fault, wants_more(request))
  exchange.leave(request)
  return not goes_on and (fault and fault.ending or "close") or nil
end

---Serves a connection until it ends.
---@param simulator twilio.simulator.Simulator
---@param connection { id: integer, socket: table }
function h1.serve(simulator, connection)
  local http = h1_connection.new(connection.socket, "server", 1.1)
  local how
  repeat
    how = serve_one(simulator, connection, http)
  until how
  ending[how](connection.socket)
end

return h1
