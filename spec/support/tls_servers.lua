-- Servers of one nginx, each on a port of its own with its own certificate and its own idea of TLS,
-- that sell a number to any client, and record the requests.
--
--   local servers = require("spec.support.tls_servers").start {
--     good = { certificate = pem, key = pem },
--     old = { certificate = pem, key = pem, protocols = "TLSv1" },
--     plain = {},
--   }
--   servers.good.url          https://127.0.0.1:port
--   servers.good:requests()   a list of {method =, path =, authorization =, cookie =, resumed =}, with
--                             CONNECT, which nginx refuses
--   servers.good:await(2)     the same, when there are two
--   servers.stop()

local nginx = require("spec.support.nginx")
local socket = require("socket")

local tls_servers = {}

local BODY = '{"sid":"PN0123456789abcdef0123456789abcdef","phone_number":"+15005550006"}'

local CONFIGURATION = [[
$modules
worker_processes 1;
pid nginx.pid;
error_log error.log crit;
events { worker_connections 256; }
http {
  log_format who "${request_method} ${request_uri}|${http_authorization}|"
    "${http_cookie}|${ssl_session_reused}";
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ssl_session_tickets on;
  %s
}
]]

local SERVER = [[
  server {
    listen 127.0.0.1:%d %s;
    access_log %s.log who;
    %s
    %s
    location / {
      default_type application/json;
      return %s '%s';
    }
  }
]]

local TLS = [[
    ssl_certificate %s.pem;
    ssl_certificate_key %s.key;
    ssl_protocols %s;
    ssl_ciphers %s;
]]

local Server = {}
Server.__index = Server

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

---The given number of ports that are free at the moment.
function tls_servers.free_ports(count)
  local listeners, ports = {}, {}
  for i = 1, count do
    listeners[i] = assert(socket.bind("127.0.0.1", 0))
    ports[i] = tonumber((select(2, listeners[i]:getsockname())))
  end
  for i = 1, count do
    listeners[i]:close()
  end
  return ports
end

local function configure(server, path)
  local tls = ""
  if server.certificate then
    write(path .. ".pem", server.certificate)
    write(path .. ".key", server.key)
    local protocols, ciphers = server.protocols or "TLSv1.2 TLSv1.3", server.ciphers or "DEFAULT"
    tls = TLS:format(path, path, protocols, ciphers)
  end
  local listen = server.certificate and "ssl http2" or ""
  local status, body = server.status or 201, server.body or BODY
  return SERVER:format(server.port, listen, path, tls, server.more or "", status, body)
end

---The API requests that a server received, without those that its TLS or its parser refused.
function Server:requests()
  local list = {}
  for line in io.lines(self.log) do
    local request = {}
    request.method, request.path, request.authorization, request.cookie, request.resumed =
      line:match("^(%u+) ([^|]*)|([^|]*)|([^|]*)|(%p?r?)$")
    list[#list + 1] = request.method and request
  end
  return list
end

---Waits for the given number of requests: nginx logs a request after its response.
function Server:await(count)
  return nginx.await(function()
    local list = self:requests()
    return #list >= count and list
  end)
end

---Starts them all.
---@param wanted table<string, table> certificate, key, protocols, ciphers, status, body, more, port
---@return table servers by name, and stop()
function tls_servers.start(wanted)
  local names, blocks, servers = {}, {}, {}
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -m 755 " .. folder))
  for name in pairs(wanted) do
    names[#names + 1] = name
  end
  local ports = tls_servers.free_ports(#names)
  for i, name in ipairs(names) do
    local server = setmetatable(wanted[name], Server)
    server.port = server.port or ports[i]
    server.url = ("https://127.0.0.1:%d"):format(server.port)
    local path = folder .. "/" .. server.port
    server.log = path .. ".log"
    blocks[i] = configure(server, path)
    servers[name] = server
  end
  local text = CONFIGURATION:gsub("%%s", function()
    return table.concat(blocks)
  end)
  local host = nginx.start { configuration = text }
  servers.stop = function()
    host:stop()
    os.execute("rm -rf " .. folder)
  end
  return servers
end

return tls_servers
