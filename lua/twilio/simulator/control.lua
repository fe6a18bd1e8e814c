-- The control endpoint, /simulator/...: what a test tells the simulator, and asks it. Pure.

local json = require("twilio.simulator.json")

local control = {}

local function answer(body, status)
  return json.response(status or 200, body or "{}")
end

local function refuse(problem, status)
  return answer(json.encode { error = problem }, status or 400)
end

local function done(ok, problem)
  return ok and answer() or refuse(problem)
end

-- The account that is meant, the main account unless another is named.
local function account_sid_of(store, fields)
  return fields.account_sid or store.credentials.account_sid
end

local handlers = {}

handlers["POST faults"] = function(simulator, fields)
  return done(simulator.faults:add(fields))
end

handlers["DELETE faults"] = function(simulator)
  simulator.faults:clear()
  return answer()
end

handlers["POST chaos"] = function(simulator, fields)
  return done(simulator.faults:set_chaos(fields))
end

handlers["DELETE chaos"] = function(simulator)
  simulator.faults:clear_chaos()
  return answer()
end

handlers["POST seed"] = function(simulator, fields)
  if type(fields.seed) ~= "number" then
    return refuse("seed must be a number")
  end
  simulator.faults:seed(fields.seed)
  return answer()
end

handlers["POST reset"] = function(simulator)
  simulator:reset()
  return answer()
end

handlers["GET state"] = function(simulator)
  return answer(control.state_json(simulator))
end

handlers["GET requests"] = function(simulator)
  return answer(json.list(simulator.store:requests()))
end

handlers["POST tokens"] = function(simulator, fields)
  if type(fields.token) ~= "string" then
    return refuse("token must be a string")
  end
  local account_sid = account_sid_of(simulator.store, fields)
  simulator.store.tokens[fields.token] = fields.valid ~= false and account_sid or nil
  return answer()
end

handlers["POST inventory"] = function(simulator, fields)
  local phone_number = fields.phone_number
  if type(phone_number) ~= "string" or not phone_number:match("^%+[1-9]%d+$") then
    return refuse("phone_number must be an E.164 number")
  end
  simulator.store.inventory:add(phone_number, fields)
  return answer()
end

handlers["POST strangers"] = function(simulator, fields)
  local phone_number, owns = fields.phone_number, fields.owned ~= false
  if type(phone_number) ~= "string" then
    return refuse("phone_number must be a string")
  elseif not simulator.store.inventory:take_by_stranger(phone_number, owns) then
    return refuse(owns and "it cannot be bought" or "no stranger owns it", 409)
  end
  return answer()
end

handlers["POST refusals"] = function(simulator, fields)
  if type(fields.phone_number) ~= "string" then
    return refuse("phone_number must be a string")
  end
  simulator.store.refused[fields.phone_number] = fields.refused ~= false or nil
  return answer()
end

handlers["POST accounts"] = function(simulator, fields)
  local account = simulator.store.accounts[fields.sid or simulator.store.credentials.account_sid]
  if not account then
    return refuse("no account has this sid", 404)
  end
  account.status = fields.status or account.status
  for _, name in ipairs { "trial", "balance" } do
    if fields[name] ~= nil then
      account[name] = fields[name]
    end
  end
  return answer()
end

-- Without a sid, a new one.
handlers["POST services"] = function(simulator, fields)
  local store = simulator.store
  local service = store.services.all.by_sid[fields.sid]
  if fields.sid and not service then
    return refuse("no service has this sid", 404)
  end
  local problem = store.services.problem(fields)
  if problem then
    return refuse(problem)
  elseif service then
    store.services.set(service, fields)
  else
    service = store.services:add(store:new_sid("MG"), account_sid_of(store, fields), fields)
  end
  return answer(json.encode { sid = service.sid })
end

-- Without a sid, a new one.
handlers["POST bundles"] = function(simulator, fields)
  local store = simulator.store
  local bundle = store.bundles.all.by_sid[fields.sid]
  local problem = store.bundles.problem(fields)
  if fields.sid and not bundle then
    return refuse("no bundle has this sid", 404)
  elseif problem then
    return refuse(problem)
  elseif bundle then
    store.bundles.set(store, bundle, fields)
  else
    bundle = store.bundles:add(store, store:new_sid("BU"), account_sid_of(store, fields), fields)
  end
  return answer(json.encode { sid = bundle.sid })
end

handlers["POST limits"] = function(simulator, fields)
  simulator.store:set_limits(fields)
  simulator.resumed:signal()
  return answer()
end

handlers["POST retire"] = function(simulator)
  simulator:retire()
  return answer()
end

handlers["POST stop"] = function(simulator)
  simulator:stop()
  return answer()
end

---Counters, credentials and what is owned.
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
  for _, number in pairs(store.owned) do
    state.owned[#state.owned + 1] = {
      account_sid = number.account_sid,
      phone_number = number.phone_number,
      sid = number.sid,
      friendly_name = number.friendly_name,
    }
  end
  return state
end

---@param simulator twilio.simulator.Simulator
---@return string
function control.state_json(simulator)
  local state = control.state(simulator)
  local owned = state.owned
  state.owned = nil
  return json.object(state, { owned = owned })
end

---Whether a host, with or without a port, is a name of this machine.
---@param authority string
---@return boolean
function control.is_loopback(authority)
  authority = authority:lower()
  local host = authority:match("^(.*):%d+$") or authority
  return host == "localhost" or host == "[::1]" or host:match("^127%.%d+%.%d+%.%d+$") ~= nil
end

-- Whether a web page may have sent it: a browser names the page's origin in what is no GET, and for a
-- page whose name was made to lead here (DNS rebinding) it names that as the host.
local function is_foreign(headers)
  return headers.origin ~= nil
    or not control.is_loopback(headers.host or "localhost")
    or not control.is_loopback(headers[":authority"] or "localhost")
end

---@param simulator twilio.simulator.Simulator
---@param request twilio.simulator.Request
---@return twilio.simulator.Response
function control.answer(simulator, request)
  if is_foreign(request.headers) then
    return refuse("no request of a web page: no Origin header, and no Host but this machine's", 403)
  end
  local name = request.path:match("^/simulator/(.*)$")
  local handler = handlers[request.method .. " " .. name]
  if not handler then
    return refuse(("there is no %s /simulator/%s"):format(request.method, name), 404)
  end
  local fields = request.body == "" and {} or json.decode(request.body)
  if type(fields) ~= "table" then
    return refuse("the body must be a JSON object")
  end
  return handler(simulator, fields)
end

return control
