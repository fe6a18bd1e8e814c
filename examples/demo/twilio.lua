--- The demo's Twilio: a simulator in a process of its own, and what only a simulator lets one do.
local core = require("twilio.numbers.core")
local http = require("socket.http")
local ltn12 = require("ltn12")

local PATIENCE = 20 -- seconds

local Twilio = {}
Twilio.__index = Twilio

local twilio = {}

--- Starts it. It prints "name: value" lines and then "ready", and stops when its pipe is closed, so that
--- whatever ends the demo ends it too.
function twilio.start()
  local self = setmetatable({}, Twilio)
  self.pipe = assert(io.popen("exec bin/twilio-simulator --quiet"))
  for line in self.pipe:lines() do
    if line == "ready" then
      return self
    end
    local name, value = line:match("^([%w_]+): (.*)$")
    self[name or ""] = value
  end
  self.pipe:close()
  error("the simulator does not start; `make demo` installs what it needs", 0)
end

function Twilio:stop()
  if tonumber(self.pid) then
    os.execute("kill " .. self.pid .. " 2>/dev/null")
  end
  self.pipe:close()
end

function Twilio:control(method, name, body)
  local chunks = {}
  local _, status = http.request {
    method = method,
    url = self.http_url .. "/simulator/" .. name,
    headers = { ["content-length"] = tostring(#body) },
    source = ltn12.source.string(body),
    sink = ltn12.sink.table(chunks),
  }
  assert(status == 200, "the simulator's control endpoint answers " .. tostring(status))
  return table.concat(chunks)
end

--- The next purchase is carried out, and the connection closes before its answer.
function Twilio:lose_next_answer()
  self:control("POST", "faults", '{"fault": "close_after_commit", "method": "POST"}')
end

--- Purchases arrive, and are carried out when this ends.
function Twilio:hold(is_held)
  self:control("POST", "limits", ('{"hold": %s}'):format(tostring(is_held)))
end

--- Waits until that many purchases are held.
function Twilio:until_held(count)
  local ends = core.now() + PATIENCE
  repeat
    core.sleep(0.02)
    local held = tonumber(self:control("GET", "state", ""):match('"unfinished":(%d+)'))
    assert(core.now() < ends, "the purchase does not arrive")
  until held == count
end

function Twilio:count_owned()
  return select(2, self:control("GET", "state", ""):gsub('"phone_number"', ""))
end

return twilio
