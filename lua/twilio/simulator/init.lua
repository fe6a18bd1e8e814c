-- A local Twilio: the API for buying phone numbers, and faults on demand. See docs/simulator.md.
--
--   local simulator = require("twilio.simulator")
--   local transport, twilio = simulator.transport()         -- in this process, with no network: for tests
--   local server = assert(simulator.new({ port = 0 }))      -- for any client, over HTTP/1.1, HTTP/2 and TLS
--
-- The server needs lua-http, and is loaded on demand. The transport runs on any Lua and needs only this
-- library.

local in_process = require("twilio.simulator.in_process")

local simulator = {}

---Creates a simulated Twilio in this process.
---@param options twilio.simulator.TransportOptions?
---@return twilio.numbers.Transport transport for numbers.client
---@return twilio.simulator.InProcess twilio its credentials, faults and state
function simulator.transport(options)
  return in_process.new(options)
end

---Creates a server, see server.lua. Raises an error if lua-http, luaossl or LuaSocket cannot be loaded.
---@param options twilio.simulator.Options?
---@return twilio.simulator.Simulator?, string? problem
function simulator.new(options)
  return require("twilio.simulator.server").new(options)
end

return simulator
