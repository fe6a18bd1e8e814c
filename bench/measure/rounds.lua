-- A part of the plan: every row once in each round, so that a disturbance affects all rows alike. Each round
-- starts with another row.
local contender = require("bench.measure.contender")
local plan = require("bench.plan")
local socket = require("socket")

local rounds = {}

local FIELDS = { "cpu_us", "wall_us", "process_cpu_s", "peak_mb", "start_s" }
local QUICK = 10 -- the divisor of counts for `make bench QUICK=1`

---Adds a run's figures to those of its row, if there are any yet.
local function add(results, round, figures)
  results = results or { round = {} }
  table.insert(results.round, round)
  for _, field in ipairs(FIELDS) do
    results[field] = results[field] or {}
    table.insert(results[field], figures[field])
  end
  return results
end

---The run for a row.
local function run_of(part, row, quick)
  local function fewer(count)
    return quick and math.max(math.min(count, 20), math.floor(count / QUICK)) or count
  end
  return {
    id = row[1],
    server = part.server,
    in_flight = row.in_flight or part.in_flight,
    count = row.times and row[2] or fewer(row[2]),
    warm_up = fewer(row[3]),
    http = row.http,
  }
end

---A quick run omits rows that take a second or more.
local function is_quick(row)
  return row[2] == 1 or row[1] ~= "python" and not (row.times and row[2] > 1000)
end

local function is_due(row, round, quick)
  return (round - 1) % (row.every or 1) == 0 and (not quick or is_quick(row))
end

---Estimates a round's time from its rows' last times: 0 for the first.
---@param rows table[] of the plan
---@param round integer
---@param took table<string, number> seconds that a row took when it last ran
function rounds.expected(rows, round, took)
  local seconds = 0
  for _, row in ipairs(rows) do
    seconds = seconds + (is_due(row, round) and took[plan.key(row)] or 0)
  end
  return seconds
end

---@param servers table
---@param part table of the plan
---@param options { quick: boolean, progress: fun(text: string) }
---@return table results
function rounds.run(servers, part, options)
  local rows, began, took = part.rows, socket.gettime(), {}
  local results = { rows = {}, failed = {}, rounds = 0 }
  local wanted = options.quick and 1 or part.rounds
  for round = 1, wanted do
    local elapsed = socket.gettime() - began
    if round > 1 and elapsed + rounds.expected(rows, round, took) > part.seconds then
      break
    end
    for i = 1, #rows do
      local row = rows[(i + round - 2) % #rows + 1]
      local key = plan.key(row)
      if not results.failed[key] and is_due(row, round, options.quick) then
        options.progress(("round %d of %d: %s"):format(round, wanted, key))
        local before = socket.gettime()
        local figures, why = contender.run(servers, run_of(part, row, options.quick))
        took[key] = socket.gettime() - before
        if figures then
          results.rows[key] = add(results.rows[key], round, figures)
        else
          results.failed[key] = why
        end
      end
    end
    results.rounds = round
  end
  return results
end

return rounds
