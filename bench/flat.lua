-- Detects leaks: samples what a process holds, and checks that it does not grow.
--   local samples = require("bench.flat").new { descriptors = 100 }   -- so many may come and go
--   samples:take()                       -- again and again, when nothing is under way
--   local lines, is_flat = samples:judge()
-- The first quarter of the samples is the warm-up: then caches fill, and the C library's heap takes its
-- shape. The median of the second quarter is compared with that of the last.
local flat = {}
flat.__index = flat

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function count_descriptors()
  local pipe = assert(io.popen("ls /proc/$PPID/fd | wc -l"))
  local count = tonumber(pipe:read("*a"))
  pipe:close()
  return count - 1 -- the pipe
end

-- What is sampled, and how much it may grow.
local SUBJECTS = {
  {
    name = "resident, MB",
    format = "%.2f",
    growth = 1.5,
    sample = function()
      return tonumber(read("/proc/self/statm"):match("^%d+ (%d+)")) * 4096 / 2 ^ 20
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
  { name = "descriptors", format = "%d", growth = 2, sample = count_descriptors },
  {
    name = "threads",
    format = "%d",
    growth = 0,
    sample = function()
      return tonumber(read("/proc/self/status"):match("Threads:%s*(%d+)"))
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

--- Collects all garbage, in two rounds for what finalizers release.
function flat.collect()
  for _ = 1, 3 do
    collectgarbage()
  end
end

function flat:take()
  flat.collect()
  for i, subject in ipairs(SUBJECTS) do
    self[i][#self[i] + 1] = subject.sample()
  end
end

local function median(values, from, to)
  local sorted = {}
  for i = math.floor(from) + 1, math.ceil(to) do
    sorted[#sorted + 1] = values[i]
  end
  table.sort(sorted)
  return sorted[math.ceil(#sorted / 2)]
end

---@return string[] lines a line for each subject
---@return boolean is_flat
function flat:judge()
  local lines, is_flat = {}, true
  for i, subject in ipairs(SUBJECTS) do
    local values = self[i]
    local before = median(values, #values / 4, #values / 2)
    local after = median(values, #values * 3 / 4, #values)
    local grows = after - before > subject.growth + (self.allowed[subject.name] or 0)
    is_flat = is_flat and not grows
    local line = "  %-14s after the warm-up " .. subject.format .. ", at the end " .. subject.format
    lines[i] = line:format(subject.name, before, after) .. (grows and "  GROWS" or "")
  end
  return lines, is_flat
end

return flat
