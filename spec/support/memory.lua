--- The memory of a process, read by its parent, since the searching process contains what it searches.
local interpreter = require("spec.support.interpreter")

local memory = {}

local CHUNK = 1024 * 1024 -- bytes per read
local OVERLAP = 128 -- bytes of a chunk that are read again, for matches across its end

local Process = {}
Process.__index = Process

--- Starts a Lua program that calls stop() to be searched, and waits for that.
---@param program string
---@param preload? string a library
---@return table process search() and finish() are its methods
function memory.start(program, preload)
  local fifo = os.tmpname()
  os.remove(fifo)
  assert(os.execute("mkfifo " .. fifo))
  local source = ([[
    local function stop()
      print("stopped")
      io.stdout:flush()
      local fifo = io.open(%q)
      fifo:read("*a")
      fifo:close()
    end
  ]]):format(fifo) .. program
  -- the loader saves all registers when it binds a function late, whatever they hold
  local command = "LD_BIND_NOW=1 " .. interpreter.run(source, { library = preload })
  local self = setmetatable({ fifo = fifo }, Process)
  self.pipe = assert(io.popen("echo $$; " .. command .. " 2>&1"))
  self.pid = self.pipe:read("*l")
  local line = self.pipe:read("*l")
  if line ~= "stopped" then
    os.remove(fifo)
    error(tostring(line) .. "\n" .. self.pipe:read("*a"), 2)
  end
  return self
end

--- The ranges that the process may have written: from, to.
local function regions(pid)
  local list = {}
  for line in io.lines("/proc/" .. pid .. "/maps") do
    local from, to = line:match("^(%x+)%-(%x+) rw")
    if from then
      list[#list + 1] = { from = tonumber(from, 16), to = tonumber(to, 16) }
    end
  end
  return list
end

local function count(text, needle, overlap)
  local found, from, to = 0, text:find(needle, 1, true)
  while from do
    found = found + (to > overlap and 1 or 0)
    from, to = text:find(needle, to + 1, true)
  end
  return found
end

--- Counts each needle. Needles longer than `OVERLAP` bytes may be missed.
---@param needles table<string, string>
---@return table<string, integer> found those that are there, by name
function Process:search(needles)
  local found = {}
  local file = assert(io.open("/proc/" .. self.pid .. "/mem", "rb"))
  for _, region in ipairs(regions(self.pid)) do
    local at, overlap = region.from, 0
    while at < region.to do
      file:seek("set", at - overlap)
      local text = file:read(math.min(CHUNK, region.to - at) + overlap)
      if not text then -- some that the kernel has
        break
      end
      for name, needle in pairs(needles) do
        local times = count(text, needle, overlap)
        found[name] = times > 0 and (found[name] or 0) + times or found[name]
      end
      at, overlap = at + #text - overlap, OVERLAP
    end
  end
  file:close()
  return found
end

--- Lets the process end.
---@return string output
function Process:finish()
  local fifo = assert(io.open(self.fifo, "w"))
  fifo:close()
  local output = self.pipe:read("*a")
  self.pipe:close()
  os.remove(self.fifo)
  return output
end

return memory
