--- The connections of this machine to a port of 127.0.0.1, as the system lists them: what has arrived there,
--- and was not read yet.
local flights = require("spec.support.flights")

local connections = {}

local ESTABLISHED = "01"

-- Waits until each of them is so, by its state and how many bytes wait to be read.
local function until_each(port, is_so)
  local wanted = (" 0100007F:%04X (%%x%%x) %%x+:(%%x+)"):format(port)
  flights.until_(function()
    local all = true
    for line in io.lines("/proc/net/tcp") do
      local state, waiting = line:match("^ *%d+: %x+:%x+" .. wanted)
      all = all and (not state or is_so(state, tonumber(waiting, 16)))
    end
    return all
  end, "arrived")
end

--- Waits until there is something to read on all of them.
---@param port integer
function connections.until_readable(port)
  until_each(port, function(state, waiting)
    return state ~= ESTABLISHED or waiting > 0
  end)
end

--- Waits until the other side has closed all of them.
---@param port integer
function connections.until_closed(port)
  until_each(port, function(state)
    return state ~= ESTABLISHED
  end)
end

return connections
