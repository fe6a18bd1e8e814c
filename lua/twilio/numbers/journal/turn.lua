--- Turns at a record that many orders write, such as the count of a day. Within a Lua state one call after
--- the other reads and writes it: together all but one would find that it has changed, and begin again.
--- Other processes are not waited for.
local turn = {}

local LONGEST = 2 -- seconds; a host may drop a call that has the turn

local by_journal = setmetatable({}, { __mode = "k" })

--- Waits for the turn.
---@return table own to be given to leave()
function turn.enter(session, key)
  local call = session.call
  local turns = by_journal[session.journal] or {}
  by_journal[session.journal] = turns
  local before, own = turns[key], { is_over = false, next = false, scheduler = false }
  turns[key] = own
  local scheduler = call.client.scheduler
  local can_wait = not call.loop or call.loop.is_polled or scheduler:get_io_thread()
  if before and not before.is_over and can_wait then
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
