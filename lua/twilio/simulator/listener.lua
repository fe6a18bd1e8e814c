-- A listening socket: accepts connections, negotiates TLS if configured, and detects the HTTP version.
-- On cqueues.

local cqueues = require("cqueues")
local errno = require("cqueues.errno")
local cqueues_socket = require("cqueues.socket")
local h2_connection = require("http.h2_connection")
local yieldable_pcall = require("http.util").yieldable_pcall
local h1 = require("twilio.simulator.h1")
local h2 = require("twilio.simulator.h2")

local listener = {}

local HANDSHAKE_SECONDS = 10
local OUT_OF_DESCRIPTORS_SECONDS = 0.05

-- Errors of a connection are returned, not raised; it stays usable after a timeout.
local function return_error(socket, operation, code)
  if code == errno.ETIMEDOUT then
    socket:clearerr(operation == "flush" and "w" or "r")
  end
  return errno.strerror(code), code
end

-- The HTTP version of the client: by ALPN, else by its first bytes.
local function protocol(socket, ctx)
  if ctx then
    if not socket:starttls(ctx, HANDSHAKE_SECONDS) then
      return nil
    end
    local selected = socket:checktls():getAlpnSelected()
    if selected then
      return selected == "h2" and h2 or h1
    end
  end
  local is_h2 = h2_connection.socket_has_preface(socket, true)
  if is_h2 == nil then
    return nil
  end
  return is_h2 and h2 or h1
end

local function speak(simulator, connection, ctx)
  local socket = connection.socket
  socket:onerror(return_error)
  socket:setmode("b", "bf")
  local version = protocol(socket, ctx)
  if version then
    version.serve(simulator, connection)
  end
end

local function serve(simulator, connection, ctx)
  local ok, message = yieldable_pcall(speak, simulator, connection, ctx)
  simulator.connections[connection] = nil
  connection.socket:close()
  assert(ok, message)
end

local function accept_all(simulator, listening, ctx)
  while true do
    local socket, code = listening:accept({ nodelay = true }, 0)
    if socket then
      simulator.last_connection = simulator.last_connection + 1
      local connection = {
        id = simulator.last_connection,
        socket = socket,
        scheme = ctx and "https" or "http",
      }
      simulator.connections[connection] = true -- before a later one can list them
      simulator:spawn(serve, connection, ctx)
    elseif code == errno.ETIMEDOUT then
      cqueues.poll(listening)
    else
      cqueues.sleep(OUT_OF_DESCRIPTORS_SECONDS)
    end
  end
end

---Listens on this machine only.
---@param simulator twilio.simulator.Simulator
---@param port integer 0: any free one
---@param ctx table? for TLS
---@return integer? port, string? problem
function listener.start(simulator, port, ctx)
  local listening = cqueues_socket.listen { host = "127.0.0.1", port = port, reuseaddr = true }
  listening:onerror(function(_, _, code)
    return code
  end)
  local ok, code = listening:listen()
  if not ok then
    return nil, ("127.0.0.1:%d: %s"):format(port, errno.strerror(code))
  end
  local _, _, bound_port = listening:localname()
  simulator.listening[#simulator.listening + 1] = listening
  simulator.cq:wrap(accept_all, simulator, listening, ctx)
  return bound_port
end

return listener
