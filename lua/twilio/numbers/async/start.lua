--- Starts an operation as a call of a client: blocking, yielding to its host, or in flight.
---
--- An operation is a table:
---   run(call, a, b, c)   waits by means of its call; returns a value, or nil, a message and an error
---   recover(call, why, may_go_on)   ends it after an error, see guard.lua; returns nil if there is nothing
---                    to report
---   send_first(call, a)   sends the first request of an _async call without a coroutine, which the
---                    garbage collector would traverse while it waits; returns the future, or nothing:
---                    then run() sends it
---   take_first(call) returns the result of run() if the response has all of it, else nothing
---   go_on(call)      continues run() from that response
---   may_have_bought(call)   of a purchase: whether a call that stops must wait for it
---   new_state(old)   returns the table call.state; `old`: false, or the state of a simple purchase that its
---                    first response ended, to be reused
---   is_simple        its call may be recycled if the first response has the whole result
local arguments = require("twilio.numbers.arguments")
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local guard = require("twilio.numbers.async.guard")
local hosts = require("twilio.numbers.hosts")
local key_problem = require("twilio.numbers.config.idempotency_key")
local options = require("twilio.numbers.config.options")
local own_account = require("twilio.numbers.config.own_account")
local service_list = require("twilio.numbers.config.service_list")

local Call = require("twilio.numbers.http.call")
local Task = require("twilio.numbers.async.task")

local start = {}

local getmetatable = getmetatable

local class

--- Sets the metatable of clients, for check().
function start.expect(metatable)
  class = metatable
end

--- Raises an error for a programming mistake, such as client.purchase{...} instead of client:purchase{...}.
function start.check(client, method)
  if getmetatable(client) ~= class then
    error(("call client:%s(...) with a colon, on what numbers.client() returned"):format(method), 3)
  end
end

local NEEDS_JOURNAL =
  "idempotency_key needs the client option journal, which records what was begun with it"

--- The error of a call that cannot start. An earlier call with its idempotency key may have bought a number.
local function refuse(values, _, message, err)
  local key = values and values.idempotency_key
  if key and not key_problem(key) then
    return errors.restate(err, "unknown", key)
  end
  return nil, message, err
end

