-- Runs a contender: bench/contenders says what its command line is, bench/plan.lua which there are.
local cjson = require("cjson")
local plan = require("bench.plan")

local contender = {}

local SECONDS = 90 -- at most, for one run

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

---The interpreter of a Lua, and its variables.
local function lua_command(lua)
  local path = "LUA_PATH='?.lua;lua/?.lua;lua/?/init.lua;bench/contenders/?.lua;;'"
  local interpreter = lua == "luajit" and "luajit" or "lua" .. lua
  return ("%s LUA_CPATH='build/%s/?.so;;' %s"):format(path, lua, interpreter)
end

local RUNNERS = {
  c = function(of)
    return "build/bench/" .. of.program:gsub("%.c$", "")
  end,
  lua = function(of, under)
    local command = lua_command(of.lua)
    return command:gsub("(%S+)$", under .. " %1") .. " bench/contenders/" .. of.program
  end,
  js = function(of)
    return "node bench/contenders/" .. of.program
  end,
  py = function(of)
    return "PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 bench/contenders/" .. of.program
  end,
}

---Variables that the floors and node want.
local function environment(servers)
  local order = require("order")
  return ("NODE_EXTRA_CA_CERTS=%s REQUEST_PATH=%s AUTHORIZATION=%s FORM=%s"):format(
    quote(servers.certificate),
    quote(order.path),
    quote(order.authorization),
    quote(order.form())
  )
end

---What a program said, if it did not end well.
local function complaint(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text:sub(1, 400)
end

---The shell command for a contender: `exec` is the last that happens before it runs.
---@param servers table what bench/server.sh wrote
---@param run table id and server, which are names; count, in_flight, warm_up, and http = 2 for HTTP/2
---@param under string? a command to run it under, such as valgrind
function contender.command(servers, run, under)
  local of = plan.contender(run.id)
  local http = run.http == 2 and "2" or "1.1"
  local program = RUNNERS[of.program:match("%a+$")](of, under or "")
  if under and not of.lua then
    program = under .. " " .. program
  end
  return ("%s %s %s %s %d %d %d %s"):format(
    environment(servers),
    program,
    assert(servers.urls[run.server][http]),
    servers.ca_file,
    run.count,
    run.in_flight,
    run.warm_up,
    http
  )
end

---Runs it once.
---@return table? figures: what it printed, and `start_s`: seconds from its start to its first answer
---@return string? why there are none
function contender.run(servers, run)
  local errors = servers.folder .. "/stderr"
  local program = 'echo "$EPOCHREALTIME"; exec env ' .. contender.command(servers, run)
  local pipe = assert(
    io.popen(
      ("exec %s timeout --foreground %d bash -c %s 2>%s"):format(
        servers.client_core,
        SECONDS,
        quote(program),
        errors
      )
    )
  )
  local started, line = pipe:read("*l"), pipe:read("*l")
  pipe:close()
  local parsed, figures = pcall(cjson.decode, line or "")
  if not parsed then
    return nil, complaint(errors)
  end
  figures.start_s = figures.first - tonumber((started:gsub(",", ".")))
  return figures
end

contender.lua_command = lua_command
contender.quote = quote

return contender
