-- Counts the lines of the library's Lua files that run in this process: see tools/coverage/run, which loads
-- this into every interpreter by LUA_INIT, as spec/support/nginx.lua does into every nginx.
-- luacheck: read globals jit
local root = debug.getinfo(1, "S").source:match("^@(.*)/tools/coverage/init.lua$")
local lua = jit and "luajit" or _VERSION:match("%d%.%d")
if jit then
  jit.off() -- compiled code calls no hooks
end
local path = ("%s/build/coverage/%s/coverage_lines.so"):format(root, lua)
local start = assert(package.loadlib(path, "luaopen_coverage_lines"))
local report = ("%s/build/coverage/lines-%s"):format(root, lua)
start(report)

-- A spec that takes its own hook away has the counter's again, for the specs after it.
local set_hook = debug.sethook
function debug.sethook(...) -- luacheck: ignore 122
  set_hook(...)
  if select("#", ...) == 0 then
    start(report)
  end
end
