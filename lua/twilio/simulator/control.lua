-- The control endpoint, /simulator/..., through which tests set up and query the simulator. Pure.

local json = require("twilio.simulator.json")

local control = {}

-- The result of a handler without data to return.
local function done(ok, problem)
  return ok and {}, problem
end

-- The account of a request: the main account unless it names another.
local function account_sid_of(store, fields)
  return fields.account_sid or store.credentials.account_sid
end

-- Each takes the fields of the request and returns those of the answer, or nil, a problem, and a status if it
-- is not 400.
local handlers = {}

handlers["POST faults"] = function(simulator, fields)
  return done(simulator.faults:add(fields))
end

handlers["DELETE faults"] = function(simulator)
  simulator.faults:clear()
  return {}
end

handlers["POST chaos"] = function(simulator, fields)
  return done(simulator.faults:set_chaos(fields))
end

handlers["DELETE chaos"] = function(simulator)
  simulator.faults:clear_chaos()
  return {}
end

handlers["POST seed"] = function(simulator, fields)
  if type(fields.seed) ~= "number" then
    return nil, "seed must be a number"
  end
  simulator.faults:seed(fields.seed)
  return {}
end

handlers["POST reset"] = function(simulator)
  simulator:reset()
  return {}
end

handlers["GET state"] = function(simulator)
  return control.state(simulator)
end

handlers["GET requests"] = function(simulator)
  return simulator.store:requests()
end

handlers["POST tokens"] = function(simulator, fields)
  if type(fields.token) ~= "string" then
    return nil, "token must be a string"
  end
  local account_sid = account_sid_of(simulator.store, fields)
  simulator.store.tokens[fields.token] = fields.valid ~= false and account_sid or nil
  return {}
end

handlers["POST inventory"] = function(simulator, fields)
  local phone_number = fields.phone_number
  if type(phone_number) ~= "string" or not phone_number:match("^%+[1-9]%d+$") then
    return nil, "phone_number must be an E.164 number"
  end
  simulator.store.inventory:add(phone_number, fields)
  return {}
end

handlers["POST strangers"] = function(simulator, fields)
  local phone_number, owns = fields.phone_number, fields.owned ~= false
  if type(phone_number) ~= "string" then
    return nil, "phone_number must be a string"
  elseif not simulator.store.inventory:take_by_stranger(phone_number, owns) then
    return nil, owns and "it cannot be bought" or "no stranger owns it", 409
  end
  return {}
end

handlers["POST refusals"] = function(simulator, fields)
  if type(fields.phone_number) ~= "string" then
    return nil, "phone_number must be a string"
  end
  simulator.store.refused[fields.phone_number] = fields.refused ~= false or nil
  return {}
end

handlers["POST accounts"] = function(simulator, fields)
  local account = simulator.store.accounts[fields.sid or simulator.store.credentials.account_sid]
  if not account then
    return nil, "no account has this sid", 404
  end
  account.status = fields.status or account.status
  for _, name in ipairs { "trial", "balance" } do
    if fields[name] ~= nil then
      account[name] = fields[name]
    end
  end
  return {}
end

-- Creates a service if there is no sid.
handlers["POST services"] = function(simulator, fields)
  local store = simulator.store
  local service = store.services.all.by_sid[fields.sid]
  if fields.sid and not service then
    return nil, "no service has this sid", 404
  end
  local problem = store.services.problem(fields)
  if problem then
    return nil, problem
  elseif service then
    store.services.set(service, fields)
  else
    service = store.services:add(store:new_sid("MG"), account_sid_of(store, fields), fields)
  end
  return { sid = service.sid }
end

-- Creates a bundle if there is no sid.
handlers["POST bundles"] = function(simulator, fields)
  local store = simulator.store
  local bundle = store.bundles.all.by_sid[fields.sid]
  local problem = store.bundles.problem(fields)
  if fields.sid and not bundle then
    return nil, "no bundle has this sid", 404
  elseif problem then
    return nil, problem
  elseif bundle then
    store.bundles.set(store, bundle, fields)
  else
    bundle = store.bundles:add(store, store:new_sid("BU"), account_sid_of(store, fields), fields)
  end
  return { sid = bundle.sid }
end

handlers["POST limits"] = function(simulator, fields)
  simulator.store:set_limits(fields)
  simulator:resume()
  return {}
end

handlers["POST retire"] = function(simulator)
  simulator:retire()
  return {}
end

