--- --simulate: a simulator in a process of its own, for as long as the command runs.
local streams = require("twilio.numbers.command.streams")

local simulate = {}

--- The Luas that the simulator runs on, the best first.
local LUAS = { "luajit", "lua5.1", "lua5.2", "lua" }

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A shell command that runs the simulator which lies where this Lua looks for modules. The Lua that runs
--- it may be another, with modules of its own.
local function module_command()
  local file = "twilio/simulator/command.lua"
  for template in package.path:gmatch("[^;]+") do
    local folder = template:match("^(.*)%?%.lua$")
    if folder and exists(folder .. file) then
      local shell = "unset LUA_CPATH LUA_PATH_5_2 LUA_CPATH_5_2; for lua in %s; do"
        .. " command -v $lua >/dev/null && LUA_PATH=%s exec $lua -e %s; done"
      return shell:format(
        table.concat(LUAS, " "),
        quote(("%s?.lua;%s?/init.lua;;"):format(folder, folder)),
        quote('require("twilio.simulator.command").run { "--quiet" }')
      )
    end
  end
end

--- In a checkout it lies beside this command; else it may be installed as a module, or on PATH.
local function find()
  local beside = (rawget(_G, "arg") and arg[0] or ""):match("^(.*/)[^/]*$") or "./"
  if exists(beside .. "twilio-simulator") then
    return "exec " .. quote(beside .. "twilio-simulator") .. " --quiet"
  end
  return module_command()
    or "command -v twilio-simulator >/dev/null && exec twilio-simulator --quiet"
end

--- Starts it. In a session of its own, where there is setsid: Ctrl-C is for us, and a purchase that it
--- breaks off is looked into. It ends when its output is closed, however we end.
---@return table? twilio base_url, ca_file, account_sid, auth_token, stop()
---@return string? problem
function simulate.start()
  local shell = "command -v setsid >/dev/null && exec setsid sh -c %s; %s"
  local command = find()
  local pipe = io.popen(shell:format(quote(command), command))
  local twilio = {}
  for line in pipe:lines() do
    if line == "ready" then
      function twilio.stop()
        pipe:close()
      end
      streams.say("Simulated: nothing here is real, and nothing costs money.")
      return twilio
    end
    local name, value = line:match("^([%w_]+): (.*)$")
    if name then
      twilio[name] = value
    end
  end
  pipe:close()
  return nil,
    "the simulator does not start: it is bin/twilio-simulator of the source, and needs lua-http"
end

return simulate
