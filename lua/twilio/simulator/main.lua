-- The script that bin/twilio-simulator runs, on any Lua that has lua-http. The other modules lie beside it.

local folder = arg[0]:match("^(.*)twilio/simulator/main%.lua$")
local tree = folder:match("^(.*)share/lua/[^/]*/$")

if tree then
  -- Rocks for one Lua lie there too, so what this Lua finds elsewhere comes first.
  local version = _VERSION:match("%d%.%d")
  package.path = ("%s;%s?.lua;%s?/init.lua"):format(package.path, folder, folder)
  package.cpath = ("%s;%slib/lua/%s/?.so"):format(package.cpath, tree, version)
else
  package.path = ("%s?.lua;%s?/init.lua;%s"):format(folder, folder, package.path)
end

require("twilio.simulator.command").run(arg)
