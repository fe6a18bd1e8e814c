--- The result of a preflight: problems, which prevent the purchase, and warnings. Used by preflight.lua.

---@class twilio.numbers.Findings
---@field problems twilio.numbers.Problem[]
---@field warnings twilio.numbers.Problem[]
---@field outcome table|false of the first request that failed
---@field is_judged boolean some problem is not a failed request
---@field has_read boolean a request was sent, which took time
local Findings = {}
Findings.__index = Findings

function Findings:add(name, message, ...)
  self.problems[#self.problems + 1] = { name = name, message = message:format(...) }
  self.is_judged = true
end

function Findings:warn(name, message, ...)
  self.warnings[#self.warnings + 1] = { name = name, message = message:format(...) }
end

--- Adds a problem for something that could not be read.
---@param what string
---@param outcome table
function Findings:add_unread(name, what, outcome)
  local why = outcome.words or outcome.reason
  why = why and why ~= "" and why or outcome.kind
  local status = outcome.status and (" (status %d)"):format(outcome.status) or ""
  local message = ("%s could not be read: %s%s"):format(what, why, status)
  self.problems[#self.problems + 1] = { name = name, message = message }
  self.outcome = self.outcome or outcome
end

--- The outcome of a purchase with problems: kind "policy", or the kind of the failed request if that is the
--- only problem.
---@return table? outcome nil if there is no problem
function Findings:refusal()
  local list = self.problems
  if not list[1] then
    return nil
  end
  local messages = {}
  for i, problem in ipairs(list) do
    messages[i] = problem.message
  end
  local outcome = { kind = "policy" }
  if not self.is_judged then
    local unread = self.outcome
    outcome = {
      kind = unread.kind,
      status = unread.status,
      code = unread.code,
      more_info = unread.more_info,
      request_id = unread.request_id,
      retry_after = unread.retry_after,
    }
  end
  outcome.purchased, outcome.problems = "no", list
  outcome.reason = table.concat(messages, "; ")
  return outcome
end

local findings = {}

---@return twilio.numbers.Findings
function findings.new()
  return setmetatable({
    problems = {},
    warnings = {},
    outcome = false,
    is_judged = false,
    has_read = false,
  }, Findings)
end

return findings
