--- The spending policy of a call: its rules, each of which may refuse a choice before it is bought. A new
--- rule is a file such as price_rule.lua and a row here; an option that makes one is marked `is_rule` in
--- config/options.lua.
---
--- It judges every new choice, and none that was made before: in purchase.lua before the first POST, in
--- journal/choose.lua before the order is written, and in candidates.lua, which skips excluded numbers.
--- start.lua creates it as call.policy for every call; false: there are no rules.
---
---@class twilio.numbers.Choice the next purchase
---@field phone_number string|nil nil: the request of a filter
---@field area_code string|nil of a request without a number
---@field country string|nil nil: unknown, and the type may be unknown too
---@field type string|nil
---@field candidate table|nil the number as a search returned it
---@field params table|nil of the purchase
---
---@class twilio.numbers.Rule
---@field excluded fun(self, choice): string[] why it is not allowed, as far as the choice says; sends nothing
---@field needs_search fun(self, choice): boolean whether the choice lacks what the rule needs
---@field refusal fun(self, call, choice): table?, boolean the outcome that refuses a choice with country and
---type, or of a failed request; and whether a request was sent, which took time
local calling_codes = require("twilio.numbers.api.calling_codes")
local for_sale = require("twilio.numbers.api.for_sale")
local allow_rule = require("twilio.numbers.api.allow_rule")
local preflight_rule = require("twilio.numbers.api.preflight_rule")
local price_rule = require("twilio.numbers.api.price_rule")

--- The rules, in order. of(call) of each returns its rule for a call, or nil.
local RULES = { allow_rule, price_rule, preflight_rule }

---@class twilio.numbers.Policy
---@field rules twilio.numbers.Rule[]
---@field within twilio.numbers.Within
---@field found table<string, twilio.numbers.Choice> numbers that were searched for
local Policy = {}
Policy.__index = Policy

local policy = {}

--- Creates the policy of a call.
---@param call twilio.numbers.Call
---@return twilio.numbers.Policy
function policy.new(call)
  local rules = {}
  for _, rule in ipairs(RULES) do
    rules[#rules + 1] = rule.of(call)
  end
  local allowed = call.client.config.allow or {}
  return setmetatable({
    rules = rules,
    within = {
      countries = allowed.countries,
      types = allowed.types,
      prefixes = allowed.prefixes,
      sold = {},
    },
    found = {},
  }, Policy)
end

local function refuse(reasons)
  return { kind = "policy", purchased = "no", reason = table.concat(reasons, "; ") }
end

--- Whether a number can belong to the country of the search that returned it, by which the rules judge it.
---@param choice twilio.numbers.Choice
local function is_of_country(choice)
  local code = calling_codes.of(choice.phone_number)
  for _, country in ipairs(code and calling_codes.countries(code) or { choice.country }) do
    if country == choice.country then
      return true
    end
  end
  return false
end

local ANOTHERS = "%s is not a number of %s"

--- Why a choice is not allowed, as far as it is known. Sends nothing.
---@param choice twilio.numbers.Choice
---@return table? outcome nil if nothing excludes it
function Policy:excluded(choice)
  local reasons = {}
  if choice.country and choice.phone_number and not is_of_country(choice) then
    reasons[1] = ANOTHERS:format(choice.phone_number, choice.country)
  end
  for _, rule in ipairs(self.rules) do
    for _, reason in ipairs(rule:excluded(choice)) do
      reasons[#reasons + 1] = reason
    end
  end
  return #reasons > 0 and refuse(reasons) or nil
end

--- Whether a rule needs to know more about the number than the choice says.
---@param choice twilio.numbers.Choice
function Policy:needs_search(choice)
  for _, rule in ipairs(self.rules) do
    if rule:needs_search(choice) then
      return true
    end
  end
  return false
end

local UNDECIDED = "what an area code buys is not known in advance"

--- Searches for the number of a choice, to learn its country and type.
---@return twilio.numbers.Choice? found
---@return table? outcome
---@return boolean is_read
local function find(self, call, choice)
  local number = choice.phone_number
  if not number then
    return nil, refuse { UNDECIDED }, false
  elseif self.found[number] then
    return self.found[number], nil, false
  end
  local found, outcome = for_sale.find(call, choice, self.within)
  self.found[number] = found
  return found, outcome or self:excluded(found), true
end

--- Applies all rules to a choice with country and type.
local function ask(self, call, choice)
  local is_read = false
  for _, rule in ipairs(self.rules) do
    local outcome, is_asked = rule:refusal(call, choice)
    is_read = is_read or is_asked
    if outcome then
      return outcome, is_read
    end
  end
  return nil, is_read
end

--- Why a choice is not allowed, or the outcome of a request that failed.
---@param call twilio.numbers.Call that sends the requests: this one, or a part of it
---@param choice twilio.numbers.Choice
---@return table? outcome nil if it may be bought
---@return boolean is_read a request was sent, which took time
function Policy:refusal(call, choice)
  local outcome, is_searched, is_read = self:excluded(choice), false, false
  if not outcome and self:needs_search(choice) then
    choice, outcome, is_searched = find(self, call, choice)
  end
  if not outcome and choice.country then
    outcome, is_read = ask(self, call, choice)
  end
  if outcome then
    outcome.purchased = "no"
  end
  return outcome, is_searched or is_read
end

--- An operation, see async/start.lua: checks a choice, and buys nothing.
policy.check = {
  run = function(call, choice)
    local refusal = call.policy and call.policy:refusal(call, choice)
    if refusal then
      return call:fail(refusal)
    end
    return true
  end,
}

return policy
