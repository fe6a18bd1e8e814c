-- The statistics of the benchmarks: quartiles, and ratios within a round.
local statistics = {}

---The value below which a share of a list lies, with linear interpolation between neighbours.
---@param list number[] not empty, in any order
---@param share number from 0 to 1
function statistics.quantile(list, share)
  local sorted = {}
  for i, value in ipairs(list) do
    sorted[i] = value
  end
  table.sort(sorted)
  local position = 1 + (#sorted - 1) * share
  local below = math.floor(position)
  local above = math.min(below + 1, #sorted)
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below)
end

---@return { median: number, low: number, high: number, count: integer } quartiles
function statistics.summary(list)
  return {
    median = statistics.quantile(list, 0.5),
    low = statistics.quantile(list, 0.25),
    high = statistics.quantile(list, 0.75),
    count = #list,
  }
end

--- One row's values divided by another's of the same round, for the rounds that have both: noise that lasts
---longer than a round cancels out.
---@param row { round: integer[] }
---@param base { round: integer[] }
---@param field string
---@return number[]
function statistics.ratios(row, base, field)
  local of_round, list = {}, {}
  for i, round in ipairs(base.round) do
    of_round[round] = base[field][i]
  end
  for i, round in ipairs(row.round) do
    local value = of_round[round]
    if value then
      list[#list + 1] = row[field][i] / value
    end
  end
  return list
end

return statistics
