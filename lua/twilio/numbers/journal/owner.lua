--- The process and the Lua state that a call belongs to, and whether they have certainly ended.
local core = require("twilio.numbers.core")

local owner = {}

local process, identity
local live = setmetatable({}, { __mode = "k" }) -- calls of this state, by session

--- A name for this Lua state: its process, as core.process_identity() names it, and a random part.
function owner.identity()
  if process ~= core.process() then
    process = core.process()
    identity = (core.process_identity() or "?") .. "/" .. core.random_name():sub(1, 8)
  end
  return identity
end

--- Registers a running call, until it ends or is collected.
function owner.enter(session)
  live[session] = true
end

function owner.leave(session)
  live[session] = nil
end

local function is_live(token)
  for session in pairs(live) do
    if session.token == token then
      return true
    end
  end
  return false
end

--- Whether the call of a sender has certainly ended: its process has ended, or it was an ended call of this
--- Lua state. (Its requests may still arrive.)
---@param sender table
---@param era string of the store's clock
---@param is_local boolean all users of the journal are on this machine
function owner.has_ended(sender, era, is_local)
  local by = sender.token:gsub("%.%d+$", "")
  if by == owner.identity() then
    return not is_live(sender.token)
  end
  return is_local and sender.era == era and core.process_has_ended((by:gsub("/[^/]*$", "")))
end

return owner
