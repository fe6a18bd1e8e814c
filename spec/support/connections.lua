--- The connections of this process to a port of 127.0.0.1: the bytes that have arrived there unread.
local flights = require("spec.support.flights")
local process = require("spec_process")

local connections = {}

local function until_each(port, is_so)
  flights.until_(function()
    for _, state in ipairs(process.connections(port)) do
      if not is_so(state) then
        return false
      end
    end
    return true
  end, "arrived")
end

--- Waits until all of them are readable.
---@param port integer
function connections.until_readable(port)
  until_each(port, function(state)
    return state ~= "silent"
  end)
end

--- Waits until the peer has closed all of them.
---@param port integer
function connections.until_closed(port)
  until_each(port, function(state)
    return state == "closed"
  end)
end

return connections
