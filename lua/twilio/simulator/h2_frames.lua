-- Encodes HTTP/2 frames: types, flags, and the frames that this server writes. No I/O.
-- Used by h2.lua. lua-http's hpack encodes the headers, as literals that need no shared state.

local hpack = require("http.hpack")

local frames = {}

frames.types = {
  DATA = 0,
  HEADERS = 1,
  RST_STREAM = 3,
  SETTINGS = 4,
  PING = 6,
  GOAWAY = 7,
  WINDOW_UPDATE = 8,
  CONTINUATION = 9,
}

frames.flags = { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8, PRIORITY = 32 }

frames.settings = { INITIAL_WINDOW_SIZE = 4, MAX_FRAME_SIZE = 5 }

frames.PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
frames.HEADER_SIZE = 9

local STATUS_NAME_INDEX = 8 -- ":status" in HPACK's static table

---@param flags integer
---@param flag integer a power of two
---@return boolean
function frames.has(flags, flag)
  return math.floor(flags / flag) % 2 == 1
end

---A big-endian integer.
---@param value integer
---@param size integer in bytes
---@return string
function frames.integer(value, size)
  local bytes = {}
  for index = size, 1, -1 do
    bytes[index] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

---@param text string
---@param first integer
---@param size integer
---@return integer
function frames.to_integer(text, first, size)
  local value = 0
  for index = first, first + size - 1 do
    value = value * 256 + text:byte(index)
  end
  return value
end

---@param kind integer
---@param flags integer
---@param stream_id integer
---@param payload string
---@return string
function frames.frame(kind, flags, stream_id, payload)
  local length = #payload
  return string.char(
    math.floor(length / 65536),
    math.floor(length / 256) % 256,
    length % 256,
    kind,
    flags
  ) .. frames.integer(stream_id, 4) .. payload
end

---The headers of an answer: a HEADERS frame, and CONTINUATION frames if necessary.
---@param stream_id integer
---@param response twilio.simulator.Response
---@param max_frame integer
---@param end_stream boolean
---@return string
function frames.headers(stream_id, response, max_frame, end_stream)
  local parts =
    { hpack.encode_literal_header_none(STATUS_NAME_INDEX, ("%d"):format(response.status)) }
  for name, value in pairs(response.headers) do
    parts[#parts + 1] = hpack.encode_literal_header_none_new(name, value)
  end
  if response.status ~= 204 then
    local length = ("%d"):format(#response.body)
    parts[#parts + 1] = hpack.encode_literal_header_none_new("content-length", length)
  end
  local block = table.concat(parts)
  local kind, flags, written = frames.types.HEADERS, end_stream and 1 or 0, {}
  for first = 1, #block, max_frame do
    local is_last = first + max_frame > #block
    flags = flags + (is_last and frames.flags.END_HEADERS or 0)
    local piece = block:sub(first, first + max_frame - 1)
    written[#written + 1] = frames.frame(kind, flags, stream_id, piece)
    kind, flags = frames.types.CONTINUATION, 0
  end
  return table.concat(written)
end

return frames
