--- A number that an account owns: fetched, changed, given back. Each may be done twice.
local core = require("twilio.numbers.core")
local emergency = require("twilio.numbers.api.emergency")
local errors = require("twilio.numbers.errors")
local judge = require("twilio.numbers.http.judge")
local resources = require("twilio.numbers.api.resources")
local messages = require("twilio.numbers.config.messages")

local owned_number = {}

--- What is wrong with a SID, if anything is.
local function check(sid)
  if not core.is_sid(sid, "PN") then
    local message = "sid must be PN and 32 hex digits, got " .. messages.show(sid)
    return { { name = "sid", message = message } }
  end
end

local NOT_THERE = "account %s has no number with this SID: it is another account's, mistyped,"
  .. " or was released before"

--- Sends a request about a number, as often as it takes.
local function ask(call, judge_answer, method, sid, form)
  local url = call:url(resources.number_path(sid))
  local outcome = call:ask(judge_answer, method, url, form)
  if outcome.value then
    return outcome.value
  elseif judge.is_not_found(outcome) then
    local hint = NOT_THERE:format(call.options.account_sid)
    outcome.reason = outcome.reason and outcome.reason .. "; " .. hint or hint
  end
  return call:fail(outcome)
end

--- The number as another account owns it: one that was handed over by an attempt that went unanswered is
--- not found when that is repeated.
---@return table? number
local function look_at(call, account_sid, sid)
  return call:ask(judge.number(sid), "GET", call:url(resources.number_path(sid), account_sid)).value
end

owned_number.fetch = {
  run = function(call, sid)
    local wrong = check(sid)
    if wrong then
      return errors.invalid(wrong)
    end
    return ask(call, judge.number(sid), "GET", sid)
  end,
}

owned_number.update = {
  run = function(call, sid, params)
    local list = check(sid) or {}
    local form, wrong = core.form(params, "update")
    for _, problem in ipairs(wrong and messages.describe(wrong, "update") or {}) do
      list[#list + 1] = problem
    end
    if form == "" then
      list[#list + 1] = { name = "params", message = "params says nothing to change" }
    end
    if #list > 0 then
      return errors.invalid(list)
    end
    local number, message, err = ask(call, judge.number(sid), "POST", sid, form)
    if err and err.unheard and judge.is_not_found(err) and params.account_sid then
      number = look_at(call, params.account_sid, sid)
      err.attempts = call.attempts
    end
    if number then
      return number
    end
    return nil, message, err
  end,
}

--- Whether the account certainly owns a number still whose release failed with this error.
function owned_number.is_kept(err)
  if err.unheard or judge.is_not_found(err) then
    return false
  end
  return err.attempts == 0 or (err.kind ~= "cancelled" and err.kind ~= "closed")
end

--- Gives a number back.
---@return true? released
---@return string? message
---@return twilio.numbers.Error? err
function owned_number.delete(call, sid)
  return ask(call, judge.release, "DELETE", sid)
end

owned_number.release = {
  run = function(call, sid)
    local wrong = check(sid)
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
