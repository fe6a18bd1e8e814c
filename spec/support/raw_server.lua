--- A tiny server that sends malformed responses.
local process = require("spec_process")
local socket = require("socket")

local raw_server = {}

--- Reads a request; false if the connection ends instead.
function raw_server.read(connection)
  local length, line = 0
  repeat
    line = connection:receive("*l")
    length = tonumber((line or ""):lower():match("^content%-length: (%d+)")) or length
  until not line or line == ""
  return line == "" and (length == 0 or connection:receive(length)) and true
end

--- Responds to requests on one connection with the given bytes, in a process of its own.
---@param ... string
---@return string base_url
---@return integer child the process, for process.wait()
function raw_server.start(...)
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  local child = process.fork()
  if child == 0 then
    server:settimeout(30)
    local connection = server:accept()
    connection:settimeout(30)
    for _, bytes in ipairs { ... } do
      raw_server.read(connection)
      connection:send(bytes)
    end
    connection:close()
    process.leave(0)
  end
  server:close()
  return ("http://127.0.0.1:%d"):format(port), child
end

return raw_server