handlers["POST stop"] = function(simulator)
  simulator:stop()
  return {}
end

-- The fields of the requests that set something up; faults.lua checks those of a fault.
local FIELDS = {
  ["POST chaos"] = "faults, probability, seed",
  ["POST seed"] = "seed",
  ["POST tokens"] = "account_sid, token, valid",
  ["POST inventory"] = "capabilities, country, phone_number, requires, type",
  ["POST strangers"] = "owned, phone_number",
  ["POST refusals"] = "phone_number, refused",
  ["POST accounts"] = "balance, sid, status, trial",
  ["POST services"] = "account_sid, created, friendly_name, limit, sid, us_app_to_person_registered, "
    .. "use_inbound_webhook_on_number, usecase",
  ["POST bundles"] = "account_sid, friendly_name, items, regulation_sid, sid, status, valid_until",
  ["POST limits"] = "hold, lag, latency, max_concurrent, redate, search, unregister_after, work",
}

-- Names an unknown field of a request. Ignoring it would leave a test without what it set up.
local function unknown_field(name, fields)
  local known = FIELDS[name]
  for field in pairs(known and fields or {}) do
    if not (", " .. known .. ","):find(", " .. tostring(field) .. ",", 1, true) then
      return ("%s has no field %s; its fields are %s"):format(name, tostring(field), known)
    end
  end
end

---Counters, credentials and owned numbers.
---@param simulator twilio.simulator.Simulator
---@return table
function control.state(simulator)
  local store = simulator.store
  local state = { credentials = store.credentials, owned = {} }
  state.unfinished = simulator.unfinished
  state.open = 0
  for connection in pairs(simulator.connections) do
    state.open = state.open + (connection.is_control and 0 or 1)
  end
  for name, count in pairs(store.counts) do
    state[name] = count
  end
  state.bought = {}
  for phone_number, count in pairs(store.bought) do
    state.bought[phone_number] = count
  end
  for _, number in ipairs(store:all_owned()) do
    state.owned[#state.owned + 1] = {
      account_sid = number.account_sid,
      phone_number = number.phone_number,
      sid = number.sid,
      friendly_name = number.friendly_name,
    }
  end
  return state
end

---Whether a host, with or without a port, is a name of this machine.
---@param authority string
---@return boolean
function control.is_loopback(authority)
  authority = authority:lower()
  local host = authority:match("^(.*):%d+$") or authority
  return host == "localhost" or host == "[::1]" or host:match("^127%.%d+%.%d+%.%d+$") ~= nil
end

-- Whether a web page may have sent a request: a browser sends the page's origin except with GET, and with DNS
-- rebinding it sends the page's host name.
local function is_foreign(headers)
  return headers.origin ~= nil
    or not control.is_loopback(headers.host or "localhost")
    or not control.is_loopback(headers[":authority"] or "localhost")
end

---Handles a request to the endpoint.
---@param simulator twilio.simulator.Backend
---@param name string the method, a space, and the path after /simulator/
---@param fields table
---@return table? answer
---@return string? problem
---@return integer? status of the refusal
function control.run(simulator, name, fields)
  local handler = handlers[name]
  if not handler then
    return nil, "there is no " .. name:gsub(" ", " /simulator/", 1), 404
  elseif type(fields) ~= "table" then
    return nil, "the body must be a JSON object"
  end
  local problem = unknown_field(name, fields)
  if problem then
    return nil, problem
  end
  return handler(simulator, fields)
end

-- Writers for answers with lists: an empty table would become an object.
local writers = {
  ["GET requests"] = json.list,
  ["GET state"] = function(state)
    local owned = state.owned
    state.owned = nil
    return json.object(state, { owned = owned })
  end,
}

local function refuse(problem, status)
  return json.response(status or 400, json.encode { error = problem })
end

---@param simulator twilio.simulator.Simulator
---@param request twilio.simulator.Request
---@return twilio.simulator.Response
function control.answer(simulator, request)
  if is_foreign(request.headers) then
    return refuse(
      "a web page may not send requests: use no Origin header, and a Host of this machine",
      403
    )
  end
  local name = request.method .. " " .. request.path:match("^/simulator/(.*)$")
  local fields = request.body == "" and {} or json.decode(request.body)
  local answer, problem, status = control.run(simulator, name, fields)
  if not answer then
    return refuse(problem, status)
  end
  return json.response(200, (writers[name] or json.encode)(answer))
end

return control
