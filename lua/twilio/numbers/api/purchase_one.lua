--- The purchase of one number, by phone number or by area code. Twilio itself chooses the number of an area
--- code, so with a spending policy a number is searched for first, and bought by phone number. Operations,
--- see async/start.lua: of client:purchase, and of the parts of purchase_many.
local area_codes = require("twilio.numbers.api.area_codes")
local candidates = require("twilio.numbers.api.candidates")
local ownership = require("twilio.numbers.api.ownership")
local purchase = require("twilio.numbers.api.purchase")
local purchase_available = require("twilio.numbers.api.purchase_available")

local purchase_one = {}

local FIELDS =
  { "is_simple", "new_state", "recover", "send_first", "take_first", "go_on", "may_have_bought" }

--- A copy of the operation of purchase.lua, with another run().
local function operation(run)
  local own = {}
  for _, name in ipairs(FIELDS) do
    own[name] = purchase[name]
  end
  own.run = run
  return own
end

--- Buys any number of an area code that the policy allows.
local function buy_in_area(call, params, area_code, unless_owned)
  local searches, rest, wrong = area_codes.searches(params, area_code, call)
  local found, message, err = candidates.new(call, rest, searches, wrong)
  if not found then
    return nil, message, err
  end
  ownership.must_be_new(call, unless_owned)
  return purchase_available.buy(call, found)
end

--- Buys under a policy.
local function buy_allowed(call, params, unless_owned)
  local form, message, err = purchase.read(call, params)
  if not form then
    return nil, message, err
  end
  local area_code = form:value("area_code")
  if not area_code then
    return purchase.run(call, params)
  end
  local _
  _, message, err = purchase.check_type(call, nil)
  if err then
    return nil, message, err
  end
  if call.policy:needs_search { area_code = area_code } then
    return buy_in_area(call, params, area_code, unless_owned)
  end
  return purchase.run(call, params)
end

purchase_one.purchase = operation(function(call, params)
  if call.policy then
    return buy_allowed(call, params, call.options.unless_owned)
  end
  return purchase.run(call, params)
end)

--- The purchase of a number that the account must not own yet. `one`: its entry in the list, see batch.lua.
purchase_one.new_number = {
  new_state = purchase.new_state,
  recover = purchase.recover,
  run = function(call, params, unless_owned, one)
    call.state.choice = one.choice or false
    if call.policy and params.area_code then
      return buy_allowed(call, params, unless_owned)
    end
    ownership.must_be_new(call, unless_owned)
    return purchase.run(call, params)
  end,
}

return purchase_one
