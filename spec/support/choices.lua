--- Enumerates all sequences of choices that a test makes, depth first, with at most a given number of choices
--- other than the ordinary one (nil).
---
---   local path = choices.new(2)
---   repeat
---     path:begin()
---     local what = path:choose { "lost", "late" }    -- nil, "lost" or "late"
---   until not path:next()
local choices = {}

local Path = {}
Path.__index = Path

---@param most integer how many may be other than the ordinary one
function choices.new(most)
  return setmetatable(
    { most = most, taken = {}, names = {}, sizes = {}, at = 0, unusual = 0 },
    Path
  )
end

function Path:begin()
  self.at, self.unusual = 0, 0
end

--- The choice at this point.
---@param options string[]
---@return string? option nil: nothing unusual
function Path:choose(options)
  if self.unusual >= self.most then
    return nil
  end
  self.at = self.at + 1
  local at = self.at
  self.taken[at] = self.taken[at] or 0
  self.sizes[at] = #options
  self.names[at] = options[self.taken[at]]
  if self.taken[at] > 0 then
    self.unusual = self.unusual + 1
  end
  return options[self.taken[at]]
end

--- Advances to the next sequence; false at the end.
function Path:next()
  for at = #self.taken, self.at + 1, -1 do
    self.taken[at], self.names[at] = nil, nil
  end
  for at = self.at, 1, -1 do
    if self.taken[at] < self.sizes[at] then
      self.taken[at] = self.taken[at] + 1
      return true
    end
    self.taken[at], self.names[at] = nil, nil
  end
  return false
end

--- The choices, for a message.
function Path:describe()
  local parts = {}
  for at = 1, self.at do
    if self.taken[at] ~= 0 then
      parts[#parts + 1] = ("%d %s"):format(at, tostring(self.names[at]))
    end
  end
  return table.concat(parts, ", ")
end

--- Random numbers from a seed, the same on every Lua.
---@param seed integer
---@return fun(): number from 0 to 1
function choices.random(seed)
  local state = (seed * 48271 + 11) % 2147483647
  return function()
    state = (state * 48271) % 2147483647
    return state / 2147483647
  end
end

return choices
