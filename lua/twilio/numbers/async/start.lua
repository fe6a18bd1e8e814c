--- Starts an operation as a call of a client: blocking, waiting in its host, or in flight.
---
--- An operation is a table:
---   run(call, a, b, c)   waits as its call does; returns a value, or nil, a message and an error
---   recover(call, why, may_go_on)   ends it when an error broke it off, see guard.lua; nil: there is
---                                   nothing to report
---   send_first(call, ...)   sends the first request of a call in flight, without a coroutine, whom Lua's
---                    collector would look at for as long as it waits; returns its future, or nothing:
---                    then run() sends it
---   take_first(call) what run() would have returned, if the response is all that was wanted, else nothing
---   go_on(call)      run(), from that response on
---   new_state(old)   a table for what it keeps in call.state; `old`: false, or that of a simple purchase which
---                    its first response ended, to be used again
---   is_simple        its call may be recycled if the first response brought what was wanted
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

local class

--- Says which metatable clients have.
function start.expect(metatable)
  class = metatable
end

--- A wrong use of the library, such as client.purchase{...} for client:purchase{...}, raises.
function start.check(client, method)
  if getmetatable(client) ~= class then
    error(("call client:%s(...) with a colon, on what numbers.client() returned"):format(method), 3)
  end
end

local NEEDS_JOURNAL =
  "idempotency_key needs the client option journal, which keeps what was begun with it"

--- The error of a call that does not begin. An earlier one with its idempotency key may have bought a number.
local function refuse(values, _, message, err)
  local key = values and values.idempotency_key
  if key and not key_problem(key) then
    return errors.restate(err, "unknown", key)
  end
  return nil, message, err
end

--- A call of the client, or why there can be none.
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
  local loop, message = find_loop(client.config.loop) -- which may let others go on
  if client.closed or (client.closing and not parent) then
    return refuse(values, errors.fail { kind = "closed" })
  end
  local is_asking = client.credentials.is_asking -- a call that begins later would ask again
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

local NO_PLACE = "nothing can yield here, as in a callback of string.gsub or table.sort, or in a module"
  .. " that is being required: call it elsewhere, or begin it by its twin with _async"

--- Where a Lua cannot tell whether it can yield, it raises an error where it cannot: of a wait that comes
--- before anything is sent. Not to be called across pcall on PUC Lua 5.1.
local function try_to_wait(call)
  local scheduler = call.client.scheduler
  call.loop.wait(scheduler, scheduler:alarm(0))
end

--- Checks that a call which waits in a host can.
---@return nil, string? message, twilio.numbers.Error? err
local function check_place(call)
  local yields, can_yield = call.loop.yields, true
  if compat.is_yieldable then
    can_yield = not yields or compat.is_yieldable()
  elseif not call.client.transport.make_io_thread then
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

--- The end of a call that blocked. One that its first response ended is used again, see Call.start().
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

--- Waits for the outcome, in the way of the host it is called in.
---@param rows table the options that the call may have, see config/options.lua
function start.now(client, rows, call_options, operation, a, b, c)
  local call, message, err = new_call(client, rows, call_options, operation, hosts.find, false)
  if not call then
    return nil, message, err
  end
  if operation.recover then
    guard.raise_deferred(client)
  end
  if call.loop then
    local _
    _, message, err = check_place(call)
    if err then
      return nil, message, err
    end
    call:stay_outside()
    client.scheduler:enter(call)
  end
  return start.leave(call, guard.run(call, a, b, c))
end

local function begin(client, rows, call_options, parent, callback, operation, ...)
  local call, message, err =
    new_call(client, rows, call_options, operation, hosts.find_for_async, parent)
  if not call then
    return nil, message, err
  end
  local task = Task.new(call, callback)
  local why = task:begin(...)
  if why then
    return errors.fail { kind = "connect", words = "nothing was sent", reason = why }
  end
  return task
end

--- Begins it and returns at once.
---@param wrong string|nil the right call, where the arguments were wrong, see arguments.lua
---@return twilio.numbers.Pending? pending
---@return string? message
---@return twilio.numbers.Error? err
function start.in_flight(client, rows, call_options, callback, wrong, operation, ...)
  if wrong then
    return errors.invalid { { name = "arguments", message = arguments.MESSAGE:format(wrong) } }
  end
  return begin(client, rows, call_options, false, callback, operation, ...)
end

--- Begins the function with _async of an operation, as its last arguments say.
---@param form string the right call
---@param extra integer how many arguments stand behind the callback
function start.twin(client, form, rows, operation, call_options, callback, extra, ...)
  local wrong
  call_options, callback, wrong = arguments.read(form, call_options, callback, extra)
  return start.in_flight(client, rows, call_options, callback, wrong, operation, ...)
end

--- The same for a part of a call that runs: it may be begun while client:close() waits for that.
function start.within(call, rows, call_options, callback, operation, ...)
  return begin(call.client, rows, call_options, call, callback, operation, ...)
end

--- Makes a list fetch each page by a call of its own.
---@param found table|nil the list
---@return table? found
---@return string? message why there is none
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
