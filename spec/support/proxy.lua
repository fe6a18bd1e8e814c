-- A small HTTP proxy in a process of its own, which records everything that it receives.
--
--   local proxy = require("spec.support.proxy").start { authorization = "Basic ..." }
--   proxy.port
--   proxy:heads()   the head of each request that it was sent, as a list
--   proxy:bytes()   all that was sent through its tunnels, as it came
--   proxy:stop()

local interpreter = require("spec.support.interpreter")
local process = require("spec_process")

local PROGRAM = [[
local socket = require("socket")
local heads, bytes = assert(io.open(%q, "wb")), assert(io.open(%q, "wb"))
local wanted = %q
local listener = assert(socket.bind("127.0.0.1", 0))
local peers, heard, all = {}, {}, { listener }

local function add(client)
  client:settimeout(0)
  all[#all + 1] = client
end

local function drop(client)
  for _, one in ipairs { client, peers[client] } do
    one:close()
    for i = #all, 1, -1 do
      if all[i] == one then
        table.remove(all, i)
      end
    end
  end
end

local function send(to, text)
  to:settimeout(5)
  to:send(text)
  to:settimeout(0)
end

-- Handles a complete head: opens a tunnel or closes the connection.
local function answer(client, head)
  heads:write(head, "\0")
  heads:flush()
  local host, port = head:match("^CONNECT ([^ ]+):(%%d+) HTTP/1.1\r\n")
  local authorization = head:match("\r\nProxy%%-Authorization: ([^\r]*)\r\n") or ""
  local upstream = host and authorization == wanted and socket.connect(host, tonumber(port))
  if upstream then
    add(upstream)
    peers[client], peers[upstream] = upstream, client
    return send(client, "HTTP/1.1 200 Connection established\r\n\r\n")
  end
  local status = not host and "501 No" or authorization ~= wanted and "407 Who" or "502 Bad Gateway"
  send(client, "HTTP/1.1 " .. status .. "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  drop(client)
end

local function hear(client, text)
  if peers[client] then
    if heard[client] then
      bytes:write(text)
      bytes:flush()
    end
    return send(peers[client], text)
  end
  heard[client] = (heard[client] or "") .. text
  if heard[client]:find("\r\n\r\n", 1, true) then
    answer(client, heard[client])
  end
end

local _, port = listener:getsockname()
io.stdout:write(port, "\n")
io.stdout:flush()
while true do
  for _, ready in ipairs((socket.select(all))) do
    if ready == listener then
      add(listener:accept())
    else
      local whole, why, part = ready:receive(8192)
      local text = whole or part
      if #text > 0 then
        hear(ready, text)
      end
      if why == "closed" then
        drop(ready)
      end
    end
  end
end
]]

local proxy = {}

local Proxy = {}
Proxy.__index = Proxy

local read = require("spec.support.files").read

---Starts a proxy and waits until it listens.
---@param options { authorization: string? }? what its clients must send as Proxy-Authorization
function proxy.start(options)
  local self = setmetatable({ heads_path = os.tmpname(), bytes_path = os.tmpname() }, Proxy)
  local authorization = options and options.authorization or ""
  local program = PROGRAM:format(self.heads_path, self.bytes_path, authorization)
  self.pipe = assert(io.popen("unset LD_PRELOAD; echo $$; " .. interpreter.run(program)))
  self.pid = tonumber(self.pipe:read("*l"))
  self.port = assert(tonumber(self.pipe:read("*l")), "the proxy does not start")
  return self
end

function Proxy:heads()
  local list = {}
  for head in read(self.heads_path):gmatch("%Z+") do
    list[#list + 1] = head
  end
  return list
end

function Proxy:bytes()
  return read(self.bytes_path)
end

function Proxy:stop()
  process.kill(self.pid, 15)
  self.pipe:close()
  os.remove(self.heads_path)
  os.remove(self.bytes_path)
end

return proxy
