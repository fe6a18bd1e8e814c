--- The numbers that the calls of a client have bought lately, by SID. The response to another purchase may
--- name one of them: after a collision with a purchase by area code, or because a gateway repeats a response.
local bought = {}

local MAX = 1000 -- SIDs, and as many older ones

--- By client: how many calls have bought the number with a SID: `latest`, with their count, and `before`.
local by_client = setmetatable({}, { __mode = "k" })

local function times(memory, sid)
  return memory and (memory.latest[sid] or memory.before[sid]) or 0
end

--- Records that a call has bought a number.
---@param sid string
---@return boolean is_first no other call of the client has
function bought.note(call, sid)
  local client = call.client
  local memory = by_client[client]
  if not memory then
    memory = { latest = {}, before = {}, count = 0 }
    by_client[client] = memory
  elseif memory.count >= MAX then
    memory.before, memory.latest, memory.count = memory.latest, {}, 0
  end
  sid = sid:lower()
  local earlier = times(memory, sid)
  memory.latest[sid], memory.count = earlier + 1, memory.count + 1
  return earlier == 0
end

--- How many calls of the client have bought a number; 0 also if that is long ago.
---@param sid string
---@return integer
function bought.times(call, sid)
  return times(by_client[call.client], sid:lower())
end

return bought
