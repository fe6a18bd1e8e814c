-- What a host notices of purchases: bench/frame.lua and bench/neighbour.lua, run and gathered.
local contender = require("bench.measure.contender")
local shell = require("bench.measure.shell")

local hosts = {}

local PURCHASES = 100

-- A frame loop: driver, Lua, HTTP. How often all of it is run, and the warm bursts in each: 60 in all, since
-- a step of Lua's collector falls into few of them; without the collector fewer will do.
local FRAMES = {
  { "numbers", "5.1", 2 },
  { "numbers", "5.4", 2 },
  { "numbers", "luajit", 2 },
  { "numbers", "luajit", 1.1 },
  { "lua_http", "luajit", 1.1 },
}
local FRAME_RUNS, WARM_BURSTS, BURSTS_WITHOUT_COLLECTOR = 3, 20, 3

-- Neighbours: how many purchases are in flight, where, and how many requests look at it.
local NEIGHBOURS = {
  { 0, "/buy", 1500 },
  { 20, "/buy", 1500 },
  { 100, "/buy", 1500 },
  { 1, "/block", 10 },
}

local function run(command)
  local values, why = shell.json(command)
  return values or { failed = why }
end

---Both threads where they like, as in a game.
---@return table results rows: a list of runs for each driver, Lua and version of HTTP
function hosts.frame(servers, options)
  local rows, runs = {}, options.quick and 1 or FRAME_RUNS
  for round = 1, runs do
    for _, row in ipairs(FRAMES) do
      local driver, lua, http = row[1], row[2], row[3]
      local key = ("%s-%s h%s"):format(driver, lua, http)
      options.progress(("round %d of %d: %s"):format(round, runs, key))
      rows[key] = rows[key] or {}
      rows[key][round] = run(
        ("%s bench/frame.lua %s %s %s %s %d %d %d"):format(
          contender.lua_command(lua),
          driver,
          servers.urls["after 100 ms"][http == 2 and "2" or "1.1"],
          servers.ca_file,
          http,
          PURCHASES,
          options.quick and 1 or WARM_BURSTS,
          options.quick and 1 or BURSTS_WITHOUT_COLLECTOR
        )
      )
    end
  end
  return { rows = rows, purchases = PURCHASES }
end

---@return table results rows: what was seen with so many in flight
function hosts.neighbour(servers, options)
  local rows = {}
  for _, row in ipairs(NEIGHBOURS) do
    local key = ("%d at %s"):format(row[1], row[2])
    options.progress(key)
    rows[key] = run(
      ("%s lua5.4 bench/neighbour.lua %d %d %d %s"):format(
        servers.server_core,
        servers.host_port,
        options.quick and math.min(row[3], 300) or row[3],
        row[1],
        row[2]
      )
    )
  end
  return { rows = rows }
end

return hosts
