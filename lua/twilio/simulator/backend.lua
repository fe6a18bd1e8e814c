-- The transport-independent part of the simulator: its state, its faults, and its control interface for
-- tests. Pure. The base of server.lua and in_process.lua, which send the answers.

local control = require("twilio.simulator.control")
local faults = require("twilio.simulator.faults")
local store = require("twilio.simulator.store")

---@class twilio.simulator.Backend
---@field credentials table<string, string> account_sid, auth_token, api_key, ...
---@field store table
---@field faults table
---@field connections table<table, boolean> the open ones
---@field unfinished integer purchases and changes that were read but not yet carried out
local backend = {}
backend.__index = backend

---A class whose objects are backends.
---@return table
function backend.extend()
  local class = setmetatable({}, backend)
  class.__index = class
  return class
end

---@param class table of extend()
---@param options twilio.simulator.Given?
---@return twilio.simulator.Backend
function backend.new(class, options)
  options = options or {}
  local self = setmetatable({ connections = {}, unfinished = 0 }, class)
  self.store = store.new(options)
  self.credentials = self.store.credentials
  self.faults = faults.new(function()
    return self.store:snapshot()
  end, options.seed)
  return self
end

---Adds a fault, like `POST /simulator/faults`.
---@param wanted twilio.simulator.Fault
---@return boolean? ok, string? problem
function backend:fault(wanted)
  return self.faults:add(wanted)
end

---Counters, credentials and owned numbers, like `GET /simulator/state`.
---@return table
function backend:state()
  return control.state(self)
end

---The latest API requests, newest last, like `GET /simulator/requests`.
---@return table[]
function backend:requests()
  return self.store:requests()
end

---Calls the control endpoint: `control("POST strangers", { phone_number = ... })`.
---@param name string
---@param fields table?
---@return table? answer
---@return string? problem
function backend:control(name, fields)
  local answer, problem = control.run(self, name, fields or {})
  return answer, problem
end

---Clears faults and chaos.
function backend:clear()
  self.faults:clear()
  self.faults:clear_chaos()
end

---Resets all state except the credentials.
function backend:reset()
  self:clear()
  self.store:reset()
  self:resume()
end

---Releases held requests. Implemented by the subclass that sends the answers.
function backend:resume() end -- luacheck: no unused args

---Closes the connections that carried API requests, if there are any.
function backend:retire() end -- luacheck: no unused args

---Stops the simulator, if it runs.
function backend:stop() end -- luacheck: no unused args

return backend
