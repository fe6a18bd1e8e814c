--- A TCP link that can be cut: a proxy in a process of its own, in front of any server.
---
---   local link = require("spec.support.cut_link").start(port)
---   link.port
---   link:set("answer")     what happens to the next bytes of a client, see MODES
---   link:stop()
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local socket = require("socket")

local PROGRAM = [[
local socket = require("socket")
local port, mode = %d, "pass"
local listener, meeting = assert(socket.bind("127.0.0.1", 0)), assert(socket.bind("127.0.0.1", 0))
local peers, servers, all = {}, {}, { listener }

local function remove(one)
  for i = #all, 1, -1 do
    if all[i] == one then
      table.remove(all, i)
    end
  end
end

local function add(one)
  one:settimeout(0)
  all[#all + 1] = one
end

local function cut(one)
  for _, end_ in ipairs { one, peers[one] } do
    end_:close()
    remove(end_)
  end
end

local function send(to, text)
  to:settimeout(10)
  to:send(text)
  to:settimeout(0)
end

-- The fate of a client's bytes, and of a server's.
local MODES = {
  pass = { true, true },
  -- The query does not arrive, or all but its last byte does, and the connection ends.
  query = { function() return "" end, true },
  part = { function(text) return text:sub(1, -2) end, true },
  -- It arrives, and the connection ends when the response is there.
  answer = { true, function() return "" end },
  -- It arrives, but the response does not.
  silence = { true, false },
  -- Nothing is read from the client.
  deaf = { false, true },
}

local function hear(one)
  local rule = MODES[mode][servers[one] and 2 or 1]
  if not rule and not servers[one] then
    return remove(one)
  end
  local whole, why, part = one:receive(65536)
  local text = whole or part
  if rule == true then
    send(peers[one], text)
  elseif rule then
    send(peers[one], rule(text))
    mode, why = "pass", "closed"
  end
  if why == "closed" then
    cut(one)
  end
end

local _, own_port = listener:getsockname()
local _, meeting_port = meeting:getsockname()
io.stdout:write(own_port, "\n", meeting_port, "\n")
io.stdout:flush()
local control = assert(meeting:accept())
all[#all + 1] = control
while true do
  for _, ready in ipairs((socket.select(all))) do
    if ready == control then
      mode = control:receive("*l") or os.exit(0)
      assert(MODES[mode], mode)
      control:send("done\n")
    elseif ready == listener then
      local client, server = listener:accept(), assert(socket.connect("127.0.0.1", port))
      client:setoption("tcp-nodelay", true)
      server:setoption("tcp-nodelay", true)
      peers[client], peers[server], servers[server] = server, client, true
      add(client)
      add(server)
    elseif peers[ready] and ready:getfd() >= 0 then
      hear(ready)
    end
  end
end
]]

local cut_link = {}

local Link = {}
Link.__index = Link

--- Starts one to a port of this machine.
---@param port integer
function cut_link.start(port)
  local program = interpreter.run(PROGRAM:format(port))
  local self =
    setmetatable({ pipe = assert(io.popen("unset LD_PRELOAD; echo $$; " .. program)) }, Link)
  self.pid = tonumber(self.pipe:read("*l"))
  self.port = assert(tonumber(self.pipe:read("*l")), "the link does not start")
  self.control = assert(socket.connect("127.0.0.1", tonumber(self.pipe:read("*l"))))
  return self
end

---@param mode "pass"|"query"|"part"|"answer"|"silence"|"deaf"
function Link:set(mode)
  assert(self.control:send(mode .. "\n"))
  assert(self.control:receive("*l") == "done")
end

function Link:stop()
  self.control:close()
  process.kill(self.pid, 15)
  self.pipe:close()
end

return cut_link
