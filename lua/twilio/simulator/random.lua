-- A random number generator (Park and Miller): the state of math.random belongs to the host, and a seed gives
-- the same numbers under every Lua. Used by faults.lua and store.lua.

local random = {}
random.__index = random

---@param seed integer
function random.new(seed)
  return setmetatable({ state = math.floor(seed) % 2147483646 + 1 }, random)
end

---The next number.
---@return number at least 0, less than 1
function random:next()
  self.state = self.state * 16807 % 2147483647
  return (self.state - 1) / 2147483646
end

---@param length integer of the text
---@return string
function random:hex(length)
  local digits = {}
  for index = 1, length do
    digits[index] = ("%x"):format(math.floor(self:next() * 16))
  end
  return table.concat(digits)
end

---Unpredictable text from the system.
---@param length integer of the text
---@return string
local function system_hex(_, length)
  local source = assert(io.open("/dev/urandom", "rb"))
  local bytes = source:read(length / 2)
  source:close()
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

---A source of unpredictable hex().
random.system = { hex = system_hex }

return random
