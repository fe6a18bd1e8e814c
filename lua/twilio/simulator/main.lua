-- The script that bin/twilio-simulator runs, on any Lua that has lua-http. The other modules are beside it.

local folder = arg[0]:match("^(.*)twilio/simulator/main%.lua$")
local tree = folder:match("^(.*)share/lua/[^/]*/$")

if tree then
  -- Rocks for one Lua are there too, so this Lua's own paths come first.
  local version = _VERSION:match("%d%.%d")
  package.path = ("%s;%s?.lua;%s?/init.lua"):format(package.path, folder, folder)
  package.cpath = ("%s;%slib/lua/%s/?.so"):format(package.cpath, tree, version)
else
  package.path = ("%s?.lua;%s?/init.lua;%s"):format(folder, folder, package.path)
end

-- Ctrl-C raises this before the simulator waits for signals. It has the exit code that a shell gives it.
local function explain(problem)
  if tostring(problem):find("interrupted!", 1, true) then
    if table.concat(arg, " "):find("--export", 1, true) then
      io.stdout:write("false\n") -- so that `eval "$(...)" && ...` stops before it reaches Twilio
    end
    io.stderr:write("twilio-simulator: interrupted\n")
    os.exit(130)
  end
  return debug.traceback(tostring(problem))
end

local ran, problem = xpcall(function()
  require("twilio.simulator.command").run(arg)
end, explain)
if not ran then
  io.stderr:write(problem, "\n")
  os.exit(1)
end
