-- Starts bin/twilio-simulator as a process of its own and talks to its control endpoint, so that
-- specs run under every Lua, whatever the simulator itself needs.
--
--   local twilio = require("spec.support.simulator").start()
--   twilio:fault({ fault = "close_after_commit", method = "POST" })
--   ...
--   twilio:stop()

local cjson = require("cjson")
local http = require("socket.http")
local ltn12 = require("ltn12")

local simulator = {}

local Simulator = {}
Simulator.__index = Simulator

local function read_and_remove(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  os.remove(path)
  return text
end

---Starts a simulator and waits until it is ready.
---@param options { arguments: string?, command: string? }?
---@return table twilio base_url, http_url, ca_file, pid, and all credentials are its fields
function simulator.start(options)
  options = options or {}
  local stderr = os.tmpname()
  local command = ("unset LD_PRELOAD; exec %s --quiet %s 2>%s"):format(
    options.command or "bin/twilio-simulator",
    options.arguments or "",
    stderr
  )
  local self = { pipe = assert(io.popen(command)), stderr = stderr }
  for line in self.pipe:lines() do
    if line == "ready" then
      return setmetatable(self, Simulator)
    end
    local name, value = line:match("^([%w_]+): (.*)$")
    self[name or "?"] = value
  end
  self.pipe:close()
  error("the simulator does not start: " .. read_and_remove(stderr), 2)
end

---A simulator that another process started, from its fields.
---@param fields table
function simulator.of(fields)
  return setmetatable(fields, Simulator)
end

---A request to the control endpoint.
---@param method string
---@param name string what follows /simulator/
---@param fields table?
---@return any answer
function Simulator:control(method, name, fields)
  local body = fields and cjson.encode(fields) or ""
  local chunks = {}
  local ok, status = http.request {
    method = method,
    url = ("%s/simulator/%s"):format(self.http_url, name),
    headers = { ["content-length"] = ("%d"):format(#body), connection = "close" },
    source = ltn12.source.string(body),
    sink = ltn12.sink.table(chunks),
  }
  local answer = table.concat(chunks)
  if not ok or status ~= 200 then
    error(("%s %s: %s %s"):format(method, name, tostring(status), answer), 2)
  end
  return cjson.decode(answer)
end

---Sets up a fault; see docs/simulator.md.
function Simulator:fault(fault)
  return self:control("POST", "faults", fault)
end

---Clears faults and chaos.
function Simulator:clear()
  self:control("DELETE", "faults")
  return self:control("DELETE", "chaos")
end

function Simulator:chaos(fields)
  return self:control("POST", "chaos", fields)
end

function Simulator:state()
  return self:control("GET", "state")
end

---The API requests read so far, newest last.
function Simulator:requests()
  return self:control("GET", "requests")
end

---Forgets everything but the credentials.
function Simulator:reset()
  return self:control("POST", "reset")
end

---Adds a number for sale.
function Simulator:add(phone_number)
  return self:control("POST", "inventory", { phone_number = phone_number })
end

---Makes a stranger buy or release a number.
function Simulator:stranger(phone_number, owned)
  return self:control("POST", "strangers", { phone_number = phone_number, owned = owned })
end

---Makes a number refused, or no longer.
function Simulator:refuse(phone_number, refused)
  return self:control("POST", "refusals", { phone_number = phone_number, refused = refused })
end

---Makes a bearer token valid, or not.
function Simulator:token(token, valid)
  return self:control("POST", "tokens", { token = token, valid = valid })
end

--- Sets the latency in seconds, and the number of concurrent requests above which it responds 429; nil: no
---limit.
function Simulator:limits(fields)
  return self:control("POST", "limits", fields)
end

---Closes the connections that carried API requests, as a server does with idle ones.
function Simulator:retire()
  return self:control("POST", "retire")
end

---Stops the simulator and waits for its end.
function Simulator:stop()
  if self.pipe then
    self:control("POST", "stop")
    self:wait()
  end
end

---Waits for the end of a simulator that is stopped elsewhere.
---@return string stderr
function Simulator:wait()
  self.pipe:read("*a")
  self.pipe:close()
  self.pipe = nil
  return read_and_remove(self.stderr)
end

---A simulator for all specs of a block, forgetful between them. To be called inside describe with
---the block's own functions, which busted gives to spec files alone.
---@param block { setup: function, teardown: function, before_each: function }
---@param options table? as start() has them
---@return table twilio as start() returns it, once the specs run
function simulator.shared(block, options)
  local started
  block.setup(function()
    started = simulator.start(options)
  end)
  block.teardown(function()
    started:stop()
  end)
  block.before_each(function()
    started:clear()
    started:reset()
  end)
  return setmetatable({}, {
    __index = function(_, name)
      return started[name]
    end,
  })
end

return simulator
