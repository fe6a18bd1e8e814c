--- Reports of many numbers, for specs.
local assert = require("luassert")

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

--- The counts of purchase_many: bought, refused, unknown, released, stopped.
---@param report table
---@return integer[]
function reports.counts(report)
  return { report.bought, report.refused, report.unknown, report.released, report.stopped }
end

--- Checks that the numbers of a report are exactly the owned ones.
---@param report table
---@param state table of the simulator
function reports.check_books(report, state)
  local owned = {}
  for _, number in ipairs(state.owned) do
    owned[number.phone_number] = number.sid
  end
  assert.equal(#report.numbers, #state.owned)
  for _, number in ipairs(report.numbers) do
    assert.equal(owned[number.phone_number], number.sid)
    owned[number.phone_number] = nil
  end
end

return reports
