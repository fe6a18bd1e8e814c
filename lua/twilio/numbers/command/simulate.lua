--- --simulate: a simulator while the command runs. If the Lua that runs the command has lua-http, it is a
--- server in a process of its own; else it is in this process, without a network.
local core = require("twilio.numbers.core")
local simulator = require("twilio.simulator")
local streams = require("twilio.numbers.command.streams")

local simulate = {}

--- The base URL without a network. The name never resolves (RFC 2606).
local BASE_URL = "https://simulator.invalid"

local SEEDS = 2 ^ 31

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The variables that give another process of this Lua the paths of this one. Those of a version take
--- precedence over the general ones.
local function paths()
  local suffix = "_" .. _VERSION:match("%d%.%d"):gsub("%.", "_")
  local words = {}
  for _, name in ipairs { "LUA_PATH", "LUA_CPATH" } do
    local path = quote(name == "LUA_PATH" and package.path or package.cpath)
    words[#words + 1] = ("%s=%s %s%s=%s"):format(name, path, name, suffix, path)
  end
  return table.concat(words, " ")
end

--- The interpreter that runs this, as it was started; nil if a program embeds Lua.
local function interpreter()
  local arg = rawget(_G, "arg")
  local first = 0
  while type(arg) == "table" and arg[first - 1] do
    first = first - 1
  end
  return first < 0 and arg[first] or nil
end

local PROGRAM = 'require("twilio.simulator.command").run { "--quiet" }'

--- Starts a server, with setsid in a session of its own: Ctrl-C must not reach it, since an interrupted
--- purchase is looked up. It ends when its output is closed, however this process ends.
---@return table? options of the client
---@return fun()? stop
local function start_server()
  local lua = interpreter()
  if not lua then
    return nil
  end
  local command = ("exec env %s %s -e %s 2>/dev/null"):format(paths(), quote(lua), quote(PROGRAM))
  local shell = "command -v setsid >/dev/null && exec setsid sh -c %s; %s"
  local pipe = io.popen(shell:format(quote(command), command))
  local said = {}
  for line in pipe:lines() do
    if line == "ready" then
      return {
        base_url = said.base_url,
        ca_file = said.ca_file,
        account_sid = said.account_sid,
        auth_token = said.auth_token,
        proxy = "",
      }, function()
        pipe:close()
      end
    end
    local name, value = line:match("^([%w_]+): (.*)$")
    said[name or ""] = value
  end
  pipe:close()
end

--- Creates a simulator without a network, with a new account each time, like a server's.
local function make_in_process()
  local transport, twilio = simulator.transport { seed = math.floor(core.jitter() * SEEDS) }
  return {
    base_url = BASE_URL,
    transport = transport,
    account_sid = twilio.account_sid,
    auth_token = twilio.auth_token,
  }, function() end
end

--- Starts the simulator.
---@return table options of the client
---@return fun() stop
function simulate.start()
  local options, stop = start_server()
  if not options then
    options, stop = make_in_process()
  end
  streams.say("Simulated: nothing here is real, and nothing costs money.")
  return options, stop
end

return simulate
