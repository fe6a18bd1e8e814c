--- A server that keeps its connections open, and sends or closes on request while they are idle: over
--- HTTP/1.1, plain or with TLS, in a process of its own.
---
---   local server = kept_server.start({ "HTTP/1.1 201 ...", ... })
---   server.base_url        each request gets the next of these responses, then the last one repeatedly
---   server:leave(bytes)    sends unrequested bytes on all connections
---   server:close()         closes all connections
---   server:counts()        { connections =, requests = } since it started
---   server:stop()
local connections = require("spec.support.connections")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")
local socket = require("socket")

local kept_server = {}

local PATIENCE = 60 -- seconds without anything to do, after which it ends by itself

local SECRET = { mode = "server", protocol = "any", options = "all" }

-- The connection of TLS on a connection, with a pem of both certificate and key.
local function secure(connection, pem)
  local parameters = { certificate = pem, key = pem }
  for name, value in pairs(SECRET) do
    parameters[name] = value
  end
  local secured = assert(require("ssl").wrap(connection, parameters))
  secured:settimeout(PATIENCE)
  return secured:dohandshake() and secured
end

-- The server itself: what it knows, and what it does when one of its sockets is readable.
local Child = {}
Child.__index = Child

function Child:forget(connection)
  connection:close()
  for i, other in ipairs(self.connections) do
    if other == connection then
      table.remove(self.connections, i)
    end
  end
end

function Child:accept()
  local connection = self.listener:accept()
  connection:settimeout(PATIENCE)
  self.accepted = self.accepted + 1
  self.connections[#self.connections + 1] = self.pem and secure(connection, self.pem)
    or not self.pem and connection
    or nil
end

function Child:answer(connection)
  if not raw_server.read(connection) then
    return self:forget(connection)
  end
  self.requests = self.requests + 1
  connection:send(self.answers[math.min(self.requests, #self.answers)])
end

-- What is asked for by a line: a word, and the length of the bytes that follow.
function Child:obey()
  local word, length = (self.control:receive("*l") or "stop 0"):match("^(%a+) (%d+)$")
  local bytes = length ~= "0" and self.control:receive(tonumber(length)) or ""
  if word == "stop" then
    process.leave(0)
  end
  for i = #self.connections, 1, -1 do
    if word == "leave" then
      self.connections[i]:send(bytes)
    elseif word == "close" then
      self:forget(self.connections[i])
    end
  end
  self.control:send(("%d %d\n"):format(self.accepted, self.requests))
end

function Child:serve()
  while true do
    local all = { self.listener, self.control }
    for _, connection in ipairs(self.connections) do
      all[#all + 1] = connection
    end
    local readable = socket.select(all, nil, PATIENCE)
    if #readable == 0 then
      process.leave(1)
    elseif readable[self.control] then
      self:obey()
    elseif readable[self.listener] then
      self:accept()
    else
      self:answer(readable[1])
    end
  end
end

local Server = {}
Server.__index = Server

-- Tells it to do something, and waits until it has.
function Server:ask(word, bytes)
  bytes = bytes or ""
  self.control:send(("%s %d\n%s"):format(word, #bytes, bytes))
  local accepted, requests = (self.control:receive("*l") or ""):match("^(%d+) (%d+)$")
  return { connections = tonumber(accepted), requests = tonumber(requests) }
end

function Server:leave(bytes)
  self:ask("leave", bytes)
  connections.until_readable(self.port)
end

function Server:close()
  self:ask("close")
  connections.until_closed(self.port)
end

function Server:counts()
  return self:ask("count")
end

function Server:stop()
  self.control:send("stop 0\n")
  self.control:close()
  assert(process.wait(self.child) == 0)
end

---@param answers string[]
---@param pem? string the path of a certificate and its key: it speaks TLS then
---@param host? string where it listens; default 127.0.0.1
function kept_server.start(answers, pem, host)
  host = host or "127.0.0.1"
  local listener = assert(socket.bind(host, 0))
  local meeting = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local _, meeting_port = meeting:getsockname()
  local child = process.fork()
  if child == 0 then
    local fields = { listener = listener, answers = answers, pem = pem }
    fields.control = assert(socket.connect("127.0.0.1", meeting_port))
    fields.connections, fields.accepted, fields.requests = {}, 0, 0
    local _, why = pcall(Child.serve, setmetatable(fields, Child))
    io.stderr:write("a server of the specs: ", tostring(why), "\n")
    process.leave(1)
  end
  listener:close()
  local control = assert(meeting:accept())
  meeting:close()
  control:settimeout(PATIENCE)
  return setmetatable({
    control = control,
    child = child,
    port = tonumber(port),
    base_url = ("%s://%s:%d"):format(pem and "https" or "http", host, port),
  }, Server)
end

return kept_server
