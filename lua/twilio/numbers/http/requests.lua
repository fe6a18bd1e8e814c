--- The requests of a call, and their retries.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local responses = require("twilio.numbers.http.response")

---@class twilio.numbers.Call
local requests = {}

--- Backoff: a random time between zero and a bound that doubles (Twilio recommends exponential backoff from
--- about 1 s, with jitter).
local FIRST_BOUND, LAST_BOUND = 1, 20 -- seconds

--- The part of the remaining time that a purchase by number reserves for a lookup.
local SHARE, SHARE_MAX = 0.25, 10 -- fraction; seconds

--- A URL for an event: the query of addresses is personal data.
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

--- Calls on_event. Its errors are ignored: they must not hide a purchased number.
function requests:notify(event)
  local on_event = self.client.config.on_event
  if on_event then
    compat.pcall(on_event, event)
  end
end

--- Called by the transport as soon as a response has arrived, even if the caller is gone.
function requests:arrived(request)
  local went_out, date = request.response:arrival()
  local attempt = self.attempts
  self.server_date = self.server_date or date
  if not went_out then
    self.attempts = attempt - 1
  end
  if request.began then
    -- its errors must not hide a purchased number
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

--- Sends a request once and waits for the response.
---@param response userdata filled with it
---@param method "GET"|"POST"|"DELETE"
---@param body string|userdata|nil a form
---@param is_looked_up? boolean a lookup follows if it goes unanswered
---@param begin? boolean do not wait for the response
---@return table? future with `begin`; nil: there is no request, and the response says why
function requests:send(response, method, url, body, is_looked_up, begin)
  local client, header, why = self.client, nil, nil
  if not client.closed and not self.cancelled then
    header, why = client.credentials.authorize()
  end
  if not header or client.closed or self.cancelled then -- perhaps by the function that returned the token
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
  self.attempts, self.has_changed = self.attempts + 1, self.has_changed or method ~= "GET"
  request.response, request.authorization = response, header
  request.method, request.url, request.body = method, url, body
  request.timeout = timeout < left and timeout or left
  request.connect_timeout = connect_timeout < left and connect_timeout or left
  request.expires, request.began = ends, config.on_event and now
  request.not_after = method ~= "GET" and self.not_after or 0 -- a lookup changes nothing
  local transport = client.transport
  if begin then
    return transport.begin(request, self)
  end
  return transport.send(request, self)
end

--- Waits before a retry, if the deadline allows.
---@param repeats integer the number of retries so far
---@param outcome table of the last attempt
---@return boolean waited false if the wait would exceed the deadline, or the host interrupted it
function requests:back_off(repeats, outcome)
  local bound = math.min(LAST_BOUND, FIRST_BOUND * 2 ^ repeats)
  local drawn, fraction = pcall(core.jitter) -- the system may have no random numbers
  local seconds = math.max(bound * (drawn and fraction or 1), outcome.retry_after or 0)
  if seconds >= self:remaining() then
    return false
  end
  return self:sleep(seconds)
end

--- Renews the credentials after a 401, once per call. Returns whether there may be new ones.
local function renew(self)
  if self.renewed then
    return false
  end
  self.renewed = true
  return self.client.credentials.renew(self.request.authorization)
end

--- Whether a request may be retried now. Waits for the backoff.
---@param repeats integer the number of retries so far
---@param outcome table see http/response.lua
---@param idempotent boolean sending it twice has the same effect as sending it once
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

--- Sends an idempotent request, with retries.
---@param read fun(response: userdata): any?, string? reads the value of a success, or returns why it cannot
---@param is_final? fun(outcome: table): boolean whether retries cannot change the outcome
---@return any value nil: see the outcome
---@return table? outcome see http/response.lua; `unheard` if the request changes something and some
---attempt may have done so
function requests:ask(method, url, body, read, is_final)
  local response, repeats, unheard = core.new_response(self.client.config.opaque_sids), 0, nil
  local had_changed = self.has_changed
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
    self.has_changed = had_changed or unheard or false
    outcome.again, outcome.purchased, outcome.unheard = again, "no", unheard
    if (is_final and is_final(outcome)) or not self:may_repeat(repeats, outcome, true) then
      return nil, outcome
    end
    repeats = repeats + 1
  end
end

return requests
