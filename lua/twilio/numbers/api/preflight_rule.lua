--- The rule of the option preflight: a number is bought only if nothing that it needs is missing, see
--- preflight.lua. What is read for the first number of a call holds for the others.
local preflight = require("twilio.numbers.api.preflight")

---@class twilio.numbers.PreflightRule : twilio.numbers.Rule
---@field preflight twilio.numbers.Preflight
local Rule = {}
Rule.__index = Rule

local preflight_rule = {}

--- The rule of a call; nil: it has none.
---@param call twilio.numbers.Call
---@return twilio.numbers.PreflightRule?
function preflight_rule.of(call)
  return call.options.preflight and setmetatable({ preflight = preflight.new() }, Rule) or nil
end

--- Nothing is excluded before it is read.
function Rule.excluded()
  return {}
end

--- Whether a search must show the number: the law is that of its country and type.
---@param choice twilio.numbers.Choice
function Rule.needs_search(_, choice)
  return not choice.country
end

--- Why a choice is not allowed.
---@param call twilio.numbers.Call that reads what is needed
---@param choice twilio.numbers.Choice with country and type
---@return table? outcome nil: nothing is missing
---@return boolean is_read something was read now, which took its time
function Rule:refusal(call, choice)
  local candidate = choice.candidate
  local place = {
    country = choice.country,
    type = choice.type,
    address_requirements = candidate and candidate.address_requirements,
  }
  local found = self.preflight:check(call, place, choice.params or {})
  return found:refusal(), found.has_read
end

return preflight_rule
