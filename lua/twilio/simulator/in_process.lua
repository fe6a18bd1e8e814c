-- The simulator as a transport function in its client's process: no network, no thread, no waiting. Pure, on
-- any Lua. Used by init.lua.
--
-- Time does not pass: a request that would exceed its timeout times out at once.

local backend = require("twilio.simulator.backend")
local exchange = require("twilio.simulator.exchange")
local profiles = require("twilio.simulator.profiles")

local in_process = {}

---@class twilio.simulator.InProcess : twilio.simulator.Backend
---@field account_sid string of the main account
---@field auth_token string
local InProcess = backend.extend()

local DEFAULT_SEED = 1
local DRIP_PIECES = 10

local function small_names(headers)
  local small = {}
  for name, value in pairs(headers) do
    small[name:lower()] = value
  end
  return small
end

-- The connection to an origin, shared by all requests.
local function connection_to(self, scheme, host)
  local origin = scheme .. "://" .. host
  local connection = self.origins[origin]
  if not connection then
    self.last_connection = self.last_connection + 1
    connection = { id = self.last_connection, scheme = scheme }
    self.origins[origin] = connection
  end
  return connection
end

---@param asked twilio.numbers.Request
---@return twilio.simulator.Request
local function read_request(self, asked)
  local scheme, host, path, query = asked.url:match("^(%a+)://([^/?#]*)([^?#]*)%??([^#]*)")
  local headers = small_names(asked.headers)
  headers.host = host
  return {
    method = asked.method,
    path = path,
    query = query ~= "" and query or nil,
    headers = headers,
    http_version = "1.1",
    connection = connection_to(self, scheme, host),
    body = asked.body or "",
  }
end

local function carry_out(self, request, fault)
  local response = exchange.perform(self, request, fault)
  exchange.leave(request)
  return response
end

-- Seconds until the whole answer has arrived.
local function seconds_of(store, request, fault)
  local seconds = (store.latency or 0) + (request.method == "POST" and store.work or 0)
  if fault and fault.hangs then
    return seconds + fault.seconds
  elseif fault and fault.drips then
    return seconds + fault.seconds * (fault.pieces or DRIP_PIECES)
  end
  return seconds
end

local function timed_out(timeout)
  return nil, ("no response within %g seconds"):format(timeout), "timeout"
end

local function closed()
  return nil, "the connection was closed before the response", "network"
end

-- The result for the caller of a request that was read, and of its answer.
local function deliver(response, fault, seconds, timeout)
  local is_late = seconds >= timeout
  if is_late and not (response and fault and fault.drips) then
    return timed_out(timeout)
  elseif not response or fault and fault.cut == "headers" then
    return closed()
  end
  local answer = { status = response.status, headers = response.headers, body = response.body }
  if is_late or fault and fault.cut == "body" then
    answer.body = answer.body:sub(1, math.floor(#answer.body / 2))
    answer.broken = is_late and "timeout" or "network"
    answer.reason = is_late and "the rest of the body was too late"
      or "the connection was closed in the body"
  end
  return answer
end

-- One request; see twilio.numbers.Transport.
local function send(self, asked)
  local request = read_request(self, asked)
  local fault = exchange.arrive(self, request)
  if fault and fault.stage == "before_read" then
    return closed()
  elseif request.method == "POST" and self.store:must_hold() then
    self.held[#self.held + 1] = { request, fault }
    self.unfinished = #self.held
    return timed_out(asked.timeout)
  end
  local response = carry_out(self, request, fault)
  return deliver(response, fault, seconds_of(self.store, request, fault), asked.timeout)
end

---Carries out held requests, like a server whose clients have left.
function InProcess:resume()
  if self.store.hold then
    return
  end
  local held = self.held
  self:forget_held()
  for _, one in ipairs(held) do
    carry_out(self, one[1], one[2])
  end
end

function InProcess:forget_held()
  self.held, self.unfinished = {}, 0
end

---Resets all state except the credentials, and drops held requests.
function InProcess:reset()
  self:forget_held()
  backend.reset(self)
end

local OPTIONS =
  { seed = "number", account_sid = "string", auth_token = "string", profile = "string" }

local function check(options)
  for name, value in pairs(options) do
    local kind = OPTIONS[name]
    if not kind then
      error(("the simulator's transport has no option %s"):format(tostring(name)), 4)
    elseif type(value) ~= kind then
      error(("%s must be a %s"):format(name, kind), 4)
    end
  end
  if options.profile and not profiles.named[options.profile] then
    error("there is no profile " .. options.profile, 4)
  end
end

---@class twilio.simulator.TransportOptions : twilio.simulator.Given
---@field seed integer? default 1: credentials, SIDs and random faults are the same in each run

---@param options twilio.simulator.TransportOptions?
---@return twilio.numbers.Transport transport
---@return twilio.simulator.InProcess twilio
function in_process.new(options)
  options = options or {}
  check(options)
  local given = { seed = options.seed or DEFAULT_SEED }
  for name in pairs(OPTIONS) do
    given[name] = options[name] or given[name]
  end
  local self = backend.new(InProcess, given)
  self.account_sid, self.auth_token = self.credentials.account_sid, self.credentials.auth_token
  self.origins, self.last_connection = {}, 0
  self:forget_held()
  return function(request)
    return send(self, request)
  end, self
end

return in_process
