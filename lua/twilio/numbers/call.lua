--- One call of a client: its requests, its attempts, its time. The same for all calls, whether they
--- read or buy, and for all hosts: a host brings the transport and the sleep.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local judge = require("twilio.numbers.judge")

local Call = {}
Call.__index = Call

--- Back-off: a random time between nothing and a bound that doubles (Twilio: exponential from
--- about 1 s, with jitter).
local FIRST_BOUND, LAST_BOUND = 1, 20 -- seconds

--- Starts the clock of a call.
---@param client table
---@param options table checked options of the call
function Call.new(client, options)
  local config = client.config
  return setmetatable({
    client = client,
    config = config,
    account_sid = options.account_sid or config.account_sid,
    timeout = options.timeout or config.timeout,
    retries = options.retries or config.retries,
    ends = core.now() + config.deadline,
    attempts = 0,
    renewed = false,
  }, Call)
end

--- Seconds that are left of the deadline.
function Call:remaining()
  return self.ends - core.now()
end

--- The URL of a resource of the account that the call is for.
function Call:url(resource)
  return self.config.base_url .. "/2010-04-01/Accounts/" .. self.account_sid .. "/" .. resource
end

--- Tells on_event about an attempt. What the callback raises is not heard: it must not hide a
--- number that was bought.
function Call:report(request, answer, began)
  compat.pcall(self.config.on_event, {
    method = request.body and "POST" or "GET",
    url = request.url,
    status = answer.status,
    seconds = core.now() - began,
    attempt = self.attempts,
    request_id = answer.headers["twilio-request-id"],
    error = judge.kind(answer),
  })
end

--- Takes the secrets out of what a transport says, and out of whatever but a success came back: a
--- gateway may echo the request.
function Call:redact(answer)
  local redact = self.client.credentials.redact
  answer.reason = answer.reason and redact(answer.reason)
  if answer.status and answer.status >= 200 and answer.status < 300 then
    return answer
  end
  answer.body = answer.body and redact(answer.body)
  for name, value in pairs(answer.headers) do
    answer.headers[name] = redact(value)
  end
  return answer
end

--- The limits of the next request, and who it is from.
---@return table? request
---@return string|table header or, without a request, the answer that there will be
function Call:prepare(url, body)
  local header, why
  if not self.client.closed then
    header, why = self.client.credentials.authorize()
  end
  local left = self:remaining()
  if self.client.closed then -- perhaps while a token was asked for
    return nil, { outcome = "closed", sent = false, permanent = true, headers = {} }
  elseif not header then
    why = why and self.client.credentials.redact(why)
    return nil, { outcome = "connect", sent = false, permanent = true, reason = why, headers = {} }
  elseif left <= 0 then
    return nil,
      { outcome = "timeout", sent = false, reason = "the deadline has passed", headers = {} }
  end
  self.attempts = self.attempts + 1
  return {
    url = url,
    body = body,
    timeout = math.min(self.timeout, left),
    connect_timeout = math.min(self.config.connect_timeout, left),
  },
    header
end

--- Sends a request once: a GET, or with a body a POST.
---@return table answer see transport.lua
function Call:send(url, body)
  local request, header = self:prepare(url, body)
  if not request then
    return header
  end
  local began = self.config.on_event and core.now()
  local answer = self:redact(self.client.transport.exchange(request, header))
  if began then
    self:report(request, answer, began)
  end
  return answer
end

--- Checks, encodes, sends and decodes in one step, which only libcurl's transport can.
function Call:send_at_once(request, header, params)
  local began = self.config.on_event and core.now()
  local number, status, form, answer = self.client.transport.purchase(request, header, params)
  if number then
    local headers = { ["twilio-request-id"] = form }
    form, answer = nil, { outcome = "answered", status = status, headers = headers }
  elseif status then -- a list of problems
    self.attempts = self.attempts - 1
    return nil, status
  else
    self:redact(answer)
  end
  if began then
    self:report(request, answer, began)
  end
  return number, nil, form, answer
end

--- Sends a purchase for the first time, checked and encoded on the way. A token is asked for only
--- when the parameters are right.
---@return table? number
---@return table? problems what is wrong with the parameters: nothing was sent
---@return string? form what was sent, to send it again
---@return table? answer what came of it
function Call:send_purchase(url, params)
  local client, request, header = self.client, nil, nil
  if client.transport.purchase and client.credentials.is_ready() then
    request, header = self:prepare(url, "")
  end
  if request then
    return self:send_at_once(request, header, params)
  end
  local form, problems = core.form(params)
  if not form then
    return nil, problems
  end
  return nil, nil, form, self:send(url, form)
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
  return self.config.sleep(seconds) ~= false
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
  if outcome.again == "renewed" then
    return self:renew()
  elseif not outcome.again or (outcome.again == "idempotent" and not idempotent) then
    return false
  end
  return repeats < self.retries and self:back_off(repeats, outcome)
end

--- Reads an object, as often as it takes.
---@return table outcome see judge.lua: `value`, or what went wrong
function Call:read(url)
  local repeats = 0
  while true do
    local outcome = judge.read(self:send(url))
    if outcome.value or not self:may_repeat(repeats, outcome, true) then
      return outcome
    end
    repeats = repeats + 1
  end
end

return Call
