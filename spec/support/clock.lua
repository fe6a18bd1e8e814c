--- The clocks of processes that preload spec_clock, see clock.c.
local clock = {}

local Clock = {}
Clock.__index = Clock

--- Unshifted clocks, and the system's boot ID.
---@return table clock `variables` are for the environment of a process
function clock.new()
  local path = os.tmpname()
  local self = setmetatable({ shift = path, boot_id = path .. ".boot_id" }, Clock)
  self.variables = { CLOCK_SHIFT = self.shift }
  return self
end

--- The clocks of the process that calls this.
function clock.of_this_process()
  return setmetatable({ shift = os.getenv("CLOCK_SHIFT") }, Clock)
end

--- Replaces a file at once: a process may read it at any time.
local function write(path, text)
  local file = assert(io.open(path .. ".new", "w"))
  assert(file:write(text))
  assert(file:close())
  assert(os.rename(path .. ".new", path))
end

--- Sets the clocks from now on.
---@param boot number seconds that CLOCK_BOOTTIME is ahead
---@param wall number seconds that the wall clock is ahead
function Clock:set(boot, wall)
  write(self.shift, ("%.9f %.9f\n"):format(boot, wall))
end

--- Gives processes that start later another boot ID.
---@param text string
function Clock:boot(text)
  write(self.boot_id, text .. "\n")
  self.variables.CLOCK_BOOT_ID = self.boot_id
end

--- Removes the files.
function Clock:close()
  os.remove(self.shift)
  os.remove(self.boot_id)
end

return clock
