--- Adds a number that the account owns to a Messaging Service, and removes it. Both are safe to repeat.
local errors = require("twilio.numbers.errors")
local messaging = require("twilio.numbers.api.messaging")
local own_account = require("twilio.numbers.config.own_account")
local owned_number = require("twilio.numbers.api.owned_number")
local service_list = require("twilio.numbers.config.service_list")
local sids = require("twilio.numbers.config.sids")

local attach = {}

--- Checks the arguments.
---@param problem string|nil of the service
---@return nil, string? message, twilio.numbers.Error? err
local function check(call, sid, problem)
  local wrong = owned_number.problems(call, sid) or {}
  if problem then
    wrong[#wrong + 1] = { name = "service_sid", message = "service_sid " .. problem }
  end
  if not own_account.is_own(call.client.config, call.options.account_sid) then
    wrong[#wrong + 1] = { name = "account_sid", message = service_list.OTHER_ACCOUNT }
  end
  if wrong[1] then
    return errors.invalid(wrong)
  end
end

local function add_reason(outcome, words)
  local has_reason = outcome.reason and outcome.reason ~= ""
  outcome.reason = has_reason and outcome.reason .. "; " .. words or words
  return outcome
end

local PUT_BACK = "it was moved back into %s"
local NOT_PUT_BACK =
  "it was removed from %s and could not be moved back: it is in no Messaging Service"
local PERHAPS_BACK = "it was removed from %s; whether it is in a Messaging Service now is unknown"

--- Describes where a number is after no service took it and the move back was tried.
---@param outcome table of the services; changed
---@param problem table|nil why it was not moved back
---@return string
local function words_of_return(outcome, is_back, problem)
  if is_back then
    return PUT_BACK
  end
  outcome.unheard = outcome.unheard or problem.unheard or messaging.is_elsewhere(problem) or nil
  return outcome.unheard and PERHAPS_BACK or NOT_PUT_BACK
end

--- Moves the number from its current service to the first of the others that takes it. If none does, moves it
--- back.
---@param refusal table the outcome that reports the other service
---@return table? sender
---@return table? outcome
local function move(call, sid, services, refusal)
  local holder, outcome = messaging.find(call, sid)
  if not holder then
    return nil, outcome or refusal
  end
  local removed
  removed, outcome = messaging.remove(call, sid, holder)
  if not removed then
    return nil, outcome
  end
  local sender
  sender, outcome = messaging.add_to_first(call, sid, services)
  if sender then
    return sender
  end
  local is_back, problem = messaging.add(call, sid, holder)
  return nil, add_reason(outcome, words_of_return(outcome, is_back, problem):format(holder))
end

local TO_MOVE = "set move = true to remove it from there first"

--- An operation, see async/start.lua: returns the number as the service describes it.
attach.attach = {
  run = function(call, sid, given)
    local _, message, err =
      check(call, sid, service_list.problem(given, call.client.config.opaque_sids))
    if err then
      return nil, message, err
    end
    local services = service_list.of(given)
    local sender, outcome = messaging.add_to_first(call, sid, services)
    if sender then
      return sender
    elseif messaging.is_elsewhere(outcome) and call.options.move then
      sender, outcome = move(call, sid, services, outcome)
      if sender then
        return sender
      end
    elseif messaging.is_elsewhere(outcome) then
      add_reason(outcome, TO_MOVE)
    end
    return call:fail(outcome)
  end,
}

--- An operation, see async/start.lua: returns true, even if the number was not in the service.
attach.detach = {
  run = function(call, sid, service_sid)
    local expected = "must be " .. sids.words("MG", call.client.config.opaque_sids)
    local is_sid = call:is_sid(service_sid, "MG")
    local _, message, err = check(call, sid, not is_sid and expected or nil)
    if err then
      return nil, message, err
    end
    local removed, outcome = messaging.remove(call, sid, service_sid)
    if removed then
      return true
    end
    return call:fail(outcome)
  end,
}

return attach
