-- Runs a contender of bench/plan.lua; its command line is in bench/contenders.
local plan = require("bench.plan")
local shell = require("bench.measure.shell")

local contender = {}

local SECONDS = 90 -- at most, for one run

---The interpreter of a Lua, and its variables.
---@param tls string? "gnutls": the build on that library
function contender.lua_command(lua, under, tls)
  local path = "LUA_PATH='?.lua;lua/?.lua;lua/?/init.lua;bench/contenders/?.lua;;'"
  local interpreter = lua == "luajit" and "luajit" or "lua" .. lua
  local build = tls and "build/" .. tls or "build"
  return ("%s LUA_CPATH='%s/%s/?.so;;' %s %s"):format(path, build, lua, under or "", interpreter)
end

local RUNNERS = {
  c = function(of, under)
    return under .. " build/bench/" .. of.program:gsub("%.c$", "")
  end,
  lua = function(of, under)
    return contender.lua_command(of.lua, under, of.tls) .. " bench/contenders/" .. of.program
  end,
  js = function(of)
    return "node bench/contenders/" .. of.program
  end,
  py = function(of)
    return "PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 bench/contenders/" .. of.program
  end,
}

---The shell command for a contender, starting with its variables.
---@param servers table what bench/server.sh wrote
---@param run table id and server, which are names; count, in_flight, warm_up; http = 2 for HTTP/2, and
--- variables, a text
---@param under string? a command to run it under, such as valgrind
function contender.command(servers, run, under)
  local of, order = plan.contender(run.id), require("order")
  local http = run.http == 2 and "2" or "1.1"
  local format =
    "NODE_EXTRA_CA_CERTS=%s REQUEST_PATH=%s AUTHORIZATION=%s FORM=%s %s %s %s %s %s %d %d %d %s"
  return format:format(
    shell.quote(servers.certificate),
    shell.quote(order.path),
    shell.quote(order.authorization),
    shell.quote(order.form()),
    of.variables or "",
    run.variables or "",
    RUNNERS[of.program:match("%a+$")](of, under or ""),
    assert(servers.urls[run.server or "at once"][http]),
    servers.ca_file,
    run.count,
    run.in_flight or 1,
    run.warm_up or 0,
    http
  )
end

---Runs it once.
---@return table? figures: what it printed, and `start_s`: seconds from its start to its first response
---@return string? why there are none
function contender.run(servers, run)
  local started = servers.folder .. "/started"
  local program = ('echo "$EPOCHREALTIME" >%s; exec env '):format(started)
  local figures, why = shell.json(
    ("exec %s timeout --foreground %d bash -c %s"):format(
      servers.client_core,
      SECONDS,
      shell.quote(program .. contender.command(servers, run))
    )
  )
  if figures then
    local seconds = shell.output("cat " .. started):gsub(",", ".")
    figures.start_s = figures.first - tonumber(seconds)
  end
  return figures, why
end

return contender
