--- The end of a search without a purchase: why candidates were passed over, and the errors that say so. Reads
--- what candidates.lua has counted.
local errors = require("twilio.numbers.errors")

local none_left = {}

--- Why candidates were passed over, for a message; empty if none were.
---@param found twilio.numbers.Candidates
---@return string
function none_left.reasons(found)
  local reasons, busy = {}, 0
  for reason, count in pairs(found.passed) do
    local words = count > 1 and reason:gsub("^needs ", "need ") or reason
    reasons[#reasons + 1] = ("%d %s"):format(count, words)
  end
  for phone_number in pairs(found.was_busy) do
    busy = busy + (found.busy[phone_number] and 0 or 1)
  end
  for _ in pairs(found.busy) do
    busy = busy + 1
  end
  if busy > 0 then
    reasons[#reasons + 1] = ("%d being bought by other calls, or in doubt"):format(busy)
  end
  table.sort(reasons)
  return table.concat(reasons, ", ")
end

--- The error if the spending policy excludes all numbers that were found.
---@param found twilio.numbers.Candidates
---@return nil, string message, twilio.numbers.Error err
function none_left.fail_by_policy(found)
  local passed, reason = none_left.reasons(found), found.refusal.reason
  reason = passed ~= "" and reason .. "; " .. passed or reason
  return found.call:fail { kind = "policy", purchased = "no", reason = reason }
end

--- The message of an error without the parts that the enclosing message repeats.
local function bare(err)
  local text = errors.part(err.message):gsub("^Twilio answered with an error: ", "")
  return (err.code and text:gsub(" %(status %d+, error %d+%)$", "") or text)
end

--- The error if no candidates are left.
---@param found twilio.numbers.Candidates
---@param tried integer how many numbers Twilio refused
---@param last_error twilio.numbers.Error|nil the last refusal
---@return nil, string message, twilio.numbers.Error err
function none_left.fail(found, tried, last_error)
  if tried == 0 and found.refusal then
    return none_left.fail_by_policy(found)
  end
  local reasons = { none_left.reasons(found) }
  reasons[1] = reasons[1] ~= "" and reasons[1] or nil
  if last_error then
    reasons[#reasons + 1] = "the last: " .. bare(last_error)
  end
  return found.call:fail {
    kind = "api",
    words = tried == 0 and "no number matches the filter"
      or ("none of %d numbers could be bought"):format(tried),
    purchased = "no",
    reason = table.concat(reasons, "; "),
    code = last_error and last_error.code,
  }
end

return none_left
