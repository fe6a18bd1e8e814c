-- HTTP/2 on one connection. It does not use lua-http's server, which opens a new stream for late frames of a
-- closed one and cannot cut off inside a frame, only its hpack.
-- One coroutine reads frames; each request is answered in a coroutine of its own.

local condition = require("cqueues.condition")
local hpack = require("http.hpack")
local ending = require("twilio.simulator.ending")
local exchange = require("twilio.simulator.exchange")
local frames = require("twilio.simulator.h2_frames")
local h2_answer = require("twilio.simulator.h2_answer")

local h2 = {}

local TYPES, FLAGS, SETTINGS = frames.types, frames.flags, frames.settings
local REFUSED_STREAM = 7

---@class twilio.simulator.H2
---@field socket table
---@field streams table<integer, table> without an answer yet
---@field window integer how many bytes of DATA the client takes on the connection
---@field stream_window integer how many it takes on a new stream
---@field changed table signalled when a window grows or a stream ends

local handlers = {}

local function without_padding(flags, payload)
  if not frames.has(flags, FLAGS.PADDED) then
    return payload
  end
  return payload:sub(2, #payload - payload:byte(1))
end

local function end_of_request(h2_connection, stream)
  h2_connection.simulator:spawn(h2_answer.serve, h2_connection, stream)
end

-- Opens the stream of a new request; nil if a fault ends it.
local function open_stream(self, id, decoded)
  local stream = { id = id, window = self.stream_window, chunks = {} }
  stream.request = h2_answer.request(decoded, self.connection)
  stream.fault = exchange.arrive(self.simulator, stream.request)
  if stream.fault and stream.fault.stage == "before_read" then
    h2_answer.stop(self, stream, stream.fault.h2_error or REFUSED_STREAM)
    return nil
  end
  self.streams[id] = stream
  return stream
end

-- Handles a complete header block: of a new request, or trailers, which are ignored.
local function headers_complete(self, id, block, end_stream)
  local decoded = assert(self.decoder:decode_headers(block))
  local stream = self.streams[id]
  if id > self.last_stream_id and not self.connection.retired then
    self.last_stream_id = id
    stream = open_stream(self, id, decoded)
  end
  if stream and end_stream then
    end_of_request(self, stream)
  end
end

handlers[TYPES.HEADERS] = function(self, flags, id, payload)
  payload = without_padding(flags, payload)
  if frames.has(flags, FLAGS.PRIORITY) then
    payload = payload:sub(6)
  end
  local end_stream = frames.has(flags, FLAGS.END_STREAM)
  if frames.has(flags, FLAGS.END_HEADERS) then
    headers_complete(self, id, payload, end_stream)
  else
    self.unfinished = { payload, end_stream = end_stream }
  end
end

handlers[TYPES.CONTINUATION] = function(self, flags, id, payload)
  local unfinished = assert(self.unfinished, "CONTINUATION without HEADERS")
  unfinished[#unfinished + 1] = payload
  if frames.has(flags, FLAGS.END_HEADERS) then
    self.unfinished = nil
    headers_complete(self, id, table.concat(unfinished), unfinished.end_stream)
  end
end

handlers[TYPES.DATA] = function(self, flags, id, payload)
  if #payload > 0 then
    local increment = frames.integer(#payload, 4)
    self.socket:xwrite(
      frames.frame(TYPES.WINDOW_UPDATE, 0, 0, increment)
        .. frames.frame(TYPES.WINDOW_UPDATE, 0, id, increment),
      "n"
    )
  end
  local stream = self.streams[id]
  if stream then
    stream.chunks[#stream.chunks + 1] = without_padding(flags, payload)
    if frames.has(flags, FLAGS.END_STREAM) then
      end_of_request(self, stream)
    end
  end
end

handlers[TYPES.RST_STREAM] = function(self, _, id)
  local stream = self.streams[id]
  if stream then
    stream.gone = true
    self.streams[id] = nil
    self.changed:signal()
  end
end

local function change_stream_windows(self, size)
  local difference = size - self.stream_window
  self.stream_window = size
  for _, stream in pairs(self.streams) do
    stream.window = stream.window + difference
  end
  self.changed:signal()
end

handlers[TYPES.SETTINGS] = function(self, flags, _, payload)
  if frames.has(flags, FLAGS.ACK) then
    return
  end
  for first = 1, #payload - 5, 6 do
    local name = frames.to_integer(payload, first, 2)
    local value = frames.to_integer(payload, first + 2, 4)
    if name == SETTINGS.INITIAL_WINDOW_SIZE then
      change_stream_windows(self, value)
    elseif name == SETTINGS.MAX_FRAME_SIZE then
      self.max_frame = value
    end
  end
  self.socket:xwrite(frames.frame(TYPES.SETTINGS, FLAGS.ACK, 0, ""), "n")
end

handlers[TYPES.PING] = function(self, flags, _, payload)
  if not frames.has(flags, FLAGS.ACK) then
    self.socket:xwrite(frames.frame(TYPES.PING, FLAGS.ACK, 0, payload), "n")
  end
end

handlers[TYPES.WINDOW_UPDATE] = function(self, _, id, payload)
  local receiver = id == 0 and self or self.streams[id]
  if receiver then
    receiver.window = receiver.window + frames.to_integer(payload, 1, 4)
    self.changed:signal()
  end
end

-- Handles one frame; false if the connection is over.
local function step(self)
  local head = self.socket:xread(frames.HEADER_SIZE)
  if not head or #head < frames.HEADER_SIZE then
    return false
  end
  local size = frames.to_integer(head, 1, 3)
  local kind, flags = head:byte(4, 5)
  local payload = size == 0 and "" or self.socket:xread(size)
  if not payload or #payload < size then
    return false
  end
  local handler = handlers[kind]
  if handler then
    handler(self, flags, frames.to_integer(head, 6, 4) % 2 ^ 31, payload)
  end
  return not self.ending
end

---Serves a connection until it ends.
---@param simulator twilio.simulator.Simulator
---@param connection { id: integer, socket: table }
function h2.serve(simulator, connection)
  local self = {
    simulator = simulator,
    connection = connection,
    socket = connection.socket,
    streams = {},
    last_stream_id = 0,
    window = 65535,
    stream_window = 65535,
    max_frame = 16384,
    decoder = hpack.new(4096),
    changed = condition.new(),
  }
  self.socket:setvbuf("full", math.huge) -- so that answers of several coroutines do not mix
  if self.socket:xread(#frames.PREFACE) ~= frames.PREFACE then
    return ending.close(self.socket)
  end
  self.socket:xwrite(frames.frame(TYPES.SETTINGS, 0, 0, ""), "n")
  while step(self) do
  end
  h2_answer.abandon(self)
  ending[self.ending or "close"](self.socket)
end

return h2
