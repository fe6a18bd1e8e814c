-- The effect of purchases on a host: runs bench/frame.lua and bench/neighbour.lua and collects their results.
local contender = require("bench.measure.contender")
local plan = require("bench.plan")
local shell = require("bench.measure.shell")

local hosts = {}

local PURCHASES = 100

local function run(format, ...)
  local values, why = shell.json(format:format(...))
  return values or { failed = why }
end

---Without pinning the two threads, as in a game.
---@return table results rows: a list of runs for each driver, Lua and version of HTTP
function hosts.frame(servers, options)
  local rows, frames, quick = {}, plan.frames, options.quick
  for round = 1, quick and 1 or frames.runs do
    for _, frame in ipairs(frames) do
      options.progress(("round %d of %d: %s"):format(round, frames.runs, frame.key))
      rows[frame.key] = rows[frame.key] or {}
      rows[frame.key][round] = run(
        "%s bench/frame.lua %s %s %s %d %d %d",
        contender.lua_command(frame.lua),
        frame.driver,
        servers.urls["after 100 ms"][frame.http == 2 and "2" or "1.1"],
        servers.ca_file,
        PURCHASES,
        quick and 1 or frames.bursts,
        quick and 1 or frames.bursts_without_collector
      )
    end
  end
  return { rows = rows }
end

---@return table results rows: the results for each number in flight
function hosts.neighbour(servers, options)
  local rows = {}
  for _, row in ipairs(plan.neighbours) do
    options.progress(row.key)
    rows[row.key] = run(
      "%s lua5.4 bench/neighbour.lua %d %d %d %s",
      servers.server_core,
      servers.host_port,
      options.quick and math.min(row.requests, 300) or row.requests,
      row.in_flight,
      row.at
    )
  end
  return { rows = rows }
end

return hosts
