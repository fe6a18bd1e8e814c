--- Runs an operation as a call of a client: waiting for its outcome in the way of the host, or in flight.
---
--- An operation is a table with run(call, ...), which waits as its call does and returns a value, or nil,
--- a message and an error. A purchase can also begin(call, ...) without waiting, see pending.lua.
local arguments = require("twilio.numbers.arguments")
local compat = require("twilio.numbers.compat")
local credentials = require("twilio.numbers.config.credentials")
local errors = require("twilio.numbers.errors")
local hosts = require("twilio.numbers.hosts")
local options = require("twilio.numbers.config.options")
local guard = require("twilio.numbers.async.guard")

local Call = require("twilio.numbers.http.call")
local Pending = require("twilio.numbers.async.task")

local start = {}

--- A wrong use of the library, such as client.purchase{...} for client:purchase{...}, raises.
function start.check(client, method)
  local metatable = type(client) == "table" and getmetatable(client)
  if not metatable or rawget(metatable, "__name") ~= "twilio.numbers.Client" then
    error(("call client:%s(...) with a colon, on what numbers.client() returned"):format(method), 3)
  end
end

--- A call of the client, or why there can be none.
---@return table? call
---@return string? message
---@return twilio.numbers.Error? err
---@param whole table|false|nil the call that it is a part of
local function new_call(client, rows, call_options, operation, find_loop, whole)
  local values, list
  if call_options ~= nil then
    values, list = options.read(rows, call_options)
    if #list > 0 then
      return errors.invalid(list)
    end
  end
  local loop, message = find_loop(client.config.loop) -- which may let others go on
  if client.closed or (client.closing and not whole) then
    return errors.fail { kind = "closed" }
  elseif client.credentials.is_asking() then -- one that begins later would ask again
    return errors.fail { kind = "connect", reason = credentials.IS_ASKING }
  elseif message then
    return errors.invalid { { name = "loop", message = message } }
  end
  local call = Call.new(client, values, loop, operation)
  call.parent = whole or false
  return call
end

local NO_PLACE = "nothing can yield here, as in a callback of string.gsub or table.sort, or in a module"
  .. " that is being required: call it elsewhere, or begin it by its twin with _async"

--- Where a Lua cannot tell whether it can yield, it raises an error where it cannot: of a wait that comes
--- before anything is sent. Not to be called across pcall on PUC Lua 5.1.
local function try_to_wait(call)
  local flight = call.client.flight
  call.loop.wait(flight, flight:alarm(0))
end

--- Sees to it that a call which waits in a host can.
---@return nil, string? message, twilio.numbers.Error? err
local function check_place(call)
  local yields, can_yield = call.loop.yields, true
  if compat.is_yieldable then
    can_yield = not yields or compat.is_yieldable()
  elseif not call.client.transport.make_engine then
    return
  elseif not compat.yields_across_pcall then
    try_to_wait(call)
  elseif yields then
    local waited, why = pcall(try_to_wait, call)
    can_yield = waited or not compat.tostring(why):find("attempt to yield", 1, true)
    if can_yield and not waited then
      error(why, 0)
    end
  end
  if not can_yield then
    return errors.invalid { { name = "loop", message = NO_PLACE } }
  end
end

local function now(reserve, client, rows, call_options, operation, ...)
  local call, message, err = new_call(client, rows, call_options, operation, hosts.find)
  local _
  if not call then
    return nil, message, err
  end
  if operation.conclude then
    guard.raise_withheld(client)
  end
  reserve.call = call
  if call.loop then
    call:stay_outside()
    _, message, err = check_place(call)
    if err then
      return nil, message, err
    end
    client.flight:enter(call) -- guard.run() has it leave
  end
  return operation.run(call, ...)
end

--- Waits for the outcome, in the way of the host it is called in.
---@param rows table the options that the call may have, see options.lua
function start.now(client, rows, call_options, operation, ...)
  return guard.run(client, now, client, rows, call_options, operation, ...)
end

local function begin_unprotected(client, rows, call_options, whole, callback, wrong, operation, ...)
  if wrong then
    return errors.invalid { { name = "arguments", message = arguments.MESSAGE:format(wrong) } }
  end
  local call, message, err =
    new_call(client, rows, call_options, operation, hosts.find_for_async, whole)
  if not call then
    return nil, message, err
  end
  local pending = Pending.new(call, callback)
  call.pending = pending
  local why = pending:begin(operation, ...)
  if why then
    return errors.fail { kind = "connect", words = "nothing was sent", reason = why }
  end
  return pending
end

--- What it raises was raised before anything was sent.
local function begin(client, ...)
  local begun, pending, message, err = pcall(begin_unprotected, client, ...)
  if begun then
    return pending, message, err
  end
  return guard.refuse(client, pending)
end

--- Begins it and returns at once.
---@param wrong string|nil the right call, where the arguments were wrong, see arguments.lua
---@return twilio.numbers.Pending? pending
---@return string? message
---@return twilio.numbers.Error? err
function start.in_flight(client, rows, call_options, callback, wrong, operation, ...)
  return begin(client, rows, call_options, false, callback, wrong, operation, ...)
end

--- The same for a part of a call that runs: it may be begun while client:close() waits for that.
function start.within(call, rows, call_options, callback, operation, ...)
  return begin(call.client, rows, call_options, call, callback, nil, operation, ...)
end

return start
