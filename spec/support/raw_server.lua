--- A server of a few bytes: says what no honest server says.
local process = require("spec_process")
local socket = require("socket")

local raw_server = {}

--- Reads a request.
local function read(connection)
  local length = 0
  repeat
    local line = connection:receive("*l") or ""
    length = tonumber(line:lower():match("^content%-length: (%d+)")) or length
  until line == ""
  if length > 0 then -- LuaSocket waits for a byte even to read none
    connection:receive(length)
  end
end

--- Answers requests on one connection, each with some bytes, in a process of its own.
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
      read(connection)
      connection:send(bytes)
    end
    connection:close()
    process.leave(0)
  end
  server:close()
  return ("http://127.0.0.1:%d"):format(port), child
end

return raw_server
