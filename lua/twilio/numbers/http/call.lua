--- One call of a client: its requests, its attempts, its time. The same for all calls, whether they
--- read or buy, and for all hosts: a host brings the transport and the sleep.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")
local judge = require("twilio.numbers.http.judge")

local Call = {}
Call.__index = Call

--- Back-off: a random time between nothing and a bound that doubles (Twilio: exponential from
--- about 1 s, with jitter).
local FIRST_BOUND, LAST_BOUND = 1, 20 -- seconds

local TRIES = 3 -- to wait, where there is no memory for that

--- What a purchase by number leaves of the deadline for the look-up that may have to follow.
local SHARE, SHARE_MAX = 0.25, 10 -- of what is left; seconds

local function with_defaults(options, config)
  for _, name in ipairs { "account_sid", "timeout", "retries" } do
    options[name] = options[name] or config[name]
  end
  return options
end

--- Starts the clock of a call.
---@param client table
---@param options table|nil checked options of the call, where it has its own
---@param loop table|nil how it waits (loops/); nil: it blocks
---@param operation table see run.lua
---   purchased     what its purchases say about money, as far as they were judged
---   out           the status of one that was sent and not judged, 0 if there is none; false: none is out
---   answer        to that one
---   form          what that one sent, or the parameters until that is known
---   number, whole what was bought: still to be set up, or as it was asked for
---   waits_for     the last record that it has waited for
function Call.new(client, options, loop, operation)
  local config = client.config
  return setmetatable({
    client = client,
    options = options and with_defaults(options, config) or config,
    loop = loop or false,
    operation = operation,
    began = core.now(),
    ends = core.now() + config.deadline,
    attempts = 0,
    -- what there is to tell if an error breaks it off (rescue.lua); to set these takes no memory
    purchased = "no",
    out = false,
    answer = false,
    form = false,
    number = false,
    whole = false,
    waits_for = false,
    cancelled = false,
    claimed = false,
    pending = false,
    owes = false, -- the flight knows of a purchase to tell of
    parent = false, -- the call that this one is a part of
    is_over = false,
    is_new = false, -- its number is to be a new one
    looks_first = false, -- whether the account owns it: "may" go on without, "must" not
    found_none = false, -- that look
    is_certain = false, -- see purchase.lua
    server_date = false, -- of the first answer
  }, Call)
end

--- Begins the deadline anew: for a call that waits for others, each of which has a deadline of its own.
function Call:extend()
  self.ends = core.now() + 2 * self.client.config.deadline
  local pending = self.pending
  if pending and pending.expected then
    self.client.flight:expect(pending, self.ends)
  end
end

--- Seconds that are left of the deadline.
function Call:remaining()
  return self.ends - core.now()
end

--- The URL of a resource of the account that the call is for, or of another.
---@param resource string
---@param account_sid? string
function Call:url(resource, account_sid)
  account_sid = account_sid or self.options.account_sid
  return self.client.config.base_url .. "/2010-04-01/Accounts/" .. account_sid .. "/" .. resource
end

--- Takes the secrets out of what a transport says, and out of what came back, but for the body of a
--- success: a gateway may echo the request. Of any other body only `said` is left.
function Call:redact(answer)
  if answer.is_redacted then
    return answer
  end
  local redact = self.client.credentials.redact
  answer.reason = answer.reason and redact(answer.reason)
  for name, value in pairs(answer.headers) do
    answer.headers[name] = redact(value)
  end
  local is_good = answer.status and answer.status >= 200 and answer.status < 300
  if not is_good and not answer.said then
    answer.said = judge.said(answer, redact)
    answer.json = nil
  end
  answer.is_refusal = judge.is_refusal(answer) -- for rescue.lua, which can judge nothing
  answer.is_redacted = true
  return answer
end

local function report(self, request, answer, status, request_id)
  request_id = request_id and self.client.credentials.redact(request_id)
  self.client.config.on_event {
    method = request.method,
    url = request.url,
    status = answer and answer.status or status,
    seconds = core.now() - request.began,
    attempt = request.attempt,
    request_id = answer and answer.headers["twilio-request-id"] or request_id,
    error = answer and judge.kind(answer),
  }
end

