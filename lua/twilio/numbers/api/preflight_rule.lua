--- The rule of the option preflight: a number is bought only if its requirements are met, see
--- preflight.lua. The responses for the first number of a call are reused for the others.
local preflight = require("twilio.numbers.api.preflight")

---@class twilio.numbers.PreflightRule : twilio.numbers.Rule
---@field preflight twilio.numbers.Preflight
local Rule = {}
Rule.__index = Rule

local preflight_rule = {}

--- The rule of a call, or nil.
---@param call twilio.numbers.Call
---@return twilio.numbers.PreflightRule?
function preflight_rule.of(call)
  return call.options.preflight and setmetatable({ preflight = preflight.new() }, Rule) or nil
end

--- Excludes nothing before the requirements are read.
function Rule.excluded()
  return {}
end

--- Whether the number must be searched for: the requirements depend on its country and type.
---@param choice twilio.numbers.Choice
function Rule.needs_search(_, choice)
  return not choice.country
end

--- Why a choice is not allowed.
---@param call twilio.numbers.Call that sends the requests
---@param choice twilio.numbers.Choice with country and type
---@return table? outcome nil if nothing is missing
---@return boolean is_read a request was sent now, which took time
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
