--- A call of a client: its deadline, its waits and its errors. The same for all calls, whether they read or
--- buy, and for all hosts, which provide the event loop. Its requests are in requests.lua.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")
local requests = require("twilio.numbers.http.requests")
local responses = require("twilio.numbers.http.response")

---@class twilio.numbers.Call
---@field client table
---@field options table checked options of the call, or those of the client
---@field has_options boolean it has options of its own
---@field loop table|false its event loop (hosts/); false: it blocks
---@field operation table see async/start.lua
---@field state table|false of the operation
---@field parent table|false the call that this one is a part of
---@field policy twilio.numbers.Policy|false limits what it may buy, see api/policy.lua; false: no rules
---@field group table|false its parts in flight, see async/group.lua
---@field task table|false its task, if it is an _async call
---@field began number
---@field ends number
---@field not_after number|false on the clock of core.boot_now(): after it, only lookups are sent
---@field attempts integer
---@field has_changed boolean it has sent a change that was not refused
---@field request table the last one
---@field response userdata of its last purchase
---@field server_date string|false of the first response
---@field waiting_on table|false the future that it waited for last
---@field cancelled string|false why
---@field broken_by string|false the error that interrupted its last wait
---@field renewed boolean its credentials were renewed
---@field owes boolean the scheduler counts it as a purchase to report
---@field is_over boolean
---@field next_spare table|false
---@field spare_future table|false of its first request, to be reused
---@field spare_task table|false its task, to be reused
local Call = {}
Call.__index = Call

for name, method in pairs(requests) do
  Call[name] = method
end

local TRIES = 3 -- attempts to wait when memory is short for a moment

local INHERITED = { "account_sid", "timeout", "retries", "deadline", "has_rules" }

local function with_defaults(options, config)
  for i = 1, #INHERITED do
    local name = INHERITED[i]
    options[name] = options[name] or config[name]
  end
  return options
end

local SPARES_MAX = 1000 -- per client; about 3 KB each

--- Clears what a call may have, unless it blocked and its first response ended it.
local function clear(self)
  self.parent, self.group, self.task, self.waiting_on, self.policy =
    false, false, false, false, false
  self.cancelled, self.broken_by, self.renewed = false, false, false
  self.owes, self.not_after, self.next_spare = false, false, false
  return self
end

--- Keeps an ended _async call for reuse. Assumes that nothing refers to it.
function Call:recycle()
  local client = self.client
  if client.spares < SPARES_MAX then
    local future = self.waiting_on
    self.spare_future = not future.tag and not future.waiters and future
    clear(self)
    self.response:free()
    self.next_spare, client.spare, client.spares = client.spare, self, client.spares + 1
  end
end

local function new_call(client)
  local response = core.new_response(client.config.opaque_sids)
  return clear(setmetatable({
    client = client,
    request = {},
    response = response,
    state = false,
    spare_future = false,
    spare_task = false,
  }, Call))
end

--- A cleared call: one that was in flight, or a new one.
local function take_spare(client)
  local self = client.spare
  if not self then
    return new_call(client)
  end
  client.spare, client.spares, self.next_spare = self.next_spare, client.spares - 1, false
  return self
end

--- Starts a call and its deadline.
---@param options table|nil checked options of the call, if it has its own
function Call.start(client, options, loop, operation)
  local self, config, new_state = client.last, client.config, operation.new_state
  if self then
    client.last = false
  else
    self = take_spare(client)
  end
  self.options = options and with_defaults(options, config) or config
  self.has_options, self.loop, self.operation = options ~= nil, loop or false, operation
  self.state = new_state and new_state(self.state) or false
  self.response:renew()
  local now = core.now()
  self.began, self.ends, self.attempts = now, now + self.options.deadline, 0
  self.server_date, self.has_changed, self.is_over = false, false, false
  return self
end

--- Whether a value is a SID with a prefix, in the form of the service (option opaque_sids).
---@param prefix string
function Call:is_sid(value, prefix)
  return core.is_sid(value, prefix, self.client.config.opaque_sids)
end

--- Encodes parameters as a form, with SIDs in the form of the service.
---@param name? string of the table of parameters, see core.new_form
---@param old? userdata an unused form, to be reused
---@return userdata? form
---@return table? problems
function Call:new_form(params, name, old)
  return core.new_form(params, name, old, self.client.config.opaque_sids)
end

--- Restarts the deadline, for a call that waits for parts with deadlines of their own.
function Call:extend()
  self.ends = core.now() + 2 * self.options.deadline
  local task = self.task
  if task and task.expected then
    self.client.scheduler:expect(task, self.ends)
  end
end

--- Whether Twilio may have changed something for the call.
function Call:may_have_changed()
  return self.has_changed and self.attempts > 0
end

--- Seconds until the deadline.
function Call:remaining()
  return self.ends - core.now()
end

--- The URL of a resource of the call's account, or of another account.
---@param resource string
---@param account_sid? string
function Call:url(resource, account_sid)
  account_sid = account_sid or self.options.account_sid
  return self.client.config.base_url .. "/2010-04-01/Accounts/" .. account_sid .. "/" .. resource