--- Says that it is a proxy which could not be reached: libcurl names its address alone.
local function name_proxy(request, answer)
  local pattern = "^(Failed to connect to )%[?([^%s%]]+)%]? port (%d+)"
  local before, host, port = (answer.reason or ""):match(pattern)
  local url = host and core.url(request.url)
  local own_port = url and tonumber(url.port) or (url and url.scheme == "http" and 80 or 443)
  if url and (host:lower() ~= url.host:lower() or tonumber(port) ~= own_port) then
    answer.reason = before .. "the proxy " .. answer.reason:sub(#before + 1)
  end
end

--- Called by the transport as soon as there is an answer, even if nobody waits for it any more.
---@param request table
---@param answer table|nil what went wrong, or all there is
---@param status integer|nil of a purchase that was made and decoded
---@param request_id string|nil
function Call:arrived(request, answer, status, request_id)
  if answer then
    if answer.outcome == "connect" then
      name_proxy(request, answer)
    end
    self:redact(answer)
    self.server_date = self.server_date or answer.headers.date or false
    if answer.outcome == "cancelled" and not answer.sent then
      self.attempts = self.attempts - 1 -- it never went out
    end
  end
  if request.began then
    -- what that raises is not heard: it must not hide a number that was bought
    compat.pcall(report, self, request, answer, status, request_id)
  end
end

--- Why no request may be sent any more, as the answer that there will be.
local function refusal(outcome, reason)
  return { outcome = outcome, sent = false, permanent = true, reason = reason, headers = {} }
end

--- The limits of the next request, and who it is from.
---@param is_looked_up? boolean a look-up follows if it goes unanswered
---@return table? request
---@return string|table header or, without a request, the answer that there will be
function Call:prepare(method, url, body, is_looked_up)
  local header, why
  if not self.client.closed and not self.cancelled then
    header, why = self.client.credentials.authorize()
  end
  local left = self:remaining()
  if self.client.closed then -- perhaps while a token was asked for
    return nil, refusal("closed")
  elseif self.cancelled then
    return nil, refusal("cancelled")
  elseif not header then
    return nil, refusal("connect", why and self.client.credentials.redact(why))
  elseif left <= 0 then
    return nil,
      { outcome = "timeout", sent = false, reason = "the deadline has passed", headers = {} }
  end
  local config = self.client.config
  local share = is_looked_up and math.min(left * SHARE, SHARE_MAX) or 0
  self.attempts = self.attempts + 1
  return {
    method = method,
    url = url,
    body = body,
    timeout = math.min(self.options.timeout, left - share),
    connect_timeout = math.min(config.connect_timeout, left - share),
    expires = self.ends - share,
    attempt = self.attempts,
    began = config.on_event and core.now(),
  },
    header
end

--- Sends a request once.
---@param method "GET"|"POST"|"DELETE"
---@param url string
---@param body string|nil the form of a POST
---@param is_looked_up? boolean a look-up follows if it goes unanswered
---@return table answer see transport.lua
function Call:send(method, url, body, is_looked_up)
  local request, header = self:prepare(method, url, body, is_looked_up)
  if not request then
    return header
  end
  return self.client.transport.exchange(request, header, self)
end

--- Checks, encodes, sends and decodes in one step, which only libcurl's transport can.
function Call:send_at_once(request, header, params)
  local number, second, third, last = self.client.transport.purchase(request, header, params, self)
  if number then
    return number, nil, last -- the form, if something of it was not set
  elseif second then -- a list of problems
    self.attempts = self.attempts - 1
    return nil, second
  end
  return nil, nil, third, last -- the form, the answer
end

--- Whether parameters buy a certain number, which can be looked up.
local function is_by_number(params)
  return type(params) == "table" and rawget(params, "phone_number") ~= nil
end

--- The same without waiting: what came of it will be in the record.
---@return table? record nil: that cannot be done here and now
---@return table? problems what is wrong with the parameters: nothing was sent
function Call:begin_purchase(url, params)
  local client, request, header = self.client, nil, nil
  if client.transport.begin_purchase and client.credentials.is_ready() then
    request, header = self:prepare("POST", url, nil, is_by_number(params))
  end
  if not request then
    return nil
  end
  local record, wrong = client.transport.begin_purchase(request, header, params, self)
  if wrong then
    self.attempts = self.attempts - 1
  end
  return record, wrong
end

--- Sends a purchase for the first time, checked and encoded on the way. A token is asked for only
--- when the parameters are right.
---@return table? number
---@return table? problems what is wrong with the parameters: nothing was sent
---@return string? form what was sent, to send it again; with a number only if that is not set up so
---@return table? answer what came of it
function Call:send_purchase(url, params)
  local client, request, header = self.client, nil, nil
  if client.transport.purchase and client.credentials.is_ready() then
    request, header = self:prepare("POST", url, nil, is_by_number(params))
  end
  if request then
    return self:send_at_once(request, header, params)
  end
  local form, problems = core.form(params)
  if not form then
    return nil, problems
  end
  self.form = form
  return nil, nil, form, self:send("POST", url, form, is_by_number(params))
end

--- Waits before a request is sent again, if there is still time for that.
---@param repeats integer how often it was sent again already
---@param outcome table why it must be
---@return boolean waited false if the wait would go beyond the deadline, or the host broke it off
function Call:back_off(repeats, outcome)
  local bound = math.min(LAST_BOUND, FIRST_BOUND * 2 ^ repeats)
  local drawn, fraction = pcall(core.jitter) -- a system may have no random numbers to give
  local seconds = math.max(bound * (drawn and fraction or 1), outcome.retry_after or 0)
  if seconds >= self:remaining() then
    return false
  end
  return self:sleep(seconds)
end

--- Waits in the way of the host, which may be short of memory for a moment. (PUC Lua 5.1 cannot yield
--- across pcall.)
---@return any why what the host raised
local function wait(self, record)
  local loop, flight, why = self.loop, self.client.flight, nil
  if not compat.yields_across_pcall then
    return loop.wait(flight, record)
  end
  for _ = 1, TRIES do
    local waited, problem = pcall(loop.wait, flight, record)
    why = problem
    if waited or record.done or not compat.is_shortage(why) then
      break
    end
    globals.collect()
  end
  return why
end

--- Waits for a record of the flight's. What the host raises while it waits must not hide a number
--- that was bought: the call then ends with what is known.
---@param record table
---@return table record which is done
function Call:wait(record)
  self.waits_for = record
  if record.done then
    return record
  end
  local why = wait(self, record)
  if not record.done then
    self.cancelled = "the host's loop broke the wait off"
    self.client.flight:cancel(record)
    record.form = record.form or ""
    record.answer = { outcome = "cancelled", sent = true, headers = {} }
    record.answer.reason = why and compat.tostring(why)
  end
  return record
end

--- On PUC Lua 5.1 a call that runs in a coroutine of ours has the host's functions called outside of it,
--- see compat.protect().
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

--- Waits for a record that is no request's: that others end.
function Call:await(record)
  if self.loop then
    self:wait(record)
  else
    self.client.flight:wait(record)
  end
end

--- Waits so long, in the way of the host.
---@return boolean waited false if somebody broke it off
function Call:sleep(seconds)
  local loop = self.loop
  if not loop then
    return self.client.config.sleep(seconds) ~= false
  elseif loop.is_polled or self.client.flight:get_engine() then
    self:wait(self.client.flight:alarm(seconds))
  elseif loop.spawn and loop.sleep and not compat.yields_across_pcall then
    loop.sleep(seconds) -- of a coroutine in between luv would resume the inner one alone
  elseif not loop.sleep or not compat.pcall(loop.sleep, seconds) then
    return false
  end
  return not self.cancelled
end

--- Gives the call up: nothing more is sent.
function Call:cancel()
  self.cancelled = self.cancelled or "cancelled"
  if self.on_cancel then
    self.on_cancel()
  end
  if self.waits_for then
    self.client.flight:cancel(self.waits_for)
  end
end

--- Whether new credentials could help, which are then asked for; once in a call.
function Call:renew()
  if self.renewed then
    return false
  end
  self.renewed = true
  return self.client.credentials.renew()
end

--- Whether a request may be sent again now; waits as long as is right.
---@param repeats integer how often it was sent again already
---@param outcome table see judge.lua
---@param idempotent boolean doing it twice is the same as doing it once
function Call:may_repeat(repeats, outcome, idempotent)
  if self.cancelled then
    return false
  elseif outcome.again == "renewed" then
    return self:renew()
  elseif not outcome.again or (outcome.again == "idempotent" and not idempotent) then
    return false
  end
  return repeats < self.options.retries and self:back_off(repeats, outcome)
end

--- Sends a request that may be done twice, as often as it takes.
---@param judge_answer function see judge.lua
---@return table outcome see judge.lua: `value`, or what went wrong; `unheard` if that was to change
---something, and some attempt may have done so
function Call:ask(judge_answer, method, url, body)
  local repeats, unheard = 0, nil
  while true do
    local outcome = judge_answer(self:send(method, url, body), unheard)
    unheard = unheard or (method ~= "GET" and outcome.unheard) or nil
    outcome.unheard = unheard
    if outcome.value or not self:may_repeat(repeats, outcome, true) then
      return outcome
    end
    repeats = repeats + 1
  end
end

--- Reads an object.
---@return table outcome
function Call:read(url)
  return self:ask(judge.read, "GET", url)
end

--- libcurl's words for a time limit are about the last attempt alone.
local function in_all(reason, seconds)
  local words = (reason or ""):gsub(" after %d+ m%a+", "")
  local figure = (seconds < 10 and "%.1f" or "%.0f"):format(seconds)
  return ("%s%s%s s in all"):format(words, words ~= "" and ", " or "", figure)
end

--- Makes an error of an outcome.
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
