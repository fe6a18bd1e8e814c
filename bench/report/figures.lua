-- Figures drawn from results: medians with quartiles, and ratios within rounds. nil where nothing was
-- measured.
local plan = require("bench.plan")
local statistics = require("bench.statistics")

local Figures = {}
Figures.__index = Figures

function Figures.of(results)
  return setmetatable({ results = results }, Figures)
end

function Figures:part(id)
  return self.results.parts[id] or { rows = {}, failed = {} }
end

function Figures:row(part, key)
  return (self:part(part).rows or {})[key]
end

---@return { median: number, low: number, high: number, count: integer }?
function Figures:value(part, key, field)
  local row = self:row(part, key)
  return row and statistics.summary(row[field])
end

function Figures:median(part, key, field)
  local summary = self:value(part, key, field)
  return summary and summary.median
end

---A row's values divided by another's in the same rounds.
function Figures:ratio(part, key, base, field)
  local row, other = self:row(part, key), self:row(part, base)
  local list = row and other and statistics.ratios(row, other, field or "cpu_us") or {}
  return #list > 0 and statistics.summary(list) or nil
end

---The largest (or smallest) median of some ratios; nil if one is missing.
---@param choose fun(...: number): number math.max or math.min
function Figures:extreme_ratio(choose, part, keys, bases, field)
  local extreme
  for _, key in ipairs(keys) do
    for _, base in ipairs(bases) do
      local ratio = self:ratio(part, key, base, field)
      if not ratio then
        return nil
      end
      extreme = choose(extreme or ratio.median, ratio.median)
    end
  end
  return extreme
end

---The largest median of some rows' field; nil if one is missing.
function Figures:largest(part, keys, field)
  local largest
  for _, key in ipairs(keys) do
    local median = self:median(part, key, field)
    if not median then
      return nil
    end
    largest = math.max(largest or median, median)
  end
  return largest
end

---CPU microseconds for each purchase beyond the first few, of programs that buy so many.
function Figures:marginal_cpu(id, few, many)
  local less = self:median("growth", id .. " x" .. few, "process_cpu_s")
  local more = self:median("growth", id .. " x" .. many, "process_cpu_s")
  return less and more and (more - less) / (many - few) * 1e6
end

---Memory for each purchase in flight, in KB: the peak with so many less that with one.
function Figures:memory_of_one(key, in_flight)
  local one = self:median("waiting_1", key, "peak_mb")
  local many = self:median("waiting_" .. in_flight, key, "peak_mb")
  return one and many and (many - one) * 1024 / (in_flight - 1)
end

---The worst of a frame loop's runs.
---@param path string[] such as { "cold", "poll_us" }
function Figures:frame(key, path)
  local worst
  for _, run in ipairs(self:row("frame", key) or {}) do
    if run.failed then
      return nil
    end
    local value = run[path[1]][path[2]]
    worst = math.max(worst or value, value)
  end
  return worst
end

---What a row of the plan is called.
local function name_of(row)
  local name = plan.contender(row[1]).name
  if row.http then
    name = name .. ", HTTP/" .. row.http
  end
  if row.in_flight then
    name = name .. (", with %d"):format(row.in_flight)
  end
  return row[1]:find(" again$") and name .. ", again" or name
end

---The rows of a part in the plan's order, with what they are called.
function Figures.rows(_, part_id)
  local list = {}
  for _, part in ipairs(plan.parts) do
    for _, row in ipairs(part.id == part_id and part.rows or {}) do
      list[#list + 1] = {
        key = plan.key(row),
        contender = plan.contender(row[1]),
        is_control = row.in_flight ~= nil or row[1]:find(" again$") ~= nil,
        http = row.http,
        name = name_of(row),
      }
    end
  end
  return list
end

return Figures
