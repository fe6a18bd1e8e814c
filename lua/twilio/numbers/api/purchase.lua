--- Buying a number, so that it is never bought twice and never hidden.
---
--- Twilio's purchase is a POST without idempotency keys. Buying a certain number twice has the same
--- end as buying it once; an area code buys another number each time. So what was sent and not
--- answered is looked up and sent again by phone number, and never sent again by area code.
local reservations = require("twilio.numbers.api.reservations")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local dates = require("twilio.numbers.api.dates")
local errors = require("twilio.numbers.errors")
local judge = require("twilio.numbers.http.judge")
local lookup = require("twilio.numbers.api.lookup")
local resources = require("twilio.numbers.api.resources")
local messages = require("twilio.numbers.config.messages")
local guard = require("twilio.numbers.async.guard")
local reconcile = require("twilio.numbers.api.reconcile")

local purchase = { buys = true }

local RANK = { no = 0, unknown = 1, yes = 2 }

--- What all attempts together say about money: one doubt is not removed by a later refusal.
local function worse(a, b)
  return RANK[a] >= RANK[b] and a or b
end

--- The phone number that a form buys, or nil.
function purchase.phone_number(form)
  local digits = form:match("PhoneNumber=%%2B(%d+)")
  return digits and "+" .. digits
end

--- What the answer to a purchase must describe.
---@param form string|nil
local function asked_of(call, form)
  return {
    phone_number = form and purchase.phone_number(form),
    account_sid = call.options.account_sid,
  }
end

--- What is known of money while a call waits for a record, or if it broke off there.
---@param call table
---@param record table|nil
---@return "no"|"unknown"|"yes"
function purchase.money(call, record)
  local known = call.purchased
  if not record or not record.request or record.request.method ~= "POST" then
    return known
  end
  local outcome = record.answer and judge.purchase(record.answer, asked_of(call))
  return worse(known, outcome and outcome.purchased or "unknown")
end

local function may_repeat(call, repeats, outcome, purchased, phone_number)
  if purchased == "yes" or (purchased == "unknown" and not phone_number) then
    return false
  end
  return call:may_repeat(repeats, outcome, phone_number ~= nil)
end

