--- Reports of many numbers, for specs.
local reports = {}

--- The outcome of each, in their order.
---@param report table
---@return string[]
function reports.outcomes(report)
  local list = {}
  for i, result in ipairs(report.results) do
    list[i] = result.outcome
  end
  return list
end

return reports
