-- How a connection ends: with FIN, as a server that closes it, or with RST, as one that died.
-- On cqueues, and on LuaSocket for SO_LINGER, which cqueues does not offer.

local cqueues = require("cqueues")
local luasocket = require("socket")

local ending = {}

-- A client that does not notice the FIN keeps its half open no longer than this.
local DRAIN_SECONDS = 5

-- With SO_LINGER on and 0, close() sends RST.
local function close_will_reset(fd)
  local handle = luasocket.tcp()
  handle:setfd(fd)
  handle:setoption("linger", { on = true, timeout = 0 })
  handle:setfd(-1) -- or its collection would close our descriptor
end

---Sends RST. Whoever waits for the socket is woken, and finds it closed.
---@param socket table
function ending.reset(socket)
  local fd = socket:pollfd()
  close_will_reset(fd)
  cqueues.cancel(fd)
  socket:close()
end

---Sends FIN, and reads on until the client has closed too: to close() while there is something
---unread would send RST.
---@param socket table
function ending.close(socket)
  socket:flush("n", DRAIN_SECONDS)
  socket:shutdown("w")
  local deadline = cqueues.monotime() + DRAIN_SECONDS
  repeat
    local bytes = socket:xread(-65536, deadline - cqueues.monotime())
  until not bytes
  socket:close()
end

return ending