local function fail(call, outcome, purchased, doubt)
  local reasons = {}
  if outcome.reason and outcome.reason ~= "" then
    reasons[1] = outcome.reason
  end
  if purchased == "unknown" and outcome.purchased == "no" then
    reasons[#reasons + 1] = "an earlier attempt went unanswered"
  end
  if doubt then
    local why = doubt.reason ~= "" and doubt.reason or doubt.words or doubt.kind
    reasons[#reasons + 1] = "it could not be looked up: " .. why
  end
  outcome.reason, outcome.purchased = table.concat(reasons, "; "), purchased
  outcome.other = nil
  return call:fail(outcome)
end

--- Why nothing was sent.
---@param wrong table what is wrong with the parameters
function purchase.refuse(wrong)
  return errors.invalid(messages.describe(wrong))
end

--- What is wrong with parameters.
---@return twilio.numbers.Problem[]? list nil if nothing is
function purchase.problems(params)
  local form, wrong = core.form(params)
  return not form and messages.describe(wrong) or nil
end

local function url_of(call)
  local client, options = call.client, call.options
  if options ~= client.config then
    return call:url(resources.owned_path(options.type))
  end
  client.purchase_url = client.purchase_url or call:url(resources.owned_path())
  return client.purchase_url
end

--- Those resources sell by phone number alone (https://www.twilio.com/docs/errors/21457).
local function check_type(call, params)
  if call.options.type and type(params) == "table" and rawget(params, "area_code") ~= nil then
    local message = "area_code cannot be used with the option type: find a phone_number instead"
    return errors.invalid { { name = "area_code", message = message } }
  end
end

--- Has a call look first whether the account owns the number, which is to be a new one.
---@param unless_owned boolean|nil true: it refuses if it cannot find out; false: it does not look
function purchase.must_be_new(call, unless_owned)
  call.is_new = true
  call.looks_first = unless_owned == nil and "may" or unless_owned and "must"
end

--- Whether the credentials may not list what the account owns.
local function may_not_list(doubt)
  return doubt.kind == "api" and (doubt.status == 401 or doubt.status == 403)
end

--- Goes on without a look that nobody has asked for; an event says so.
local function go_on_unseen(call, doubt)
  local whole = call.parent or call
  if not whole.is_unseen and call.client.config.on_event then
    compat.pcall(call.client.config.on_event, {
      method = "GET",
      url = call:url(resources.owned_path()),
      attempt = call.attempts,
      seconds = 0,
      status = doubt.status,
      note = "these credentials may not list numbers: bought without a look whether they are owned",
    })
  end
  whole.is_unseen = true
end

--- Refuses to buy, and so to overwrite, what the account owns already.
local function check_owner(call, params)
  local form, wrong = core.form(params)
  if not form then
    return purchase.refuse(wrong)
  end
  local phone_number = purchase.phone_number(form)
  if not phone_number then
    local message = "unless_owned needs a phone_number: nobody knows what an area_code will buy"
    return errors.invalid { { name = "unless_owned", message = message } }
  end
  local may_go_on = call.looks_first == "may"
  if may_go_on and (call.parent or call).is_unseen then
    return
  end
  local number, doubt = lookup.owned(call, phone_number)
  if number then
    local message = "the account owns it already, as " .. number.sid
    return errors.invalid { { name = "phone_number", message = phone_number .. ": " .. message } }
  elseif not doubt then
    call.found_none = true
  elseif may_go_on and may_not_list(doubt) then
    go_on_unseen(call, doubt)
  else
    local why = doubt.reason ~= "" and doubt.reason or nil
    doubt.reason = "whether the account owns it could not be looked up"
      .. (why and ": " .. why or "")
    return call:fail(doubt)
  end
end

--- Whether a purchase was refused because the account owns the number.
function purchase.is_owned(err)
  return err.kind == "invalid"
end

--- What keeps a purchase from being sent.
---@return nil, string? message, twilio.numbers.Error? err
function purchase.check(call, params)
  local _, message, err = check_type(call, params)
  if not err and call.looks_first then
    _, message, err = check_owner(call, params)
  end
  return nil, message, err
end

local SURELY_BEFORE = 300 -- seconds; the dates are of two clocks, and whole seconds

--- When the call began, by the server's clock; nil if that is not known.
local function began_at(call)
  return dates.seconds((call.parent or call).server_date or call.server_date)
end

--- Whether a number that was to be new was owned before the call began: dates that are close, or cannot be
--- read, say nothing.
local function was_owned(call, number)
  if not call.is_new then
    return false
  end
  local created, began = dates.seconds(number.date_created), began_at(call)
  return created ~= nil and began ~= nil and created < began - SURELY_BEFORE
end

--- Notes whether it is certain that this call bought a number, and no other: it was not owned before, and
--- the one purchase that was sent for it is answered with it.
local function note_certainty(call, number, phone_number, sent)
  call.is_certain = call.found_none and sent == 1 and number.phone_number == phone_number
end

local ADOPTED = "the account owned the number before this call: nothing was bought, and its settings may"
  .. " have been changed"

--- Sees to it that a number that was bought is set up as asked for: by one update, if it is not. One that
--- the account owned before is left as it is.
---@param call table
---@param number table
---@param form string|nil what was sent
---@return table number
---@return string? message what differs all the same
---@return twilio.numbers.Info? info
function purchase.complete(call, number, form)
  call.number = number -- should the host leave the call while it waits
  call.form, call.out = form, false
  if was_owned(call, number) then
    call.is_certain, call.whole = false, number
    return number, ADOPTED, { adopted = true }
  end
  local differences = reconcile.differences(number, form)
  if #differences == 0 then
    call.whole = number
    return number
  end
  local err
  if call.options.complete ~= false then
    call.client.flight:owe(call)
    local url = call:url(resources.number_path(number.sid))
    local outcome = call:ask(judge.number(number.sid), "POST", url, reconcile.form(differences))
    if outcome.value then
      number = outcome.value
      call.number = number
      differences = reconcile.differences(number, form)
    else
      err = select(3, call:fail(outcome))
    end
    if #differences == 0 then
      return number
    end
  end
  local message = reconcile.describe(differences) .. (err and ": " .. err.message or "")
  return number, message, { incomplete = { differences = differences, err = err } }
end

--- Calls for any number that fits leave a number alone that is bought by its name.
local function claim(call, params)
  local phone_number = type(params) == "table" and rawget(params, "phone_number")
  if type(phone_number) == "string" and reservations.take(call, phone_number, true) then
    call.claimed = phone_number
  end
end

--- Ends that.
function purchase.settle(call, number, message, err)
  if call.claimed then
    reservations.settle(call, call.claimed, not number and err and err.purchased or "no")
    call.claimed = false
  end
  return number, message, err
end

--- Sends a purchase for the first time, where that takes no waiting.
---@param call table
---@param params table
---@return table? record which will have number, or form and answer; nil: run() is to be called
---@return table? wrong what is wrong with the parameters: nothing was sent
function purchase.begin(call, params)
  if call.options.unless_owned then
    purchase.must_be_new(call, true)
  end
  if call.options.type or call.looks_first then
    return nil
  end
  claim(call, params)
  call.form = params
  return call:begin_purchase(url_of(call), params)
end

--- Whether a number that was described in place of the one that was asked for is this call's purchase all
--- the same, under another spelling: the account owns it, it was made since the call began, and no other
--- call buys it.
local function is_new_here(call, other)
  local url = call:url(resources.number_path(other.sid))
  local number = call:ask(judge.number(other.sid), "GET", url).value
  local created = number and dates.seconds(number.date_created)
  local began = began_at(call)
  return created ~= nil
    and began ~= nil
    and created >= began - SURELY_BEFORE
    and not reservations.is_anothers(call, number.phone_number)
end

local function go_on(call, form, answer)
  call.form = form
  local url = url_of(call)
  local phone_number = purchase.phone_number(form)
  local purchased, repeats, sent = call.purchased, 0, 0
  while true do
    call.answer = answer
    sent = sent + (answer.sent and 1 or 0)
    local outcome = judge.purchase(call:redact(answer), asked_of(call, form))
    if outcome.value then
      note_certainty(call, outcome.value, phone_number, sent)
      return purchase.complete(call, outcome.value, form)
    end
    purchased = worse(purchased, outcome.purchased)
    call.purchased = purchased -- before the next: Ctrl-C may come in between
    if purchased ~= "no" then
      call.client.flight:owe(call)
    end
    call.out = false
    local owned, doubt
    if purchased ~= "no" and phone_number and not call.cancelled then
      owned, doubt = lookup.owned(call, phone_number)
      if owned then
        return purchase.complete(call, owned, form)
      end
    end
    if outcome.other and not call.cancelled and is_new_here(call, outcome.other) then
      outcome.sid, outcome.phone_number = outcome.other.sid, outcome.other.phone_number
      call.purchased = "yes"
      return fail(call, outcome, "yes", doubt)
    end
    if not may_repeat(call, repeats, outcome, purchased, phone_number) then
      return fail(call, outcome, purchased, doubt)
    end
    repeats, call.answer = repeats + 1, false
    answer = call:send("POST", url, form, phone_number ~= nil)
  end
end

local function buy(call, params)
  call.form = params
  if call.options.unless_owned then
    purchase.must_be_new(call, true)
  end
  if call.options.type or call.looks_first then
    local _, message, err = purchase.check(call, params)
    if err then
      return nil, message, err
    end
  end
  local number, wrong, form, answer = call:send_purchase(url_of(call), params)
  if number then
    note_certainty(call, number, params.phone_number, 1)
    if form or was_owned(call, number) then
      return purchase.complete(call, number, form)
    end
    return number
  elseif wrong then
    return purchase.refuse(wrong)
  end
  return go_on(call, form, answer)
end

--- Buys a number, waiting for the outcome.
---@param call table
---@param params table
---@return table? number
---@return string? message
---@return table? err
function purchase.run(call, params)
  claim(call, params)
  return purchase.settle(call, buy(call, params))
end

--- What was bought and what was answered, as far as a call has it when an error breaks it off.
---@return table? number
---@return table? answer
local function at_hand(call)
  local record = call.waits_for
  local number = call.whole or call.number or (record and record.number)
  local is_post = record and record.request and record.request.method == "POST" -- and no look-up
  return number or nil, call.answer or (is_post and record.answer) or nil
end

--- What was sent. The parameters are the caller's, who may have changed them since.
local function form_of(call)
  local form, record = call.form, call.waits_for
  if type(form) == "table" then
    form = record and record.form or core.form(form)
  end
  return form
end

--- Whether something may have been bought, or was: somebody must hear of it.
function purchase.is_out(call)
  return call.operation.buys and (at_hand(call) or call.out or call.purchased ~= "no")
end

--- Stands for an answer that an error has destroyed.
local function lost(call, why)
  local status = call.out ~= 0 and call.out or nil
  local reason = compat.tostring(why)
  return { outcome = "response", sent = true, status = status, reason = reason, headers = {} }
end

--- Goes on with a purchase for whose answer there was no memory.
---@return table? number
---@return string? message
---@return table? err nil, as the number: nothing is out
function purchase.again(call, why)
  local record = call.waits_for
  if record and record.is_out and not record.done then
    call:wait(record)
  end
  local number, answer = at_hand(call)
  if call.whole then
    return purchase.settle(call, number)
  elseif number then
    return purchase.settle(call, purchase.complete(call, number, form_of(call)))
  elseif call.out or answer then
    call.found_none = false -- nor is it certain that only this one was sent
    return purchase.go_on(call, form_of(call), answer or lost(call, why))
  end
end

--- What is known of a purchase that an error broke off.
---@return table? number
---@return string? message
---@return table? err nil, as the number: nothing can have been bought
function purchase.conclude(call, why)
  local number, answer = at_hand(call)
  local purchased = call.purchased
  if call.out and not number then
    local known, form = pcall(form_of, call)
    local heard = answer and call:redact(answer) or lost(call, why)
    local outcome = judge.purchase(heard, asked_of(call, known and form or nil))
    number, purchased = outcome.value, worse(purchased, outcome.purchased or "no")
  end
  if number then
    pcall(purchase.settle, call, number)
    return number, not call.whole and guard.UNSURE or nil
  end
  pcall(call.cancel, call)
  if purchased ~= "no" then
    if call.claimed then
      pcall(reservations.settle, call, call.claimed, purchased)
    end
    return guard.broken_off(call, purchased, why)
  end
end

--- Goes on with a purchase that was begun and brought no number, waiting for the outcome.
---@param call table
---@param form string what was sent
---@param answer table what came of it
---@return table? number
---@return string? message
---@return table? err
function purchase.go_on(call, form, answer)
  return purchase.settle(call, go_on(call, form, answer))
end
return purchase