--- Creates a call of the client.
---@param find_loop function
---@param parent table|false the call that it is a part of
---@return table? call
---@return string? message
---@return twilio.numbers.Error? err
local function new_call(client, rows, call_options, operation, find_loop, parent)
  local values, list
  if call_options ~= nil then
    values, list = options.read(rows, call_options, client.config.opaque_sids)
    if values.idempotency_key and not client.journal then
      list[#list + 1] = { name = "idempotency_key", message = NEEDS_JOURNAL }
    end
    local another = (values.preflight and own_account.PREFLIGHT)
      or (values.messaging_service_sid and service_list.OTHER_ACCOUNT)
    if another and not own_account.is_own(client.config, values.account_sid) then
      list[#list + 1] = { name = "account_sid", message = another }
    end
    if #list > 0 then
      return refuse(values, errors.invalid(list))
    end
  end
  local loop, message = find_loop(client.config.loop) -- which may yield
  if client.closed or (client.closing and not parent) then
    return refuse(values, errors.fail { kind = "closed" })
  end
  local is_asking = client.credentials.is_asking -- a call that starts later would call the function again
  is_asking = is_asking and is_asking()
  if is_asking then
    return refuse(values, errors.fail { kind = "connect", reason = is_asking })
  elseif message then
    return refuse(values, errors.invalid { { name = "loop", message = message } })
  end
  local call = Call.start(client, values, loop, operation)
  if parent then
    call.parent, call.policy = parent, parent.policy
  elseif call.options.has_rules then
    call.policy = client.new_policy(call)
  end
  return call
end

local NO_PLACE = "this code cannot yield (it is outside a coroutine, in a callback of string.gsub or"
  .. " table.sort, or in a module that is being required): call it elsewhere, or use the _async function"

--- Yields once before anything is sent, which raises an error where this code cannot yield, for a Lua or a
--- loop that cannot tell otherwise. Must not be called across pcall on PUC Lua 5.1. Without an I/O thread
--- nothing would end the wait, and nothing can be sent.
local function try_to_wait(call)
  local loop, scheduler = call.loop, call.client.scheduler
  if not scheduler:get_io_thread() then
    return
  elseif loop.try then
    return loop.try(scheduler)
  end
  loop.wait(scheduler, scheduler:alarm(0))
end

--- Checks that a call that waits in an event loop can yield. An error of its wait ends the call.
---@return nil, string? message, twilio.numbers.Error? err
local function check_place(call)
  local is_yieldable, can_yield = compat.is_yieldable, true
  if is_yieldable and (call.loop.yields or is_yieldable()) then
    can_yield = is_yieldable()
  elseif not compat.yields_across_pcall then
    try_to_wait(call)
  else
    local waited, why = pcall(try_to_wait, call)
    can_yield = waited or not compat.is_no_yield(why)
    if can_yield and not waited then
      return errors.broken_off(call, "no", compat.tostring(why))
    end
  end
  if not can_yield then
    return errors.invalid { { name = "loop", message = NO_PLACE } }
  end
end

--- Ends a blocking call. A call that its first response ended is reused, see Call.start().
function start.leave(call, value, message, err)
  local loop = call.loop
  if loop then
    call.client.scheduler:leave(call)
  end
  call.is_over = true
  if call.attempts == 1 and value and not (message or loop or call.has_options or call.policy) then
    call.client.last = call.operation.is_simple and call
  end
  return value, message, err
end

--- Runs an operation and waits for its result.
---@param rows table the options that the call may have, see config/options.lua
function start.now(client, rows, call_options, operation, a, b, c)
  local call, message, err = new_call(client, rows, call_options, operation, hosts.find, false)
  if not call then
    return nil, message, err
  end
  if client.deferred and operation.recover then
    guard.raise_deferred(client)
  end
  if call.loop then
    local _
    _, message, err = check_place(call)
    if err then
      return refuse(call.options, nil, message, err)
    end
    call:stay_outside()
    client.scheduler:enter(call)
  end
  return start.leave(call, guard.run(call, a, b, c))
end

local function begin(client, rows, call_options, parent, callback, operation, a, b, c)
  local call, message, err =
    new_call(client, rows, call_options, operation, hosts.find_for_async, parent)
  if not call then
    return nil, message, err
  end
  local pending, why = Task.start(call, callback, a, b, c)
  if why then
    return errors.fail { kind = "connect", words = "nothing was sent", reason = why }
  end
  return pending
end

--- Starts an operation and returns at once.
---@param wrong string|nil a message if the arguments are wrong, see arguments.lua
---@return twilio.numbers.Pending? pending
---@return string? message
---@return twilio.numbers.Error? err
function start.in_flight(client, rows, call_options, callback, wrong, operation, a, b, c)
  if wrong then
    return errors.invalid { { name = "arguments", message = arguments.MESSAGE:format(wrong) } }
  end
  return begin(client, rows, call_options, false, callback, operation, a, b, c)
end

--- How many arguments a function with _async has too many: those behind the callback, and a callback in the
--- place of the last argument before the options, where nothing would call it.
---@param last any
---@param ... any what follows the callback
function start.extra(last, ...)
  return select("#", ...) + (type(last) == "function" and 1 or 0)
end

--- Starts the _async function of an operation, with its last arguments.
---@param form string the correct call, for the message
---@param extra integer see start.extra()
function start.async(client, form, rows, operation, call_options, callback, extra, a, b, c)
  local wrong
  call_options, callback, wrong = arguments.read(form, call_options, callback, extra)
  return start.in_flight(client, rows, call_options, callback, wrong, operation, a, b, c)
end

--- The same for a part of a running call: it may start while client:close() waits for that call.
function start.within(call, rows, call_options, callback, operation, a, b, c)
  return begin(call.client, rows, call_options, call, callback, operation, a, b, c)
end

--- Makes a list fetch each page in a call of its own.
---@param found table|nil the list
---@return table? found
---@return string? message why there is no list
---@return twilio.numbers.Error? err
function start.by_page(client, call_options, found, message, err)
  if not found then
    return nil, message, err
  end
  found.turn = function()
    return start.now(client, options.CALL, call_options, found.turn_page, found)
  end
  return found
end

return start