end

--- The URL of a resource of one of Twilio's products, see config/origins.lua. It names no account.
---@param product "pricing"|"numbers"|"messaging"
---@param path string with its leading slash
function Call:product_url(product, path)
  return self.client.config.origins[product] .. path
end

--- Waits in the host's event loop, and retries if memory is short for a moment. (PUC Lua 5.1 cannot yield
--- across pcall.)
---@return any why the error that the host raised
local function wait(self, future)
  local loop, scheduler, why = self.loop, self.client.scheduler, nil
  if not compat.yields_across_pcall or loop.is_polled then
    return loop.wait(scheduler, future)
  end
  for _ = 1, TRIES do
    local waited, problem = pcall(loop.wait, scheduler, future)
    why = problem
    if waited or future.done or not compat.is_shortage(why) then
      break
    end
    globals.collect()
  end
  return why
end

--- Waits for a future. An error that the host raises must not hide a purchased number: the call then ends
--- with what is known.
function Call:wait(future)
  self.waiting_on = future
  if future.done then
    return
  elseif not self.loop then
    return self.client.scheduler:wait(future)
  end
  future.task = self.loop.is_polled and self.task or false
  local why = wait(self, future)
  if not future.done then
    self.cancelled = "the host's loop aborted the wait"
    self.broken_by = why and compat.tostring(why)
    self.client.scheduler:cancel(future)
  end
end

--- On PUC Lua 5.1, makes a call in the library's coroutine run the host's functions outside of it, see
--- compat.protect().
function Call:stay_outside()
  local loop = self.loop
  if compat.yields_across_pcall or not coroutine.running() then
    return
  end
  self.loop = {
    spawn = loop.spawn,
    call_back = loop.call_back,
    wait = function(...)
      return compat.outside(loop.wait, ...)
    end,
    sleep = loop.sleep and function(...)
      return compat.outside(loop.sleep, ...)
    end,
  }
end

--- Sleeps in the host's event loop, or blocks, even if the call is cancelled.
---@return boolean slept false if the host interrupted the sleep
function Call:rest(seconds)
  local loop = self.loop
  if not loop then
    return self.client.config.sleep(seconds) ~= false
  elseif loop.is_polled or self.client.scheduler:get_io_thread() then
    local alarm = self.client.scheduler:alarm(seconds)
    self:wait(alarm)
    return alarm.done
  elseif loop.spawn and loop.sleep and not compat.yields_across_pcall then
    loop.sleep(seconds) -- luv would only resume the inner one of nested coroutines
    return true
  end
  return loop.sleep ~= nil and compat.pcall(loop.sleep, seconds)
end

--- Sleeps until the call is cancelled, at most.
---@return boolean waited false if the sleep was interrupted
function Call:sleep(seconds)
  return not self.cancelled and self:rest(seconds) and not self.cancelled
end

--- Cancels the call: it sends nothing more.
function Call:cancel()
  self.cancelled = self.cancelled or "cancelled"
  if self.group then
    self.group:cancel()
  end
  if self.waiting_on then
    self.client.scheduler:cancel(self.waiting_on)
  end
end

--- Names the proxy in a message about a failed connection: libcurl only gives its address.
---@param url_sent string of the request
local function name_proxy(reason, url_sent)
  local before, host, port = reason:match("^(Failed to connect to )%[?([^%s%]]+)%]? port (%d+)")
  local url = host and core.url(url_sent)
  local own_port = url and tonumber(url.port) or (url and url.scheme == "http" and 80 or 443)
  if url and (host:lower() ~= url.host:lower() or tonumber(port) ~= own_port) then
    return before .. "the proxy " .. reason:sub(#before + 1)
  end
  return reason
end

--- The outcome of a request without the expected result, see http/response.lua.
---@param why? string why the body of a success cannot be used
function Call:outcome(response, why)
  local outcome = responses.outcome(response, self.client.credentials.redact, why)
  if outcome.reason == "" and not response:is_done() then
    outcome.reason = self.broken_by or ""
  end
  if outcome.kind == "connect" and outcome.reason then
    outcome.reason = name_proxy(outcome.reason, self.request.url or self.client.config.base_url)
  end
  return outcome
end

--- Replaces the time in libcurl's message, which is that of the last attempt, with the time of the whole
--- call.
local function in_all(reason, seconds)
  local words = (reason or ""):gsub(" after %d+ m%a+", "")
  local figure = (seconds < 10 and "%.1f" or "%.0f"):format(seconds)
  return ("%s%s%s s in all"):format(words, words ~= "" and ", " or "", figure)
end

--- Creates an error from an outcome.
---@param outcome table
---@return nil, string message, twilio.numbers.Error err
function Call:fail(outcome)
  if self.cancelled then
    outcome.kind, outcome.words = self.client.closed and "closed" or "cancelled", nil
  end
  if outcome.kind == "timeout" then
    outcome.reason = in_all(outcome.reason, core.now() - self.began)
  end
  outcome.again, outcome.attempts = nil, self.attempts
  return errors.fail(outcome)
end

return Call
