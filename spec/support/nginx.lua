-- Starts a real nginx with one worker, in whose LuaJIT the library runs, and sends requests to it.
--
--   local host = require("spec.support.nginx").start {
--     http = [[ init_by_lua_block { ... } ]],
--     server = [[ location /buy { content_by_lua_block { ... } } ]],
--   }
--   local request = host:begin("/buy")     -- does not wait
--   host:get("/ping").body                 -- waits
--   request:receive().body
--   host:stop()

local socket = require("socket")

local nginx = {}

local TEMPLATE = [[
$modules
worker_processes 1;
worker_shutdown_timeout 60s;
pid nginx.pid;
error_log error.log info;
$env
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  lua_package_path "$first$root/lua/?.lua;$root/lua/?/init.lua;$root/spec/support/?.lua;;";
  lua_package_cpath "$root/$build/luajit/?.so;;";
  $http
  server {
    listen 127.0.0.1:$port;
    location = /ping { content_by_lua_block { ngx.print("pong") } }
    location = /worker { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
    $server
  }
}
]]

local output = require("spec.support.files").trimmed_output

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

--- A port that is free at the moment.
local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return port
end

-- The directives that load the Lua module, unless it is built in (as in OpenResty).
local function modules()
  local folder = output("nginx -V 2>&1"):match("%-%-modules%-path=(%S+)") or ""
  local lines = {}
  for _, name in ipairs { "ndk_http_module", "ngx_http_lua_module" } do
    local path = folder .. "/" .. name .. ".so"
    lines[#lines + 1] = io.open(path) and ("load_module %s;"):format(path)
  end
  return table.concat(lines, "\n")
end

local function env(variables)
  local lines = {}
  for name, value in pairs(variables or {}) do
    lines[#lines + 1] = ('env "%s=%s";'):format(name, value)
  end
  return table.concat(lines, "\n")
end

-- nginx also loads the file in LUA_INIT first, like every interpreter.
local function with_init(text)
  local path = (os.getenv("LUA_INIT") or ""):match("^@(.*)")
  local call = path and ("%%0 dofile(%q)"):format(path)
  return path and text:gsub("init_by_lua_block {", call) or text
end

local Host = {}
Host.__index = Host

---Starts nginx, and returns when its ports are open.
---@param options table of strings: http, server, configuration, shell, first; and env, a table
---`configuration` is a whole nginx.conf in place of http and server, in which $port, $root and
---$modules are filled in; `shell`: variables for nginx itself, as a shell takes them; `first`: where its Lua
---looks for modules first
function nginx.start(options)
  local host = setmetatable({ prefix = output("mktemp -d"), port = free_port() }, Host)
  local values = {
    modules = modules(),
    env = env(options.env),
    root = output("pwd"),
    build = os.getenv("BUILD") or "build",
    http = options.http or "",
    server = options.server or "",
    first = options.first and options.first .. ";" or "",
    port = ("%d"):format(host.port),
  }
  local text = (options.configuration or TEMPLATE):gsub("%$(%l+)", values)
  write(host.prefix .. "/nginx.conf", with_init(text))
  -- nginx is ready as soon as its command returns. Its processes keep descriptor 9, so that the pipe closes
  -- with the last of them.
  host.pipe = assert(io.popen(([[
    unset LD_PRELOAD LUA_PATH LUA_CPATH
    %s nginx -p %s/ -c nginx.conf -e error.log -g "daemon on; user $(id -un);" 9>&1 >/dev/null 2>&1
    echo $?]]):format(options.shell or "", host.prefix)))
  if host.pipe:read("*l") ~= "0" then
    error("nginx does not start: " .. host:log(), 2)
  end
  return host
end

local Request = {}
Request.__index = Request

---Sends a request, by default a GET, without waiting for the response.
function Host:begin(path, method)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(30)
  local head = "%s %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
  assert(connection:send(head:format(method or "GET", path)))
  return setmetatable({ connection = connection }, Request)
end

---Whether a part of the response has arrived.
function Request:is_answered()
  return #socket.select({ self.connection }, nil, 0) > 0
end

---Waits for the response.
---@return { status: integer?, body: string? } answer empty if the connection broke
function Request:receive()
  local text = self.connection:receive("*a") or ""
  self.connection:close()
  local status, body = text:match("^HTTP/1%.%d (%d+).-\r\n\r\n(.*)$")
  return { status = tonumber(status), body = body }
end

---Disconnects without waiting for the response.
function Request:close()
  self.connection:close()
end

function Host:get(path)
  return self:begin(path):receive()
end

---Sends the same GET many times at once.
---@return table[] answers
function Host:get_all(path, count)
  local requests, answers = {}, {}
  for i = 1, count do
    requests[i] = self:begin(path)
  end
  for i = 1, count do
    answers[i] = requests[i]:receive()
  end
  return answers
end

---Polls a condition until it is true, for at most 20 seconds.
---@param is_so fun(): any
function nginx.await(is_so)
  local ends = socket.gettime() + 20
  repeat
    local value = is_so()
    if value then
      return value
    end
    socket.sleep(0.005)
  until socket.gettime() > ends
  error("it never came to be", 2)
end

---Polls until a GET returns this body; returns the response.
function Host:await(path, body)
  nginx.await(function()
    return self:get(path).body == body
  end)
end

---Sends a signal to the master.
---@param name string HUP reads the configuration again, QUIT lets requests finish
function Host:signal(name)
  local pid = nginx.await(function()
    return read(self.prefix .. "/nginx.pid"):match("%d+")
  end)
  os.execute(("kill -%s %s"):format(name, pid))
end

---Reloads the configuration, and returns when a new worker responds.
---@return string pid of the old worker, which may still be at work
function Host:reload()
  local old = self:get("/worker").body
  self:signal("HUP")
  nginx.await(function()
    local pid = self:get("/worker").body
    return pid and pid ~= old
  end)
  return old
end

---Whether a process exists.
function nginx.is_running(pid)
  return output(("kill -0 %s 2>/dev/null && echo yes"):format(pid)) == "yes"
end

---How many descriptors and threads a process has.
---@param pid string
---@return integer descriptors
---@return integer threads
function nginx.resources(pid)
  local listed = "ls /proc/%s/%s | wc -l"
  return tonumber(output(listed:format(pid, "fd"))), tonumber(output(listed:format(pid, "task")))
end

---Whether the master still has its workers.
function Host:is_running()
  return read(self.prefix .. "/nginx.pid") ~= ""
end

---The text of the error log.
function Host:log()
  return self.last_log or read(self.prefix .. "/error.log")
end

---Waits for the end of all processes.
---@return string log
function Host:wait()
  if self.pipe then
    self.pipe:read("*a")
    self.pipe:close()
    self.pipe = nil
    self.last_log = self:log()
    os.execute("rm -rf " .. self.prefix)
  end
  return self.last_log
end

---Stops nginx and waits for its end.
function Host:stop()
  if self.pipe then
    self:signal("TERM")
  end
  return self:wait()
end

return nginx
