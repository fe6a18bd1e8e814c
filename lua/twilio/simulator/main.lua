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

require("twilio.simulator.command").run(arg)
