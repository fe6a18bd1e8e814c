--- Checks whether a purchase has all that its number requires: bundle, address, balance. It finds all
--- problems at once, where Twilio reports one at a time. A failed request is a problem, not a pass.
---
--- Responses are cached for the next numbers of the same call. No problem contains a value of an address.
--- Used by check_purchase.lua and preflight_rule.lua.
local addresses = require("twilio.numbers.api.addresses")
local balance = require("twilio.numbers.api.balance")
local bundles = require("twilio.numbers.api.bundles")
local countries = require("twilio.numbers.api.countries")
local core = require("twilio.numbers.core")
local dates = require("twilio.numbers.api.dates")
local findings = require("twilio.numbers.api.findings")
local money = require("twilio.numbers.api.money")
local prices = require("twilio.numbers.api.prices")
local regulations = require("twilio.numbers.api.regulations")
local responses = require("twilio.numbers.http.response")

--- The kind of number to buy.
---@class twilio.numbers.Place
---@field country string
---@field type twilio.numbers.AvailableType
---@field address_requirements string? of a candidate
---@field capabilities table? of a candidate
---@field is_unseen boolean? no search has returned a number there

---@class twilio.numbers.Preflight
---@field kept table<string, table> the values read, by key
local Preflight = {}
Preflight.__index = Preflight

--- Reads a value, or returns the cached one.
---@param found twilio.numbers.Findings of the check that needs it
---@param key string of the cache
---@param read function(...) returns a value, or nil and an outcome
---@return any value
---@return table? outcome
local function once(self, found, key, read, ...)
  local kept = self.kept[key]
  if not kept then
    local value, outcome = read(...)
    kept = { value = value, outcome = outcome }
    self.kept[key], found.has_read = kept, true
  end
  return kept.value, kept.outcome
end

--- "local numbers in GB"
local function words_of(place)
  return ("%s numbers in %s"):format(place.type:gsub("_", " "), place.country)
end

--- Checks that Twilio sells numbers of a country and type. Where it does not, there is no regulation either.
local function check_sale(call, place, found)
  local words, trouble = countries.refusal(call, place.country, place.type)
  if words then
    found:add("country", "%s", words)
  elseif trouble then
    found:add_unread("country", "whether Twilio sells " .. words_of(place), trouble)
  end
end

-- ---- the bundle ----

