--- The requests of a call: sent, and sent again where that is right.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local responses = require("twilio.numbers.http.response")

---@class twilio.numbers.Call
local requests = {}

--- Back-off: a random time between nothing and a bound that doubles (Twilio: exponential from
--- about 1 s, with jitter).
local FIRST_BOUND, LAST_BOUND = 1, 20 -- seconds

--- What a purchase by number leaves of the deadline for the look-up that may have to follow.
local SHARE, SHARE_MAX = 0.25, 10 -- of what is left; seconds

--- A URL as an event may have it: the query of the addresses is personal data.
local function public(url)
  return url:find("/Addresses", 1, true) and url:match("^[^?]*") or url
end

local function report(self, request, attempt)
  local response = request.response
  local request_id = response:header("twilio-request-id")
  self.client.config.on_event {
    method = request.method,
    url = public(request.url),
    status = response:status(),
    seconds = core.now() - request.began,
    attempt = attempt,
    request_id = request_id and self.client.credentials.redact(request_id),
    error = responses.kind(response),
  }
end

--- Hands an event to on_event. What that raises is not heard: it must not hide a number that was bought.
function requests:notify(event)
  local on_event = self.client.config.on_event
  if on_event then
    compat.pcall(on_event, event)
  end
end

--- The transport calls this as soon as there is a response, even if the caller is gone.
function requests:arrived(request)
  local went_out, date = request.response:arrival()
  local attempt = self.attempts
  self.server_date = self.server_date or date
  if not went_out then
    self.attempts = attempt - 1
  end
  if request.began then
    -- what that raises is not heard: it must not hide a number that was bought
    compat.pcall(report, self, request, attempt)
  end
end

--- Says why there can be no request.
---@param why string? of a client that has no credentials
local function refuse(self, response, why)
  local client = self.client
  if client.closed then
    response:refuse("closed", "", true)
  elseif self.cancelled then
    response:refuse("cancelled", "", true)
  else
    response:refuse("connect", why and client.credentials.redact(why) or "", true)
  end
end

--- Sends a request once, in any host, and waits for the response.
---@param response userdata which gets it
---@param method "GET"|"POST"|"DELETE"
---@param body string|userdata|nil a form
---@param is_looked_up? boolean a look-up follows if it goes unanswered
---@param begin? boolean do not wait for the response
---@return table? future with `begin`; nil: there is no request, and the response says why
function requests:send(response, method, url, body, is_looked_up, begin)
  local client, header, why = self.client, nil, nil
  if not client.closed and not self.cancelled then
    header, why = client.credentials.authorize()
  end
  if not header or client.closed or self.cancelled then -- perhaps while a token was asked for
    return refuse(self, response, why)
  end
  local ends, now = self.ends, core.now()
  local left, config, request = ends - now, client.config, self.request
  if left <= 0 then
    return response:refuse("timeout", "the deadline has passed", false)
  end
  if is_looked_up then
    local share = left * SHARE < SHARE_MAX and left * SHARE or SHARE_MAX
    left, ends = left - share, ends - share
  end
  local timeout, connect_timeout = self.options.timeout, config.connect_timeout
  self.attempts = self.attempts + 1
  request.response, request.authorization = response, header
  request.method, request.url, request.body = method, url, body
  request.timeout = timeout < left and timeout or left
  request.connect_timeout = connect_timeout < left and connect_timeout or left
  request.expires, request.began = ends, config.on_event and now
  request.not_after = method ~= "GET" and self.not_after or 0 -- a look-up changes nothing
  return client.transport[begin and "begin" or "send"](request, self)
end

--- Waits before a request is sent again, if there is still time for that.
---@param repeats integer how often it was sent again already
---@param outcome table why it must be
---@return boolean waited false if the wait would go beyond the deadline, or the host broke it off
function requests:back_off(repeats, outcome)
  local bound = math.min(LAST_BOUND, FIRST_BOUND * 2 ^ repeats)
  local drawn, fraction = pcall(core.jitter) -- a system may have no random numbers to give
  local seconds = math.max(bound * (drawn and fraction or 1), outcome.retry_after or 0)
  if seconds >= self:remaining() then
    return false
  end
  return self:sleep(seconds)
end

--- Whether new credentials could help, which are then asked for; once in a call.
local function renew(self)
  if self.renewed then
    return false
  end
  self.renewed = true
  return self.client.credentials.renew(self.request.authorization)
end

--- Whether a request may be sent again now; waits as long as is right.
---@param repeats integer how often it was sent again already
---@param outcome table see http/response.lua
---@param idempotent boolean doing it twice is the same as doing it once
function requests:may_repeat(repeats, outcome, idempotent)
  if self.cancelled then
    return false
  elseif outcome.again == "renewed" then
    return renew(self)
  elseif not outcome.again or (outcome.again == "idempotent" and not idempotent) then
    return false
  end
  return repeats < self.options.retries and self:back_off(repeats, outcome)
end

--- Sends a request that may be done twice, as often as it takes.
---@param read fun(response: userdata): any?, string? the value of a success, or why it is none
---@param is_final? fun(outcome: table): boolean whether no attempt will change an outcome of its kind
---@return any value nil: see the outcome
---@return table? outcome see http/response.lua; `unheard` if the request was to change something, and some
---attempt may have done so
function requests:ask(method, url, body, read, is_final)
  local response, repeats, unheard = core.new_response(self.client.config.opaque_sids), 0, nil
  while true do
    self:send(response, method, url, body)
    local value, why
    if response:is_success() then
      value, why = read(response)
      if value then
        return value
      end
    end
    local outcome = self:outcome(response, why)
    local again, _, is_unheard = response:verdict_free(false)
    unheard = unheard or (method ~= "GET" and is_unheard) or nil
    outcome.again, outcome.purchased, outcome.unheard = again, "no", unheard
    if (is_final and is_final(outcome)) or not self:may_repeat(repeats, outcome, true) then
      return nil, outcome
    end
    repeats = repeats + 1
  end
end

return requests
