-- Figures computed from results: medians with quartiles, and ratios within rounds; nil if nothing was
-- measured. Each function takes a row's key first, and the arguments in bench/report/tables.lua.
local statistics = require("bench.statistics")

local Figures = {}
Figures.__index = Figures

function Figures.of(results)
  return setmetatable({ results = results }, Figures)
end

function Figures:part(id)
  return self.results.parts[id] or { rows = {}, failed = {} }
end

---A value that is the same in every round.
function Figures:field(key, part, field)
  return (self:part(part).rows[key] or {})[field]
end

---@return { median: number, low: number, high: number, count: integer }?
function Figures:value(key, part, field)
  local list = self:field(key, part, field)
  return list and statistics.summary(list)
end

function Figures:median(key, part, field)
  return (self:value(key, part, field) or {}).median
end

function Figures:a_second(key, part)
  local wall = self:median(key, part, "wall_us")
  return wall and 1e6 / wall
end

---A row's CPU divided by another's in the same rounds.
function Figures:ratio(key, part, base)
  local rows = self:part(part).rows
  local list = rows[key] and rows[base] and statistics.ratios(rows[key], rows[base], "cpu_us") or {}
  return #list > 0 and statistics.summary(list) or nil
end

---The median of that ratio.
function Figures:times(key, part, base)
  return (self:ratio(key, part, base) or {}).median
end

---A value of a program that buys a number of times.
function Figures:program(key, count, field)
  return self:median(key .. " x" .. count, "growth", field)
end

---CPU microseconds for each purchase beyond the first few.
function Figures:marginal_cpu(key, few, many)
  local less = self:program(key, few, "process_cpu_s")
  local more = self:program(key, many, "process_cpu_s")
  return less and more and (more - less) / (many - few) * 1e6
end

---Memory for each purchase in flight, in KB: the peak with many minus the peak with one.
function Figures:memory_of_one(key, in_flight)
  local one = self:median(key, "waiting_1", "peak_mb")
  local many = self:median(key, "waiting_" .. in_flight, "peak_mb")
  return one and many and (many - one) * 1024 / (in_flight - 1)
end

---A row's instructions divided by another's.
function Figures:instructions(key, base)
  local all, floor = self:field(key, "instructions", "all"), self:field(base, "instructions", "all")
  return all and floor and all / floor
end

---Bytes of garbage per purchase in Lua.
---@param kind string numbers or flight
function Figures:garbage(key, kind)
  return self:field((key:gsub("^%l+", kind)), "garbage", "bytes")
end

---The worst of a frame loop's runs.
---@param when string such as "cold"
function Figures:frame(key, when, field)
  local worst
  for _, run in ipairs(self:part("frame").rows[key] or {}) do
    local value = not run.failed and (run[when] or {})[field]
    if not value then
      return nil
    end
    worst = math.max(worst or value, value)
  end
  return worst
end

return Figures
