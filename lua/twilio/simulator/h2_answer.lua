-- HTTP/2: the answer to a request, which a fault may cut off. Used by h2.lua.

local cqueues = require("cqueues")
local yieldable_pcall = require("http.util").yieldable_pcall
local ending = require("twilio.simulator.ending")
local exchange = require("twilio.simulator.exchange")
local frames = require("twilio.simulator.h2_frames")
local pace = require("twilio.simulator.pace")

local h2_answer = {}

local TYPES, FLAGS = frames.types, frames.flags
local INTERNAL_ERROR = 2
local DRIP_PIECES = 10

---@param decoded table lua-http's headers
---@param connection table
---@return twilio.simulator.Request
function h2_answer.request(decoded, connection)
  local headers = {}
  for name, value in decoded:each() do
    headers[name] = value
  end
  local path, query = (headers[":path"] or "/"):match("^([^?]*)%??(.*)$")
  return {
    method = headers[":method"],
    path = path,
    query = query ~= "" and query or nil,
    headers = headers,
    http_version = "2",
    connection = connection,
    body = "",
  }
end

---Ends the requests that are being answered: the client is gone.
---@param self twilio.simulator.H2
function h2_answer.abandon(self)
  for _, stream in pairs(self.streams) do
    stream.gone = true
  end
  self.changed:signal()
end

---Ends the connection as the fault says, or only the stream if its scope is "stream".
---@param self twilio.simulator.H2
---@param stream table
---@param code integer the HTTP/2 error code for a stream's end
function h2_answer.stop(self, stream, code)
  local fault = stream.fault
  stream.gone = true
  self.streams[stream.id] = nil
  if fault.scope == "stream" then
    local payload = frames.integer(code, 4)
    self.socket:xwrite(frames.frame(TYPES.RST_STREAM, 0, stream.id, payload), "n")
    return
  end
  h2_answer.abandon(self)
  if fault.ending == "reset" then
    self.connection.is_reset = true -- before its reading coroutine notices
    ending.reset(self.socket)
  else
    self.ending = "close"
    self.socket:shutdown("w") -- the reading coroutine reads until the client closes
  end
end

-- Sends bytes as DATA, within the client's windows.
local function send_data(self, stream, bytes, end_stream)
  local first = 1
  repeat
    local size = math.min(self.window, stream.window, self.max_frame, #bytes - first + 1)
    if size > 0 or #bytes == 0 then
      local is_last = first + size > #bytes
      local flags = end_stream and is_last and FLAGS.END_STREAM or 0
      self.window, stream.window = self.window - size, stream.window - size
      local piece = bytes:sub(first, first + size - 1)
      self.socket:xwrite(frames.frame(TYPES.DATA, flags, stream.id, piece), "n")
      first = first + size
    else
      self.changed:wait()
    end
  until first > #bytes or stream.gone
end

local function drip(self, stream, body, fault)
  local size = math.max(1, math.ceil(#body / (fault.pieces or DRIP_PIECES)))
  for first = 1, #body, size do
    cqueues.sleep(fault.seconds)
    if stream.gone then
      return
    end
    send_data(self, stream, body:sub(first, first + size - 1), first + size > #body)
  end
end

-- Waits, at most until the client disconnects.
local function hang(self, stream, seconds)
  local deadline = cqueues.monotime() + seconds
  while not stream.gone and cqueues.monotime() < deadline do
    cqueues.poll(self.changed, deadline - cqueues.monotime())
  end
end

local function send_cut(self, stream, response, fault)
  local head = frames.headers(stream.id, response, self.max_frame, false)
  if fault.cut == "body" or fault.scope == "stream" then
    self.socket:xwrite(head, "n")
  else
    local length = fault.status_line == false and 4 or math.floor(#head / 2)
    self.socket:xwrite(head:sub(1, length), "n")
  end
  if fault.cut == "body" then
    send_data(self, stream, response.body:sub(1, math.floor(#response.body / 2)), false)
  end
end

-- Sends GOAWAY: this request was not processed, or it was, but no later one will be.
local function send_goaway(self, stream, fault)
  local last = fault.commit and stream.id or math.max(0, stream.id - 2)
  local payload = frames.integer(last, 4) .. frames.integer(fault.h2_error or 0, 4)
  self.socket:xwrite(frames.frame(TYPES.GOAWAY, 0, 0, payload), "n")
end

local function send(self, stream, response, fault)
  if fault and fault.cut then
    return send_cut(self, stream, response, fault)
  end
  local is_empty = response.body == ""
  self.socket:xwrite(frames.headers(stream.id, response, self.max_frame, is_empty), "n")
  if fault and fault.drips then
    drip(self, stream, response.body, fault)
  elseif not is_empty then
    send_data(self, stream, response.body, true)
  end
end

local function answer(simulator, self, stream)
  local request, fault = stream.request, stream.fault
  request.body = table.concat(stream.chunks)
  local response = pace.perform(simulator, request, fault)
  if fault and fault.hangs then
    hang(self, stream, fault.seconds)
  elseif fault and fault.goaway then
    send_goaway(self, stream, fault)
  end
  if response and not stream.gone then
    send(self, stream, response, fault)
  end
end

---Carries out a request that was read, and answers it.
---@param simulator twilio.simulator.Simulator
---@param self twilio.simulator.H2
---@param stream table
function h2_answer.serve(simulator, self, stream)
  -- Another stream's fault may close the socket under this one while it writes.
  local ok, message = yieldable_pcall(answer, simulator, self, stream)
  exchange.leave(stream.request)
  self.streams[stream.id] = nil
  assert(ok, message)
  local fault = stream.fault
  if fault and fault.ending and not stream.gone then
    h2_answer.stop(self, stream, fault.h2_error or INTERNAL_ERROR)
  end
end

return h2_answer
