--- The settings of Lua's collector, by the names of 5.1; Lua 5.5 has others.
local collector = {}

local STEP_SIZE = 4 -- bytes, for a collector that runs at each allocation

--- Sets the collector's pause and step size.
---@param pause integer percent; 0: it begins again at once
---@param step integer percent
function collector.set(pause, step)
  if _VERSION ~= "Lua 5.5" then
    collectgarbage("setpause", pause) -- luacheck: ignore 143
    collectgarbage("setstepmul", step)
    return
  end
  collectgarbage("incremental")
  collector.step_size = collector.step_size or collectgarbage("param", "stepsize")
  collectgarbage("param", "pause", math.max(pause, 1)) -- with 0 no finalizer runs
  collectgarbage("param", "stepmul", math.min(step, 1000))
  collectgarbage("param", "stepsize", pause == 0 and STEP_SIZE or collector.step_size)
end

return collector
