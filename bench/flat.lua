-- Detects leaks: samples what a process holds, and checks that it does not grow.
--   local samples = require("bench.flat").new { descriptors = 100 }   -- so many may come and go
--   samples:take()                       -- again and again, when nothing is under way
--   local lines, is_flat = samples:judge()
-- The first quarter of the samples is the warm-up: then caches fill, and the C library's heap takes its
-- shape. The median of the second quarter is compared with that of the last.
local files = require("spec.support.files")
local statistics = require("bench.statistics")

local flat = {}
flat.__index = flat

-- What is sampled, and how much it may grow.
local SUBJECTS = {
  {
    name = "resident, MB",
    format = "%.2f",
    growth = 1.5,
    sample = function()
      return files.read("/proc/self/statm"):match("^%d+ (%d+)") * 4096 / 2 ^ 20
    end,
  },
  {
    name = "Lua's heap, KB",
    format = "%.0f",
    growth = 64,
    sample = function()
      return collectgarbage("count")
    end,
  },
  {
    name = "descriptors",
    format = "%.0f",
    growth = 2,
    sample = function()
      return files.output("ls /proc/$PPID/fd | wc -l") - 1 -- the pipe
    end,
  },
  {
    name = "threads",
    format = "%.0f",
    growth = 0,
    sample = function()
      return tonumber(files.read("/proc/self/status"):match("Threads:%s*(%d+)"))
    end,
  },
}

---@param allowed? table<string, number> how much more one of them may grow
function flat.new(allowed)
  local self = setmetatable({ allowed = allowed or {} }, flat)
  for i = 1, #SUBJECTS do
    self[i] = {}
  end
  return self
end

--- Collects all garbage, in several rounds for what finalizers release.
function flat.collect()
  for _ = 1, 3 do
    collectgarbage()
  end
end

function flat:take()
  flat.collect()
  for i, subject in ipairs(SUBJECTS) do
    self[i][#self[i] + 1] = subject.sample() -- one value: Lua 5.2 counts its memory in two
  end
end

---The median of a quarter of the values.
local function median(values, quarter)
  local part = {}
  for i = math.floor(#values * (quarter - 1) / 4) + 1, math.ceil(#values * quarter / 4) do
    part[#part + 1] = values[i]
  end
  return statistics.summary(part).median
end

---@return string[] lines a line for each subject
---@return boolean is_flat
function flat:judge()
  local lines, is_flat = {}, true
  for i, subject in ipairs(SUBJECTS) do
    local before, after = median(self[i], 2), median(self[i], 4)
    local grows = after - before > subject.growth + (self.allowed[subject.name] or 0)
    is_flat = is_flat and not grows
    local line = "  %-14s after the warm-up " .. subject.format .. ", at the end " .. subject.format
    lines[i] = line:format(subject.name, before, after) .. (grows and "  GROWS" or "")
  end
  return lines, is_flat
end

return flat
