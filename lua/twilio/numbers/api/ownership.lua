--- Distinguishes a number that a call bought from one that the account owned before.
local bought = require("twilio.numbers.api.bought")
local compat = require("twilio.numbers.compat")
local dates = require("twilio.numbers.api.dates")
local errors = require("twilio.numbers.errors")
local lookup = require("twilio.numbers.api.lookup")
local reservations = require("twilio.numbers.api.reservations")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local ownership = {}

--- The message beside a number that the account owned before the call that was to buy it.
ownership.ADOPTED = "the account owned the number before this call: nothing was bought, and its settings may"
  .. " have been changed"

local SURELY_BEFORE = 300 -- seconds; tolerates two clocks and dates in whole seconds

--- Makes a call check that the account does not own the number before it buys it.
---@param unless_owned boolean|nil true: a forbidden lookup is an error; nil: it is skipped; false: no lookup
function ownership.must_be_new(call, unless_owned)
  local state = call.state
  state.is_new = true
  state.looks_first = unless_owned == nil and "may" or unless_owned and "must"
end

--- Whether a lookup failed because the credentials may not list numbers.
local function may_not_list(doubt)
  return doubt.kind == "api" and (doubt.status == 401 or doubt.status == 403)
end

--- The outcome of a lookup that failed, in words.
function ownership.unread(doubt)
  local why = doubt.reason ~= "" and doubt.reason or nil
  doubt.reason = "could not look up whether the account owns it" .. (why and ": " .. why or "")
  return doubt
end

--- Proceeds without a lookup that the caller did not request, and reports that as an event.
local function go_on_unseen(call, doubt)
  local whole = (call.parent or call).state
  if not whole.is_unseen and call.client.config.on_event then
    compat.pcall(call.client.config.on_event, {
      method = "GET",
      url = call:url(resources.owned_path()),
      attempt = call.attempts,
      seconds = 0,
      status = doubt.status,
      note = "these credentials may not list numbers: the purchase is sent without an ownership check",
    })
  end
  whole.is_unseen = true
end

--- Looks up whether the account owns a number. If the credentials may not list numbers, it counts as not
--- owned.
---@return table? number
---@return table? outcome why the lookup failed
function ownership.find(call, phone_number)
  local number, doubt = lookup.owned(call, phone_number)
  if doubt and may_not_list(doubt) then
    doubt = nil
  end
  return number, doubt and ownership.unread(doubt)
end

--- The outcome of a purchase of a number that the account already owns.
---@param owned table the number
---@return table outcome
function ownership.refusal(phone_number, owned)
  local message = ("the account already owns %s, as %s"):format(phone_number, owned.sid)
  return {
    kind = "invalid",
    words = message,
    problems = { { name = "phone_number", message = message } },
    purchased = "no",
    phone_number = phone_number,
  }
end

--- Returns an error if the account already owns the number: the purchase would overwrite its settings.
---@param phone_number string|nil
---@return nil, string? message, twilio.numbers.Error? err
function ownership.check(call, phone_number)
  if not phone_number then
    local message =
      "unless_owned needs a phone_number: what an area_code buys is not known in advance"
    return errors.invalid { { name = "unless_owned", message = message } }
  end
  local state = call.state
  local may_go_on = state.looks_first == "may"
  if may_go_on and (call.parent or call).state.is_unseen then
    return
  end
  local number, doubt = lookup.owned(call, phone_number)
  if number then
    return call:fail(ownership.refusal(phone_number, number))
  elseif not doubt then
    state.found_none = true
  elseif may_go_on and may_not_list(doubt) then
    go_on_unseen(call, doubt)
  else
    return call:fail(ownership.unread(doubt))
  end
end

--- When the call started, by the server's clock; nil if that is not known.
local function began_at(call)
  return dates.seconds((call.parent or call).server_date or call.server_date)
end

--- Whether a number that had to be new was owned before the call started. False if the dates are too close,
--- or cannot be parsed.
function ownership.was_owned(call, number)
  local created, began = dates.seconds(number.date_created), began_at(call)
  return created ~= nil and began ~= nil and created < began - SURELY_BEFORE
end

--- Whether another number in the response is nevertheless this call's purchase, in another spelling: the
--- account owns it, it was created since the call started, and no other call is buying it or has bought it.
function ownership.is_new_here(call, other)
  if bought.times(call, other.sid) > 0 then
    return false -- the response to another purchase
  end
  local url = call:url(resources.number_path(other.sid))
  local number = call:ask("GET", url, nil, responses.reader_of(other.sid))
  local created = number and dates.seconds(number.date_created)
  local began = began_at(call)
  return created ~= nil
    and began ~= nil
    and created >= began - SURELY_BEFORE
    and not reservations.is_anothers(call, number.phone_number)
end

return ownership
