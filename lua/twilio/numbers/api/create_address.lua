--- Creates an address exactly once.
---
--- Twilio's POST has no idempotency key. A request that goes unanswered is looked up. If the address is not
--- found by the time the request can no longer take effect, the request is sent once more.
local addresses = require("twilio.numbers.api.addresses")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local find_address = require("twilio.numbers.api.find_address")
local messages = require("twilio.numbers.config.messages")

local create_address = {}

local EMERGENCY_NAME_MAX = 32 -- characters of friendly_name, for addresses of emergency calls

local FIRST_PAUSE, LAST_PAUSE = 1, 20 -- seconds between two lookups; each pause doubles the one before
local LOOKUPS = 4 -- if there is no time to send it again

--- A copy of the parameters with the default for auto_correct_address: without it Twilio may change the
--- address.
local function with_default(params)
  local copy = {}
  for name, value in next, params do
    copy[name] = value
  end
  if copy.auto_correct_address == nil then
    copy.auto_correct_address = false
  end
  return copy
end

local function characters(text)
  return select(2, text:gsub("[^\128-\191]", ""))
end

--- Checks and encodes the parameters.
---@return userdata? form
---@return string? message
---@return twilio.numbers.Error? err
local function read(params)
  local is_plain = core.is_plain_table(params)
  local form, wrong = core.new_form(is_plain and with_default(params) or params, "address")
  local list = wrong and messages.describe(wrong, "address") or {}
  local name = is_plain and params.emergency_enabled == true and params.friendly_name
  local length = type(name) == "string" and characters(name) or 0
  if length > EMERGENCY_NAME_MAX and length <= 64 then
    local message = "friendly_name must have at most %d characters with emergency_enabled"
    list[#list + 1] = { name = "friendly_name", message = message:format(EMERGENCY_NAME_MAX) }
  end
  if list[1] then
    return errors.invalid(list)
  end
  return form
end

local ADVICE =
  "The address may have been created: check client:addresses() before you create it again."

--- The error of an outcome. If an earlier attempt is in doubt, a later refusal does not settle it.
---@param doubt table|nil why it could not be looked up
local function fail(call, outcome, doubt)
  addresses.conceal(outcome)
  outcome.purchased = "no"
  if call.state.is_in_doubt then
    local reasons = { outcome.reason ~= "" and outcome.reason or nil }
    if doubt then
      local why = addresses.conceal(doubt).reason
      local said = why and why ~= "" and why or doubt.status and "status " .. doubt.status
      reasons[#reasons + 1] = "the lookup failed: " .. (said or doubt.kind)
    end
    outcome.unheard, outcome.advice = true, ADVICE
    outcome.reason = table.concat(reasons, "; ")
  end
  return call:fail(outcome)
end

--- Sends the request once, or after an error that interrupted the call, reads the response that has arrived.
---@return twilio.numbers.Address? address
---@return table? outcome
local function send_once(call, form)
  local state, response = call.state, call.response
  if not state.is_out then
    response:refuse("cancelled", "", true)
    state.is_out = true
    call:send(response, "POST", call:url(addresses.path()), form, true)
    find_address.note_date(call)
  end
  local address, why
  if response:is_success() then
    address, why = addresses.reader_of(call)(response)
  end
  if address then
    return address
  end
  return nil, call:outcome(response, why)
end

--- Looks the address up until the request can no longer take effect, or only a few times if there is no time
--- to send it again.
---@param may_resend boolean
---@return twilio.numbers.Address? address
---@return table|boolean|nil doubt why it could not be looked up; true: not found, which proves nothing
local function look(call, form, may_resend)
  local over, pause, lookups = core.now() + call.client:settle_time() / 1000, FIRST_PAUSE, 0
  may_resend = may_resend and over < call.ends
  while true do
    local address, doubt = find_address.once(call, form)
    lookups = lookups + 1
    local left = over - core.now()
    if address or doubt then
      return address, doubt
    elseif left <= 0 then
      return nil, not may_resend
    elseif not may_resend and (call.options.retries == 0 or lookups == LOOKUPS) then
      return nil, true
    end
    local seconds = math.min(pause, left)
    if seconds >= call:remaining() or not call:sleep(seconds) then
      return nil, true
    end
    pause = math.min(2 * pause, LAST_PAUSE)
  end
end

--- Sends the request, and looks the address up if it goes unanswered.
local function create(call, form)
  local state, repeats = call.state, 0
  while true do
    local address, outcome = send_once(call, form)
    if address then
      return address
    elseif outcome.purchased == "no" then
      if not call:may_repeat(repeats, outcome, false) then
        return fail(call, outcome)
      end
    else
      local may_resend = outcome.purchased ~= "yes"
        and not state.is_in_doubt
        and call.options.retries > 0
      local doubt
      state.is_in_doubt = true
      address, doubt = look(call, form, may_resend)
      if address then
        return address
      elseif doubt then
        return fail(call, outcome, doubt ~= true and doubt or nil)
      end
    end
    repeats, state.is_out = repeats + 1, false
  end
end

--- An operation, see async/start.lua.
create_address.create = {
  new_state = function()
    return {
      form = false, -- false: nothing was started
      is_out = false, -- the request may have been sent: call.response has its outcome
      is_in_doubt = false, -- an attempt went unanswered
      began = false, -- seconds, by the server's clock
    }
  end,
  run = function(call, params)
    local form, message, err = read(params)
    if not form then
      return nil, message, err
    end
    call.state.form = form
    return create(call, form)
  end,
  --- Ends the call after an error: the address may have been created.
  recover = function(call, why, may_go_on)
    local state, response = call.state, call.response
    if not state.form then
      return nil
    elseif may_go_on then
      if call.waiting_on and not call.waiting_on.done then
        call:wait(call.waiting_on)
      end
      return create(call, state.form)
    end
    local address = state.is_out and response:is_success() and addresses.reader_of(call)(response)
    if address then
      return address
    end
    call:cancel()
    local is_sent = state.is_out and response:is_sent() and (response:verdict(false)) ~= "no"
    if is_sent or state.is_in_doubt then
      local _, message, err = errors.broken_off(call, "no", compat.tostring(why), ADVICE)
      err.unheard = true
      return nil, message, err
    end
  end,
}

return create_address
