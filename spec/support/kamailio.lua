--- A real Kamailio with the example of examples/kamailio, and requests to it.
local socket = require("socket")

local command = require("spec.support.command")
local journals = require("spec.support.journals")

local shell = journals.shell

local kamailio = {}

local PATIENCE = 30 -- seconds, for a response

--- Kamailio's module for Lua, and the Lua that it is linked to; nil if it is not installed.
local MODULE = shell("ls /usr/lib/*/kamailio/modules/app_lua.so 2>/dev/null"):match("%S+")
local LUA = MODULE and shell("ldd " .. MODULE):match("liblua(5%.%d)")

--- The server's program; nil if it, or its module, is not installed. Debian's folder of servers is not in
--- each user's PATH.
function kamailio.program()
  return MODULE and shell("PATH=$PATH:/usr/sbin; command -v kamailio"):match("%S+")
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- Replaces text that must be there.
local function replace(text, old, new)
  local from, to = text:find(old, 1, true)
  assert(from, old)
  return text:sub(1, from - 1) .. new .. text:sub(to + 1)
end

--- A UDP socket on a free port.
local function bind()
  local udp = assert(socket.udp())
  assert(udp:setsockname("127.0.0.1", 0))
  udp:settimeout(PATIENCE)
  return udp, ("%d"):format((select(2, udp:getsockname())))
end

-- Its processes keep the pipe open until the last of them ends.
local RUN = [[
  unset LD_PRELOAD
  echo $$
  export LUA_PATH='$root/lua/?.lua;$root/lua/?/init.lua;;' LUA_CPATH='$root/$build/$lua/?.so;;'
  export TWILIO_ACCOUNT_SID=$sid TWILIO_AUTH_TOKEN=$token TWILIO_BASE_URL=$url TWILIO_CA_FILE=$ca
  export TWILIO_NUMBERS_JOURNAL=$folder/purchases.db
  exec $program -DD -E -Y $folder -f $folder/kamailio.cfg 2>$folder/log
]]

local Server = {}
Server.__index = Server

--- Starts it, with an empty journal.
---@param twilio table a simulator
function kamailio.start(twilio)
  local root, folder = shell("pwd"):match("[^\n]+"), journals.new_folder()
  assert(select(2, command.run({}, "journal", "init", folder .. "/purchases.db")) == 0)
  local probe, port = bind()
  probe:close()
  local text =
    replace(read("examples/kamailio/kamailio.cfg"), "127.0.0.1:5060", "127.0.0.1:" .. port)
  local file = assert(io.open(folder .. "/kamailio.cfg", "w"))
  file:write((replace(text, "/etc/kamailio/", root .. "/examples/kamailio/")))
  file:close()
  local pipe = assert(io.popen((RUN:gsub("$(%l+)", {
    root = root,
    lua = LUA,
    build = os.getenv("BUILD") or "build",
    folder = folder,
    program = kamailio.program(),
    sid = twilio.account_sid,
    token = twilio.auth_token,
    url = twilio.base_url,
    ca = twilio.ca_file,
  }))))
  local self = { folder = folder, port = port, pipe = pipe, count = 0, responses = {} }
  self.pid = pipe:read("*l")
  self.udp, self.own_port = bind()
  return setmetatable(self, Server)
end

local REQUEST = table.concat({
  "$method sip:buy@127.0.0.1:$port SIP/2.0",
  "Via: SIP/2.0/UDP 127.0.0.1:$own_port;branch=z9hG4bK$id",
  "From: <sip:ann@127.0.0.1>;tag=1",
  "To: <sip:buy@127.0.0.1>",
  "Call-ID: $id",
  "CSeq: $count $method",
  "Max-Forwards: 70",
  "Content-Type: text/plain",
  "Content-Length: $length",
  "",
  "$body",
}, "\r\n")

--- Sends a request and does not wait for the response.
---@return string cseq what its response has in that header
function Server:begin(method, body)
  self.count = self.count + 1
  local text = REQUEST:gsub("$([%l_]+)", {
    method = method,
    port = self.port,
    own_port = self.own_port,
    id = self.own_port .. "-" .. self.count,
    count = ("%d"):format(self.count),
    length = ("%d"):format(#(body or "")),
    body = body or "",
  })
  assert(self.udp:sendto(text, "127.0.0.1", self.port))
  return ("%d %s"):format(self.count, method)
end

--- Waits for the response to a request.
---@param cseq string what begin() returned
---@return string status such as "200 OK"
function Server:response(cseq)
  while not self.responses[cseq] do
    local text = assert(self.udp:receive())
    self.responses[text:match("\nCSeq: ([^\r]*)\r")] = text:match("^SIP/2%.0 ([^\r]*)\r")
  end
  return self.responses[cseq]
end

--- Sends a request and waits for its response.
---@return string status
function Server:ask(method, body)
  return self:response(self:begin(method, body))
end

--- Waits until it serves requests.
function Server:await()
  self.udp:settimeout(0.2)
  local ends = socket.gettime() + PATIENCE
  repeat
    if socket.gettime() > ends then
      error("Kamailio does not start: " .. read(self.folder .. "/log"))
    end
    self:begin("OPTIONS")
  until self.udp:receive()
  self.udp:settimeout(PATIENCE)
end

--- Stops it, and waits for the end of all of its processes.
function Server:stop()
  os.execute("kill " .. self.pid)
  self.pipe:read("*a")
  self.pipe:close()
  self.udp:close()
  journals.remove(self.folder)
end

return kamailio
