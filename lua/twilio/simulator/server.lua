-- The simulator as a server: over HTTP/1.1 and HTTP/2, with and without TLS, on this machine only. On
-- cqueues.
--
--   local server = assert(require("twilio.simulator").new({ port = 0 }))
--   server:fault({ fault = "close_after_commit", method = "POST" })
--   assert(server:loop())

local cqueues = require("cqueues")
local condition = require("cqueues.condition")
local yieldable_pcall = require("http.util").yieldable_pcall
local backend = require("twilio.simulator.backend")
local listener = require("twilio.simulator.listener")
local profiles = require("twilio.simulator.profiles")
local tls = require("twilio.simulator.tls")

local server = {}

---@class twilio.simulator.Simulator : twilio.simulator.Backend
---@field base_url string https://127.0.0.1:port, with the path of its profile
---@field http_url string http://127.0.0.1:port
---@field ca_pem string the certificate of the CA that issued the server's
---@field stopped boolean
local Simulator = backend.extend()

-- Ends the loop after a number of seconds without a request.
local function stop_when_idle(self, seconds)
  local left = seconds
  repeat
    cqueues.sleep(left)
    left = self.last_request + seconds - cqueues.monotime()
  until left <= 0
  self:stop()
end

---@class twilio.simulator.Options : twilio.simulator.Given
---@field port integer? for https; 0, the default: any free one
---@field http_port integer? for http
---@field idle_timeout number? seconds without a request after which it stops
---@field on_error fun(message: string)? receives errors of single connections

---Starts to listen. Requests are only answered while the loop runs.
---@param options twilio.simulator.Options?
---@return twilio.simulator.Simulator?, string? problem
function server.new(options)
  options = options or {}
  local profile = profiles.named[options.profile or "twilio"]
  if not profile then
    return nil, "there is no profile " .. tostring(options.profile)
  end
  local ctx, ca_pem = tls.new()
  local self = backend.new(Simulator, options)
  self.cq = cqueues.new()
  self.ca_pem = ca_pem
  self.on_error = options.on_error
  self.listening = {}
  self.last_connection = 0
  self.last_request = cqueues.monotime()
  self.stopped = false
  self.stopping = condition.new()
  self.resumed = condition.new()
  local ports = {}
  for index, listen in ipairs { { options.port or 0, ctx }, { options.http_port or 0 } } do
    local port, problem = listener.start(self, listen[1], listen[2])
    if not port then
      self:close()
      return nil, problem
    end
    ports[index] = port
  end
  self.cq:wrap(function()
    self.stopping:wait() -- so that stop() ends a step that waits, wherever it is called
  end)
  if options.idle_timeout then
    self.cq:wrap(stop_when_idle, self, options.idle_timeout)
  end
  self.base_url = ("https://127.0.0.1:%d%s"):format(ports[1], profile.prefix)
  self.http_url = ("http://127.0.0.1:%d"):format(ports[2])
  return self
end

---Runs a function in a coroutine of its own, which contains its errors.
---@param run fun(simulator: twilio.simulator.Simulator, ...)
function Simulator:spawn(run, ...)
  self.cq:wrap(function(...)
    local ok, message = yieldable_pcall(run, self, ...)
    if not ok and self.on_error then
      self.on_error(tostring(message))
    end
  end, ...)
end

---Releases held requests.
function Simulator:resume()
  self.resumed:signal()
end

---Ends the loop.
function Simulator:stop()
  self.stopped = true
  self.stopping:signal()
end

---Runs until it is stopped.
function Simulator:loop()
  while not self.stopped do
    self:step()
  end
  self:close()
  return true
end

---Handles what is ready, waiting up to a number of seconds. Yields in a coroutine of cqueues.
---@param seconds number?
function Simulator:step(seconds)
  local ok, message = self.cq:step(seconds)
  if not ok and self.on_error then
    self.on_error(tostring(message))
  end
end

---Closes the connections that carried API requests, as a server does with idle ones.
function Simulator:retire()
  for connection in pairs(self.connections) do
    if connection.counted and not connection.is_reset then
      connection.retired = true
      connection.socket:shutdown("w")
    end
  end
end

---Stops listening, and drops all connections.
function Simulator:close()
  for connection in pairs(self.connections) do
    if not connection.is_reset then
      cqueues.cancel(connection.socket:pollfd())
      connection.socket:close()
    end
  end
  self.connections = {}
  for _, listening in ipairs(self.listening) do
    cqueues.cancel(listening:pollfd())
    listening:close()
  end
  self.listening = {}
end

-- The cqueues protocol for pollable objects, for hosts with a loop of their own: call step(0), wait for
-- these, repeat.
function Simulator:pollfd()
  return self.cq:pollfd()
end

function Simulator:events()
  return self.cq:events()
end

function Simulator:timeout()
  return self.cq:timeout()
end

return server
