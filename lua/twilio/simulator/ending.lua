-- Ends a connection: with FIN, like a server that closes it, or with RST, like one that died.
-- On cqueues, and on LuaSocket for SO_LINGER, which cqueues does not offer.

local cqueues = require("cqueues")
local luasocket = require("socket")

local ending = {}

-- The longest that a client may keep its half open after the FIN.
local DRAIN_SECONDS = 5

-- With SO_LINGER on and 0, close() sends RST.
local function close_will_reset(fd)
  local handle = luasocket.tcp()
  handle:setfd(fd)
  handle:setoption("linger", { on = true, timeout = 0 })
  handle:setfd(-1) -- or its collection would close the descriptor
end

---Sends RST. Coroutines that wait for the socket are woken, and find it closed.
---@param socket table
function ending.reset(socket)
  local fd = socket:pollfd()
  close_will_reset(fd)
  cqueues.cancel(fd)
  socket:close()
end

---Sends FIN, and reads until the client has closed too: close() with unread data would send RST.
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
