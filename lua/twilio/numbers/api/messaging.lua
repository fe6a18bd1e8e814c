--- The requests for the numbers of a Messaging Service, at messaging.twilio.com
--- (https://www.twilio.com/docs/messaging/api/phonenumber-resource). The paths name no account: the services
--- belong to the account of the credentials.
---
--- Used by attach.lua for owned numbers, and by services.lua for purchased ones.
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")
local sids = require("twilio.numbers.config.sids")

local messaging = {}

local PAGES_MAX = 20
local PAGE_SIZE = 100

--- Twilio's error codes: https://www.twilio.com/docs/api/errors
local IN_THIS, IN_ANOTHER, FULL, NO_SMS = 21710, 21712, 21714, 21715
local NO_SERVICE = { [20404] = true, [21705] = true }

--- What an error code means here, as a message.
local WORDS = {
  [IN_ANOTHER] = "the number is in another Messaging Service than %s",
  [FULL] = "Messaging Service %s is full",
  [NO_SMS] = "the number cannot send messages, so it cannot be in Messaging Service %s",
}

local NO_SUCH_SERVICE = "account %s has no Messaging Service %s"

local function url_of(call, service_sid, rest)
  return call:product_url("messaging", "/v1/Services/" .. service_sid .. (rest or ""))
end

--- Whether an outcome says that the service does not exist, or does not have the number.
function messaging.is_not_there(outcome)
  return outcome.status == 404 and NO_SERVICE[outcome.code] == true
end

--- Whether an outcome says that the service is full.
function messaging.is_full(outcome)
  return outcome.code == FULL
end

--- Whether an outcome says that the number is in another service.
function messaging.is_elsewhere(outcome)
  return outcome.code == IN_ANOTHER
end

--- The message for a service that the account does not have.
function messaging.no_service(call, service_sid)
  return NO_SUCH_SERVICE:format(call.options.account_sid, service_sid)
end

--- Adds the meaning of an outcome to it.
---@return table outcome the same table
local function explain(call, outcome, service_sid)
  local words = WORDS[outcome.code]
  if words then
    outcome.words, outcome.unheard = words:format(service_sid), nil -- else it would be in this service
  elseif messaging.is_not_there(outcome) then
    outcome.words = messaging.no_service(call, service_sid)
  end
  return outcome
end

--- Reads a service.
---@return table? service as Twilio describes it
---@return table? outcome
function messaging.service(call, service_sid)
  local service, outcome = call:ask("GET", url_of(call, service_sid), nil, function(response)
    local body, why = response:json()
    if body and not sids.are_same(body.sid, service_sid) then
      return nil, "it does not describe " .. service_sid
    end
    return body, why
  end)
  return service, outcome and explain(call, outcome, service_sid)
end

--- Reads the description of a number in a service.
local function reader_of(sid, service_sid)
  return function(response)
    local body, why = response:json()
    if
      body and not (sids.are_same(body.sid, sid) and sids.are_same(body.service_sid, service_sid))
    then
      return nil, ("it does not describe %s in %s"):format(sid, service_sid)
    end
    return body, why
  end
end

--- Looks for a number in a service.
---@return table? sender as Twilio describes it
---@return table? outcome see messaging.is_not_there(), if the service does not have it
function messaging.sender(call, sid, service_sid)
  local url = url_of(call, service_sid, "/PhoneNumbers/" .. sid)
  return call:ask("GET", url, nil, reader_of(sid, service_sid))
end

--- Whether retries cannot change an outcome, although its status is 409 (conflict).
local function is_final(outcome)
  return outcome.code == IN_THIS or outcome.code == IN_ANOTHER
end

--- Adds a number to a service. Idempotent: the second time Twilio answers that the number is in it.
---@return table? sender as Twilio describes it; only the two SIDs if it is in the service but cannot be read
---@return table? outcome
function messaging.add(call, sid, service_sid)
  local url, form = url_of(call, service_sid, "/PhoneNumbers"), "PhoneNumberSid=" .. sid
  local sender, outcome = call:ask("POST", url, form, reader_of(sid, service_sid), is_final)
  if sender then
    return sender
  end
  local is_in_it, is_unread = outcome.code == IN_THIS, (outcome.status or 0) < 300
  if is_in_it or (is_unread and outcome.status) then
    sender = messaging.sender(call, sid, service_sid)
    sender = sender or (is_in_it and { sid = sid, service_sid = service_sid }) or nil
  end
  return sender, not sender and explain(call, outcome, service_sid) or nil
end

--- Adds a number to the first of several services that takes it: tries the next if one is full, or if the
--- number is in another service, which may be a later one of the list.
---@param service_sids string[]
---@param full? table<string, boolean> the services known to be full; updated
---@return table? sender
---@return table? outcome
---@return string? service_sid that the outcome is about
function messaging.add_to_first(call, sid, service_sids, full)
  local last, last_sid
  full = full or {}
  for i, service_sid in ipairs(service_sids) do
    if not full[service_sid] or i == #service_sids then
      local sender, outcome = messaging.add(call, sid, service_sid)
      if sender then
        return sender
      end
      full[service_sid] = messaging.is_full(outcome)
      if not last or not messaging.is_elsewhere(last) then
        last, last_sid = outcome, service_sid
      end
      if not full[service_sid] and not messaging.is_elsewhere(outcome) then
        return nil, outcome, service_sid
      end
    end
  end
  return nil, last, last_sid
end

--- Removes a number from a service.
---@return true? removed the number is not in the service now
---@return table? outcome
function messaging.remove(call, sid, service_sid)
  local url = url_of(call, service_sid, "/PhoneNumbers/" .. sid)
  local removed, outcome = call:ask("DELETE", url, nil, responses.read_release)
  if removed then
    return true
  elseif not messaging.is_not_there(outcome) then
    return nil, explain(call, outcome, service_sid)
  end
  local service, problem = messaging.service(call, service_sid) -- is the number missing, or the service?
  if problem then
    problem.unheard = outcome.unheard -- an attempt before the 404 may have removed the number
  end
  return service and true or nil, problem
end

--- The SIDs of a page of services.
---@return string[]? sids
---@return string? why they are unknown
local function sids_of(call, page)
  local list, items = {}, resources.items(page, "services")
  for i, service in ipairs(items or {}) do
    if not call:is_sid(service.sid, "MG") then
      return nil, "it has a service without a SID"
    end
    list[i] = service.sid
  end
  return items and list, "it has no list of services"
end

--- Finds the service of a number. No resource names it, so every service is asked.
---@return string? service_sid nil without an outcome: no service has it
---@return table? outcome
function messaging.find(call, sid)
  local url = call:product_url("messaging", "/v1/Services?PageSize=" .. PAGE_SIZE)
  for _ = 1, PAGES_MAX do
    local page, outcome = call:ask("GET", url, nil, responses.read)
    if not page then
      return nil, outcome
    end
    local list, why = sids_of(call, page)
    if not list then
      return nil, { kind = "response", reason = why }
    end
    for _, service_sid in ipairs(list) do
      local sender, problem = messaging.sender(call, sid, service_sid)
      if sender then
        return service_sid
      elseif not messaging.is_not_there(problem) then
        return nil, problem
      end
    end
    local next_url, elsewhere = resources.next_product_url(call, "messaging", page)
    if elsewhere then
      return nil, { kind = "response", reason = elsewhere }
    elseif not next_url then
      return nil
    end
    url = next_url
  end
  return nil, { kind = "response", reason = ("it has more than %d pages"):format(PAGES_MAX) }
end

return messaging
