--- Calls in flight together, for an operation that is made of them.
local together = {}

--- Runs calls in flight, as many at once as the client may have, and waits for all of them.
---@param call table
---@param count integer
---@param begin function(i, on_done): begins the i-th; returns nil, message, err if that cannot be
---@param on_result function(i, value, message, err)
function together.run(call, count, begin, on_result)
  local all_over, pendings = {}, {}
  local next_one, active = 1, 0
  local fill

  local function finish(i, ...)
    active = active - 1
    pendings[i] = nil
    on_result(i, ...)
  end

  function fill()
    while active < call.config.max_in_flight and next_one <= count and not call.stopped do
      local i = next_one
      call:extend()
      next_one, active = next_one + 1, active + 1
      local pending, message, err = begin(i, function(...)
        finish(i, ...)
        fill()
      end)
      if pending then
        pendings[i] = pending
      else
        finish(i, nil, message, err)
      end
    end
    if active == 0 then
      call.flight:complete(all_over)
    end
  end

  function call.on_cancel()
    call.stopped = true
    for _, pending in pairs(pendings) do
      pending:cancel()
    end
  end
  fill()
  call:await(all_over)
  call.on_cancel = nil
end

return together
