--- The Messaging Services of a purchase, the option messaging_service_sid. They are read before anything is
--- bought, and the number is added to the first that takes it, after its settings are complete. If none does,
--- the number is returned all the same, with the reason in `incomplete`.
local compat = require("twilio.numbers.compat")
local errors = require("twilio.numbers.errors")
local is_toll_free = require("twilio.numbers.api.toll_free")
local messaging = require("twilio.numbers.api.messaging")
local service_list = require("twilio.numbers.config.service_list")

--- The services of a call and of its parts. The operation keeps them in call.state.services, and sets
--- call.state.is_attached when nothing is left to do.
---@class twilio.numbers.Services
---@field sids string[]
---@field is_met boolean the account has all of them
---@field refused table|false the outcome for which the call and its parts must not choose a number
---@field unregistered table<string, boolean> services without a registered campaign
---@field full table<string, boolean> services that are known to be full
local Services = {}
Services.__index = Services

local services = {}

--- Returns the services of a call.
---@param call twilio.numbers.Call
---@return twilio.numbers.Services|false
function services.of(call)
  local given = call.options.messaging_service_sid
  local whole = call.parent and call.parent.state and call.parent.state.services
  if not given then
    return false
  end
  return whole
    or setmetatable({
      sids = service_list.of(given),
      is_met = false,
      refused = false,
      unregistered = {},
      full = {},
    }, Services)
end

--- The value of the option: a SID, or a list.
---@return string|string[]
function Services:asked()
  return #self.sids == 1 and self.sids[1] or self.sids
end

-- ---- before the purchase ----

--- The outcome of services that the account does not have.
---@param missing twilio.numbers.Problem[]
local function not_there(missing)
  local reasons = {}
  for i, problem in ipairs(missing) do
    reasons[i] = problem.message
  end
  return {
    kind = "invalid",
    words = "nothing was bought",
    reason = table.concat(reasons, "; "),
    problems = missing,
    purchased = "no",
  }
end

--- Reads all services.
---@return table? outcome nil: the account has them
local function look(self, call)
  local missing = {}
  for _, sid in ipairs(self.sids) do
    local service, outcome = messaging.service(call, sid)
    if service then
      self.unregistered[sid:lower()] = service.us_app_to_person_registered == false
    elseif messaging.is_not_there(outcome) then
      local message = messaging.no_service(call, sid)
      missing[#missing + 1] = { name = "messaging_service_sid", message = message }
    else
      outcome.words = "nothing was bought because a Messaging Service could not be read"
      outcome.purchased = "no"
      return outcome
    end
  end
  return missing[1] and not_there(missing)
end

local function copy(outcome)
  local new = {}
  for name, value in pairs(outcome) do
    new[name] = value
  end
  return new
end

--- Why no number may be chosen. The services are read once, by the call or a part of it.
---@param call table that reads them
---@return table? outcome nil if a number may be chosen
---@return boolean is_read they were read now, which took time
function Services:refusal(call)
  if self.is_met then
    return nil, false
  elseif self.refused then
    return copy(self.refused), false
  end
  local outcome = look(self, call)
  self.is_met = not outcome
  return outcome, true
end

--- The same for the parts of a call, which do not read them: each part that chooses a number is refused.
function Services:decide(call)
  local outcome = self:refusal(call)
  self.refused = outcome and copy(outcome) or false
end

--- Starts a purchase: reads the services, if the call has any.
---@return nil, string? message, twilio.numbers.Error? err
function services.begin(call)
  local state = call.state
  state.services = state.services or services.of(call)
  local outcome = state.services:refusal(call)
  if outcome then
    return call:fail(outcome)
  end
end

-- ---- after the purchase ----

local UNREGISTERED = "%s is in Messaging Service %s, which has no registered campaign for the United States"
  .. " (us_app_to_person_registered): carriers there reject what it sends (error 30034)"

--- Whether messages from a number need a registered campaign, as those from local numbers in the United
--- States do.
local function needs_campaign(sender, phone_number)
  local area_code = phone_number:match("^%+1(%d%d%d)")
  return sender.country_code == "US" and not is_toll_free(area_code)
end

--- Reports the attachment in an event, with a note if the service has no registered campaign.
local function notify(self, call, number, sender)
  local phone_number = compat.tostring(number.phone_number)
  local has_campaign = not self.unregistered[sender.service_sid:lower()]
  call:notify {
    kind = "messaging_service",
    phone_number = number.phone_number,
    sid = number.sid,
    service_sid = sender.service_sid,
    note = not has_campaign and needs_campaign(sender, phone_number) and UNREGISTERED:format(
      phone_number,
      sender.service_sid
    ) or nil,
  }
end

local NOT_IN = "the number was bought, but it is not in Messaging Service %s"
local UNSURE = "the number was bought; whether it is in Messaging Service %s is unknown"

--- Adds a missing or uncertain attachment to the message and the info of a purchased number.
---@param sid string of the service
---@param err twilio.numbers.Error|nil nil: the attachment was not tried
---@param is_unsure boolean the number may be in the service
---@return table number
---@return string message
---@return twilio.numbers.Info info
local function report(number, message, info, sid, err, is_unsure)
  local why = err and ": " .. errors.part(err.message) or ""
  local words = (is_unsure and UNSURE or NOT_IN):format(sid) .. why
  info = info or {}
  info.incomplete = info.incomplete or { differences = {} }
  info.incomplete.messaging_service = { sid = sid, err = err }
  return number, message and message .. "; " .. words or words, info
end

--- Adds a purchased number to the first service that takes it.
---@param number table
---@param message string|nil an earlier note about the number
---@param info twilio.numbers.Info|nil
---@return table number
---@return string? message
---@return twilio.numbers.Info? info with `incomplete` if no service has it
function Services:attach(call, number, message, info)
  local state = call.state
  if state.is_attached then
    return number, message, info
  end
  call.client.scheduler:owe(call)
  local sender, outcome, sid = messaging.add_to_first(call, number.sid, self.sids, self.full)
  if not sender then
    local is_unsure = outcome.unheard
    return report(number, message, info, sid, select(3, call:fail(outcome)), is_unsure)
  end
  state.is_attached = true
  notify(self, call, number, sender)
  return number, message, info
end

--- Checks whether a service has a number that an earlier call bought. Changes nothing.
function Services:compare(call, number, message, info)
  for _, sid in ipairs(self.sids) do
    local sender, outcome = messaging.sender(call, number.sid, sid)
    if sender then
      return number, message, info
    elseif not messaging.is_not_there(outcome) then
      return report(number, message, info, sid, select(3, call:fail(outcome)), true)
    end
  end
  return report(number, message, info, self.sids[1], nil, false)
end

--- The same for a number whose call was interrupted before that was known.
---@param why any
function Services:unsure(call, number, message, why)
  local _, _, err = errors.broken_off(call, "no", compat.tostring(why))
  return report(number, message, nil, self.sids[1], err, true)
end

return services
