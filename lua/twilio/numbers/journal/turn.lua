--- A queue for a record that many orders write, such as the count of a day. The calls of a Lua state read and
--- write it one after another; together, all but one would fail and retry. It does not cover other processes.
local turn = {}

local LONGEST = 2 -- seconds; a host may drop the call whose turn it is

local by_journal = setmetatable({}, { __mode = "k" })

--- Waits for the turn.
---@return table own to be passed to leave()
function turn.enter(session, key)
  local call = session.call
  local turns = by_journal[session.journal] or {}
  by_journal[session.journal] = turns
  local before, own = turns[key], { is_over = false, next = false, scheduler = false }
  turns[key] = own
  local scheduler = call.client.scheduler
  local can_wait = not call.loop or call.loop.is_polled or scheduler:get_io_thread()
  if before and not before.is_over and can_wait and not call.cancelled then
    local token = scheduler:alarm(LONGEST)
    before.next, before.scheduler = token, scheduler
    call:wait(token)
    scheduler:disarm(token)
  end
  return own
end

--- Gives the turn to the next call.
function turn.leave(session, key, own)
  local turns = by_journal[session.journal]
  own.is_over = true
  if turns and turns[key] == own then
    turns[key] = nil
  end
  if own.next and not own.next.done then
    own.scheduler:complete(own.next)
  end
end

return turn
