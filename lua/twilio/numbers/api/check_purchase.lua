--- Checks whether a number could be bought, without buying it, and reports all that is missing at once. An
--- operation, see async/start.lua.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local filters = require("twilio.numbers.api.filters")
local messages = require("twilio.numbers.config.messages")
local own_account = require("twilio.numbers.config.own_account")
local places = require("twilio.numbers.api.places")
local preflight = require("twilio.numbers.api.preflight")
local price_rule = require("twilio.numbers.api.price_rule")
local service_check = require("twilio.numbers.api.service_check")
local show = require("twilio.numbers.config.show")

local check_purchase = {}

local FIELDS = { { name = "country" }, { name = "type" } }

local function add(wrong, name, message)
  wrong[#wrong + 1] = { name = name, message = message }
end

--- Whether a table is a number that a search has found.
local function is_candidate(value)
  return type(value) == "table" and getmetatable(value) == nil and value.phone_number ~= nil
end

--- Reads a country and a type.
local function read_place(value, wrong)
  for name in next, value do
    if name ~= "country" and name ~= "type" then
      add(wrong, show.value(name), messages.unknown("field", name, FIELDS))
    end
  end
  local kind = value.type == nil and "local" or value.type
  return { country = value.country, type = kind, is_unseen = true }
end

local FOR_WHAT = 'place must be a table such as { country = "GB", type = "local" }, or a candidate'

--- Reads the argument that says what to buy.
---@param wrong twilio.numbers.Problem[] receives the problems
---@return twilio.numbers.Place? place
local function read(value, wrong)
  local place
  if is_candidate(value) then
    place = {
      country = value.iso_country,
      type = value.type,
      address_requirements = value.address_requirements,
      capabilities = value.capabilities,
    }
  elseif type(value) == "table" and getmetatable(value) == nil then
    place = read_place(value, wrong)
  else
    add(wrong, "place", FOR_WHAT)
    return nil
  end
  places.check(place.country, place.type, nil, wrong)
  return place
end

--- Checks the parameters of the purchase, which need not name a number.
local function check_params(params, wrong, opaque_sids)
  if type(params) ~= "table" or getmetatable(params) ~= nil then
    return add(wrong, "params", "params must be a plain table")
  end
  local has_number = params.phone_number ~= nil or params.area_code ~= nil
  local _, bad =
    core.form(has_number and params or filters.params_for(params, "+15005550006"), nil, opaque_sids)
  for _, problem in ipairs(bad and messages.describe(bad) or {}) do
    wrong[#wrong + 1] = problem
  end
end

--- Returns a function that says why a price is not allowed.
---@return fun(price: twilio.numbers.Price?, none: table?): string? judge `none`: the outcome without a price
local function judge_of(options, place)
  local rule = options.max_price and price_rule.new(options.max_price, options.currency)
  return rule
    and function(price, none)
      local outcome = price and rule:judge(place, price)
      return outcome and outcome.reason or (none and none.words)
    end
end

local ANOTHERS = "account_sid cannot be used here: bundles belong to the account of the credentials"

check_purchase.check = {
  run = function(call, what, params)
    local wrong = {}
    params = params == nil and {} or params
    local place = read(what, wrong)
    check_params(params, wrong, call.client.config.opaque_sids)
    if not own_account.is_own(call.client.config, call.options.account_sid) then
      add(wrong, "account_sid", ANOTHERS)
    end
    if wrong[1] then
      return errors.invalid(wrong)
    end
    local found = preflight.new():check(call, place, params, judge_of(call.options, place))
    if call.options.messaging_service_sid then
      service_check.run(call, place, call.options.messaging_service_sid, found)
    end
    local outcome = found:refusal()
    if outcome then
      return call:fail(outcome)
    end
    return true, nil, found.warnings[1] and { warnings = found.warnings } or nil
  end,
}

return check_purchase
