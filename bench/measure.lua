-- Measures what bench/plan.lua lists, with the servers that bench/run started:
--   lua5.4 bench/measure.lua SERVERS_JSON [PART ...]
local contenders = require("bench.measure.contenders")
local hosts = require("bench.measure.hosts")
local instructions = require("bench.measure.instructions")
local json = require("bench.json")
local machine = require("bench.measure.machine")
local plan = require("bench.plan")
local report = require("bench.report")
local rounds = require("bench.measure.rounds")
local sizes = require("bench.measure.sizes")

local servers = json.read(arg[1])
local quick = (os.getenv("QUICK") or "") ~= ""

-- All parts: rounds of contenders, and the others.
local parts = {}
for i, part in ipairs(plan.parts) do
  parts[i] = part
end
for _, part in ipairs {
  { id = "contenders", title = "Each contender once", run = contenders.run, is_extra = true },
  { id = "instructions", title = "Instructions", run = instructions.run, is_slow = true },
  { id = "caches", title = "Caches and branches", run = instructions.caches, is_slow = true },
  { id = "garbage", title = "Garbage", run = instructions.garbage },
  { id = "frame", title = "A frame loop", run = hosts.frame },
  { id = "neighbour", title = "A neighbour in nginx", run = hosts.neighbour },
  { id = "sizes", title = "Sizes on disk", run = sizes.run, is_slow = true },
} do
  parts[#parts + 1] = part
end

---The parts on the command line, or all but the extra ones; a quick run also omits the slow ones.
local function chosen()
  local wanted, list = {}, {}
  for i = 2, #arg do
    wanted[arg[i]] = true
  end
  for _, part in ipairs(parts) do
    local is_usual = not (part.is_extra or (quick and part.is_slow))
    if wanted[part.id] or (not arg[2] and is_usual) then
      list[#list + 1], wanted[part.id] = part, nil
    end
  end
  if next(wanted) then
    error("no part " .. next(wanted), 0)
  end
  return list
end

-- What has been measured so far is here, for a run that is broken off.
local UNFINISHED = "build/bench/results.json"

---Measures the parts one after the other.
local function measure(list)
  local results = { machine = machine.describe(), quick = quick, parts = {} }
  for i, part in ipairs(list) do
    local function progress(text)
      io.stderr:write(("\r\27[K%2d/%d %s: %s"):format(i, #list, part.title, text))
    end
    progress("")
    local options = { quick = quick, progress = progress }
    results.parts[part.id] = part.run and part.run(servers, options)
      or rounds.run(servers, part, options)
    json.write(UNFINISHED, results)
  end
  io.stderr:write("\r\27[K")
  return results
end

---Writes the results, and then the page and the chart from that file.
local function publish(results)
  local is_whole = not quick and not arg[2]
  local path = is_whole and report.RESULTS or UNFINISHED
  json.write(path, results)
  results = json.read(path)
  print(report.page(results))
  report.write(results, not is_whole and "build/bench" or nil)
  for _, part in ipairs(plan.parts) do
    for key, why in pairs((results.parts[part.id] or { failed = {} }).failed) do
      io.stderr:write(("FAILED in %s: %s: %s\n"):format(part.id, key, why))
    end
  end
  io.stderr:write(
    "Written to " .. (is_whole and "docs/evidence/ and README.md" or "build/bench/") .. "\n"
  )
end

local ran, why = xpcall(function()
  publish(measure(chosen()))
end, function(why)
  return tostring(why):find("interrupted!", 1, true) and "interrupted" or debug.traceback(why)
end)
if not ran then
  io.stderr:write("\n" .. why .. "\n")
  os.exit(1)
end
