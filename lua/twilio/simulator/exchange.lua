-- The handling of a request, independent of the HTTP version: the control endpoint, the fault that hits it,
-- its effect and its answer. Pure. h1.lua, h2.lua and in_process.lua read and write.

local answers = require("twilio.simulator.answers")
local control = require("twilio.simulator.control")
local errors = require("twilio.simulator.errors")
local profiles = require("twilio.simulator.profiles")
local routes = require("twilio.simulator.routes")

local exchange = {}

---Handles the arrival of a request, whose head was read but not its body.
---@param simulator twilio.simulator.Simulator
---@param request twilio.simulator.Request
---@return table? fault
function exchange.arrive(simulator, request)
  profiles.arrive(simulator.store.profile, request)
  request.is_control = request.path:find("^/simulator/") ~= nil
  local connection = request.connection
  connection.is_control = request.is_control
  if request.is_control then
    return nil
  end
  if not connection.counted then
    connection.counted = true
    simulator.store.counts.connections = simulator.store.counts.connections + 1
  end
  return simulator.faults:pick(request)
end

local function record(simulator, request, fault)
  local store = simulator.store
  if routes.is_purchase(request) then
    store.counts.posts = store.counts.posts + 1
  end
  store:record {
    method = request.method,
    path = request.wire_path,
    query = request.query,
    body = request.body,
    headers = request.headers,
    http_version = request.http_version,
    connection = request.connection.id,
    fault = fault and fault.fault,
  }
end

-- The form of a request without one of its parameters.
local function without(body, parameter)
  local parts = {}
  for part in body:gmatch("[^&]+") do
    if part:match("^[^=]*") ~= parameter then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "&")
end

local function carry_out(store, request, fault)
  local account = request.account
  if account and store.max_concurrent and account.in_progress > store.max_concurrent then
    return profiles.answer(store.profile, errors.response(20429))
  end
  if fault and fault.parameter then
    request.body = without(request.body, fault.parameter)
  end
  request.body = profiles.form(store.profile, request.body)
  request.lists = fault and fault.lists
  local ok, response = pcall(routes.answer, store, request)
  response = ok and response or errors.response(20500, tostring(response))
  return profiles.answer(store.profile, response)
end

-- Adds the headers of all answers by Twilio.
local function add_headers(store, request, response)
  if store.profile.has_own_headers then
    return
  end
  local headers = response.headers
  headers["twilio-request-id"] = store:new_sid("RQ")
  headers["twilio-request-duration"] = "0.001"
  headers["twilio-concurrent-requests"] = request.account
    and ("%d"):format(request.account.in_progress)
end

---Counts a request that was read, carries it out, and creates the answer.
---@param simulator twilio.simulator.Simulator
---@param request twilio.simulator.Request
---@param fault table?
---@return twilio.simulator.Response? response nil: there is no answer
function exchange.perform(simulator, request, fault)
  if request.is_control then
    return control.answer(simulator, request)
  end
  local store = simulator.store
  record(simulator, request, fault)
  request.account = routes.account(store, request)
  if request.account then
    request.account.in_progress = request.account.in_progress + 1
    store.counts.most_at_once = math.max(store.counts.most_at_once, request.account.in_progress)
  end
  local response
  if not fault or fault.commit then
    response = carry_out(store, request, fault)
  end
  if fault and fault.answer then
    response = answers[fault.answer](fault, response)
    response = fault.body and response or profiles.answer(store.profile, response)
  elseif fault and fault.silent then
    return nil
  end
  response = response or { status = 201, headers = {}, body = "{}" }
  add_headers(store, request, response)
  return response
end

---Ends a request whose answer was sent or never will be.
---@param request twilio.simulator.Request
function exchange.leave(request)
  if request.account then
    request.account.in_progress = request.account.in_progress - 1
    request.account = nil
  end
end

return exchange
