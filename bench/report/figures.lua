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
  return self:part(part).rows[key]
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

---A row's CPU divided by another's in the same rounds.
function Figures:ratio(part, key, base)
  local row, other = self:row(part, key), self:row(part, base)
  local list = row and other and statistics.ratios(row, other, "cpu_us") or {}
  return #list > 0 and statistics.summary(list) or nil
end

---The median of that.
function Figures:times(part, key, base)
  local summary = self:ratio(part, key, base)
  return summary and summary.median
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

---Instructions of a purchase (of a part of it: another field), or how many times a base's.
function Figures:instructions(id, base, field)
  local row, other = self:row("instructions", id), self:row("instructions", base or id)
  local value = row and other and row[field or "all"]
  return value and (base and value / other.all or value)
end

---The worst of a frame loop's runs.
---@param path string such as "cold.poll_us"
function Figures:frame(key, path)
  local worst
  local when, field = path:match("^(.*)%.(.*)$")
  for _, run in ipairs(self:row("frame", key) or {}) do
    local value = not run.failed and (run[when] or {})[field]
    if not value then
      return nil
    end
    worst = math.max(worst or value, value)
  end
  return worst
end

---What a row of the plan is called.
local function name_of(row)
  return plan.contender(row[1]).name
    .. (row.http and ", HTTP/" .. row.http or "")
    .. (row.in_flight and ", with " .. row.in_flight or "")
    .. (row[1]:find(" again$") and ", again" or "")
end

---The rows of a part in the plan's order, with what they are called.
function Figures.rows(_, part)
  local list = {}
  for i, row in ipairs(plan.parts[part].rows) do
    list[i] = {
      key = plan.key(row),
      contender = plan.contender(row[1]),
      is_control = row.in_flight ~= nil or row[1]:find(" again$") ~= nil,
      http = row.http,
      name = name_of(row),
    }
  end
  return list
end

return Figures
