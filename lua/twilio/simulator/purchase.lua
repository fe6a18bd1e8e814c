-- The purchase of a number: its availability, Twilio's magic inputs, and the requirements of countries. Pure.

local errors = require("twilio.simulator.errors")
local numbers = require("twilio.simulator.numbers")
local parameters = require("twilio.simulator.parameters")
local requirements = require("twilio.simulator.requirements")

local purchase = {}

-- Twilio's magic numbers: for test credentials, but here for all credentials.
local UNAVAILABLE, INVALID, AVAILABLE = "+15005550000", "+15005550001", "+15005550006"
local magic_row = {
  country = "US",
  type = "local",
  capabilities = { voice = true, sms = true, mms = true, fax = false },
}

local function is_e164(text)
  return text:match("^%+[1-9]%d%d%d%d%d%d+$") ~= nil and #text <= 16
end

-- Chooses a number of an area code, or returns the refusal.
local function in_area(store, area_code)
  if not area_code:match("^[2-9]%d%d$") then
    return nil, errors.response(21451)
  elseif area_code == "500" then
    return AVAILABLE
  end
  local phone_number = store.inventory:take(area_code)
  return phone_number, not phone_number and errors.response(21452) or nil
end

local function wanted(store, call)
  local phone_number, area_code = call.params.PhoneNumber or "", call.params.AreaCode or ""
  if phone_number ~= "" then
    return phone_number
  elseif area_code == "" then
    return nil, errors.response(21401, "did or area_code is required")
  elseif call.type then
    return nil, errors.response(21457)
  end
  return in_area(store, area_code)
end

-- The row to buy a number from, or the refusal.
local function offer(store, phone_number)
  if phone_number == INVALID or not is_e164(phone_number) then
    return nil, errors.response(21421, ("%s is not a valid phone number"):format(phone_number))
  end
  local row = phone_number == AVAILABLE and magic_row or store.inventory:find(phone_number)
  if phone_number == UNAVAILABLE or not row then
    return nil, errors.response(21422, ("%s is not available"):format(phone_number))
  end
  return row
end

-- The number of a call and its row, or the refusal.
local function sale(store, call)
  local phone_number, refusal = wanted(store, call)
  local row
  if phone_number then
    row, refusal = offer(store, phone_number)
  end
  if row and call.type and row.type ~= call.type then
    refusal = errors.response(21458)
  end
  return phone_number, row, refusal
end

-- Test credentials buy nothing, and only accept the magic inputs.
local function pretend(store, call)
  local phone_number, row, refusal = sale(store, call)
  if refusal then
    return refusal
  elseif phone_number ~= AVAILABLE then
    return errors.response(call.params.PhoneNumber and 21422 or 21452)
  end
  local number = numbers.new(store, call.account, phone_number, row)
  return numbers.change(store, number, call.params) or numbers.answer(201, number)
end

local function update_owned(store, call, number)
  local refusal = numbers.change(store, number, call.params)
  if refusal then
    return refusal
  end
  if store.redate then
    number.date_created = number.date_updated
  end
  store.counts.updates = store.counts.updates + 1
  return numbers.answer(201, number)
end

local function buy_new(store, call, phone_number, row)
  local account = call.account
  if account.trial and #account.numbers > 0 then
    return errors.response(21404)
  end
  local number = numbers.new(store, account, phone_number, row)
  local refusal = requirements.refusal(store, account, row, call.params)
    or numbers.change(store, number, call.params)
  if refusal then
    return refusal
  end
  store:own(number)
  store:note_purchase(number)
  return numbers.answer(201, number)
end

---Buys a number: `POST IncomingPhoneNumbers`. For a number that the account owns, updates its settings.
---@param store table
---@param call table
---@return twilio.simulator.Response
function purchase.buy(store, call)
  local refusal = parameters.refusal(call.params, store.profile.has_uuids)
  if refusal then
    return refusal
  elseif call.account.test then
    return pretend(store, call)
  end
  local phone_number, row
  phone_number, row, refusal = sale(store, call)
  if refusal then
    return refusal
  elseif store.refused[phone_number] then
    return errors.response(21422, ("%s is not available"):format(phone_number))
  end
  local owned = store:find_owned(phone_number, call.account)
  if owned then
    return update_owned(store, call, owned)
  elseif phone_number ~= AVAILABLE and not store.inventory:is_free(phone_number) then
    return errors.response(21422, ("%s is not available"):format(phone_number))
  end
  return buy_new(store, call, phone_number, row)
end

return purchase
