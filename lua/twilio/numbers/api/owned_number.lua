--- Fetches, updates and releases a number that the account owns. All three are safe to repeat.
local emergency = require("twilio.numbers.api.emergency")
local errors = require("twilio.numbers.errors")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")
local messages = require("twilio.numbers.config.messages")
local show = require("twilio.numbers.config.show")
local sids = require("twilio.numbers.config.sids")

local owned_number = {}

--- Checks a SID.
---@return twilio.numbers.Problem[]? wrong nil if it is valid
function owned_number.problems(call, sid)
  if not call:is_sid(sid, "PN") then
    local words = sids.words("PN", call.client.config.opaque_sids)
    local message = ("sid must be %s, got %s"):format(words, show.value(sid))
    return { { name = "sid", message = message } }
  end
end

local NOT_THERE = "account %s has no number with this SID: it belongs to another account, is mistyped,"
  .. " or was released"

--- Sends a request for a number, with retries.
---@return any value
---@return table? outcome
local function ask(call, method, sid, form, read)
  return call:ask(method, call:url(resources.number_path(sid)), form, read)
end

--- Returns the error of an outcome, with a hint if there is no such number.
local function fail(call, outcome)
  if responses.is_not_found(outcome) then
    local hint = NOT_THERE:format(call.options.account_sid)
    outcome.reason = outcome.reason and outcome.reason .. "; " .. hint or hint
  end
  return call:fail(outcome)
end

owned_number.fetch = {
  run = function(call, sid)
    local wrong = owned_number.problems(call, sid)
    if wrong then
      return errors.invalid(wrong)
    end
    local number, outcome = ask(call, "GET", sid, nil, responses.reader_of(sid))
    if number then
      return number
    end
    return fail(call, outcome)
  end,
}

--- Checks and encodes the parameters of an update.
---@param list twilio.numbers.Problem[] receives the problems
---@return userdata? form
function owned_number.read(call, params, list)
  local form, wrong = call:new_form(params, "update")
  for _, problem in ipairs(wrong and messages.describe(wrong, "update") or {}) do
    list[#list + 1] = problem
  end
  if form and form:is_empty() then
    list[#list + 1] = { name = "params", message = "params must name a setting to change" }
  end
  return form
end

owned_number.update = {
  run = function(call, sid, params)
    local list = owned_number.problems(call, sid) or {}
    local form = owned_number.read(call, params, list)
    if #list > 0 then
      return errors.invalid(list)
    end
    local read = responses.reader_of(sid)
    local number, outcome = ask(call, "POST", sid, form:text(), read)
    local was_sent = outcome and outcome.unheard and responses.is_not_found(outcome)
    if was_sent and params.account_sid then
      -- an unanswered attempt may have transferred it to the other account
      number = call:ask("GET", call:url(resources.number_path(sid), params.account_sid), nil, read)
    end
    if number then
      return number
    end
    return fail(call, outcome)
  end,
}

--- Whether the account certainly still owns a number, after its release failed with this error.
function owned_number.is_kept(err)
  if err.unheard or responses.is_not_found(err) then
    return false
  end
  return err.attempts == 0 or (err.kind ~= "cancelled" and err.kind ~= "closed")
end

--- Releases a number.
---@return true? released
---@return string? message
---@return twilio.numbers.Error? err
function owned_number.delete(call, sid)
  local released, outcome = ask(call, "DELETE", sid, nil, responses.read_release)
  if released or (outcome.unheard and responses.is_not_found(outcome)) then
    return true -- released by an earlier, unanswered attempt
  end
  return fail(call, outcome)
end

owned_number.release = {
  run = function(call, sid)
    local wrong = owned_number.problems(call, sid)
    if wrong then
      return errors.invalid(wrong)
    end
    if call.options.unregister_emergency then
      local _, message, err = emergency.unregister(call, sid)
      if err then
        return nil, message, err
      end
    end
    return owned_number.delete(call, sid)
  end,
}

return owned_number