--- Lists regulations for a message: the SID by the type of the end user.
local function describe(by_end_user)
  local parts = {}
  for end_user, one in pairs(by_end_user) do
    parts[#parts + 1] = end_user .. ": " .. one.regulation_sid
  end
  table.sort(parts)
  return table.concat(parts, ", ")
end

local NEEDS_BUNDLE = "bundle_sid is missing: %s need a bundle (%s)"
local MAY_NEED_BUNDLE = "%s need a bundle for some end users (%s), and bundle_sid is not given"

--- Checks a purchase without a bundle.
local function judge_no_bundle(place, by_end_user, found)
  local needing, is_needed = {}, true
  for end_user, one in pairs(by_end_user) do
    needing[end_user] = one.needs_bundle and one or nil
    is_needed = is_needed and one.needs_bundle
  end
  if next(needing) and is_needed then
    found:add("bundle_sid", NEEDS_BUNDLE, words_of(place), describe(needing))
  elseif next(needing) then
    found:warn("bundle_sid", MAY_NEED_BUNDLE, words_of(place), describe(needing))
  end
end

local APPROVED, PROVISIONAL = "twilio-approved", "provisionally-approved"

--- Checks that a bundle can be used now.
local function judge_status(call, bundle, found)
  local status, ends = responses.word(bundle.status), dates.iso_seconds(bundle.valid_until)
  local now = dates.seconds(call.server_date) or core.wall_clock()
  if status == PROVISIONAL then
    found:warn("bundle_sid", "bundle %s is %s: Twilio may still refuse it", bundle.sid, status)
  elseif status ~= APPROVED then
    local text = "bundle %s is not approved: its status is %s"
    found:add("bundle_sid", text, bundle.sid, status)
  end
  if bundle.valid_until ~= nil and not ends then
    found:add("bundle_sid", "the expiry date of bundle %s cannot be read", bundle.sid)
  elseif ends and ends <= now then
    found:add(
      "bundle_sid",
      "bundle %s has expired: it was valid until %s",
      bundle.sid,
      bundle.valid_until
    )
  end
end

local OTHERS = "bundle %s is for another regulation than those of %s (%s)"

--- Checks that a bundle is for the country and the type.
local function judge_regulation(place, bundle, by_end_user, found)
  for _, one in pairs(by_end_user) do
    if one.regulation_sid == bundle.regulation_sid then
      return
    end
  end
  if next(by_end_user) then
    found:add("bundle_sid", OTHERS, bundle.sid, words_of(place), describe(by_end_user))
  end
end

--- Checks the bundle of a purchase.
---@return boolean is_there
local function check_bundle(self, call, place, params, found)
  local key = ("regulations %s %s"):format(place.country, place.type)
  local by_end_user, trouble =
    once(self, found, key, regulations.read, call, place.country, place.type)
  if not by_end_user then
    found:add_unread("requirements", "the requirements for " .. words_of(place), trouble)
  elseif not next(by_end_user) and place.is_unseen then
    check_sale(call, place, found)
  end
  local sid = params.bundle_sid
  if not sid then
    if by_end_user then
      judge_no_bundle(place, by_end_user, found)
    end
    return false
  end
  local bundle, outcome = once(self, found, "bundle " .. sid, bundles.read, call, sid)
  if bundle then
    judge_status(call, bundle, found)
    if by_end_user then
      judge_regulation(place, bundle, by_end_user, found)
    end
    return true
  elseif responses.is_not_found(outcome) then
    local text = "account %s has no bundle %s: it belongs to another account, or is mistyped"
    found:add("bundle_sid", text, call.options.account_sid, sid)
  else
    found:add_unread("bundle_sid", "bundle " .. sid, outcome)
  end
  return false
end

-- ---- the address ----

local NEEDED = { any = true, ["local"] = true, foreign = true }

--- Checks that an address is in the country that the number requires.
local function judge_country(place, address, found)
  local required = place.address_requirements
  local is_there = address.iso_country == place.country
  if required == "local" and not is_there then
    found:add(
      "address_sid",
      "address %s is not in %s, as the number requires",
      address.sid,
      place.country
    )
  elseif required == "foreign" and is_there then
    local text = "address %s is in %s, and the number requires one in another country"
    found:add("address_sid", text, address.sid, place.country)
  end
end

local AS_WELL =
  "the number requires an address (%s): Twilio may ask for address_sid beside bundle_sid"

local NO_ADDRESS =
  "account %s has no address %s: it belongs to another account, is mistyped, or was deleted"

--- Checks the address of a purchase.
---@param has_bundle boolean its bundle exists
local function check_address(self, call, place, params, found, has_bundle)
  local sid, bundle_sid = params.address_sid, params.bundle_sid
  if not sid then
    local required = place.address_requirements
    if NEEDED[required] and not bundle_sid then
      found:add(
        "address_sid",
        "address_sid is missing: the number requires an address (%s)",
        required
      )
    elseif NEEDED[required] then
      found:warn("address_sid", AS_WELL, required)
    end
    return
  end
  local address, outcome = once(self, found, "address " .. sid, addresses.read, call, sid)
  if not address and responses.is_not_found(outcome) then
    return found:add("address_sid", NO_ADDRESS, call.options.account_sid, sid)
  elseif not address then
    return found:add_unread("address_sid", "address " .. sid, addresses.conceal(outcome))
  end
  judge_country(place, address, found)
  if has_bundle then
    local held, trouble =
      once(self, found, "held " .. bundle_sid, bundles.read_addresses, call, bundle_sid)
    if not held then
      found:add_unread(
        "address_sid",
        "whether bundle " .. bundle_sid .. " holds the address",
        trouble
      )
    elseif not held[sid:lower()] then
      found:add("address_sid", "address %s is not in bundle %s", sid, bundle_sid)
    end
  end
end

-- ---- the balance ----

local TOO_LITTLE = "the balance of %s %s is below the price of %s %s a month"
local LESS_THAN_NOTHING = "the balance is below zero, and the price is %s %s a month"
local INCOMPARABLE = "the balance is in %s and the price in %s: they cannot be compared"

local function judge_balance(left, price, found)
  if left.currency ~= price.currency then
    found:add("balance", INCOMPARABLE, left.currency, price.currency)
  elseif not left.amount then
    found:add("balance", LESS_THAN_NOTHING, price.monthly, price.currency)
  elseif money.compare(left.amount, price.monthly) < 0 then
    found:add("balance", TOO_LITTLE, left.amount, left.currency, price.monthly, price.currency)
  end
end

--- Checks the balance, and the price if it has a rule. Without a price the balance is not checked.
---@param price_rule fun(price: twilio.numbers.Price?, outcome: table?): table? outcome that refuses the price
local function check_money(self, call, place, found, price_rule)
  local left, trouble = once(self, found, "balance", balance.read, call)
  if left == nil then
    found:add_unread("balance", "the balance", trouble)
  end
  if not left and not price_rule then
    return
  end
  local key = ("price %s %s"):format(place.country, place.type)
  local price, outcome = once(self, found, key, prices.read_one, call, place.country, place.type)
  local has_none = outcome and (outcome.has_no_price or responses.is_not_found(outcome))
  local refusal = price_rule and price_rule(price, has_none and outcome or nil)
  if refusal then
    found:add("max_price", "%s", refusal)
  end
  if price and left then
    judge_balance(left, price, found)
  elseif not price and not has_none then
    found:add_unread("price", "the price of " .. words_of(place), outcome)
  end
end

--- Checks one purchase.
---@param call table
---@param place twilio.numbers.Place
---@param params table of the purchase, valid
---@param price_rule function|nil see check_money()
---@return twilio.numbers.Findings
function Preflight:check(call, place, params, price_rule)
  local found = findings.new()
  local has_bundle = check_bundle(self, call, place, params, found)
  check_address(self, call, place, params, found, has_bundle)
  check_money(self, call, place, found, price_rule)
  return found
end

local preflight = {}

--- Creates the preflight of a call and its parts.
---@return twilio.numbers.Preflight
function preflight.new()
  return setmetatable({ kept = {} }, Preflight)
end

return preflight
