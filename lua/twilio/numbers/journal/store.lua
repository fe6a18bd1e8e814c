--- The store of a journal.
local compat = require("twilio.numbers.compat")

local store = {}

local Custom = { kind = "custom" }
Custom.__index = Custom

local function call(f, ...)
  local called, a, b, c = compat.pcall(f, ...)
  if not called then
    return nil, "the store raised an error: " .. compat.tostring(a)
  end
  return a, b, c
end

function Custom:read(_, keys)
  return call(self.store.read, self.store, keys)
end

function Custom:apply(_, writes)
  return call(self.store.apply, self.store, writes)
end

function Custom:scan(_, prefix, after, limit)
  return call(self.store.scan, self.store, prefix, after, limit)
end

function Custom:close()
  return call(self.store.close, self.store)
end

function store.open(spec)
  if type(spec) == "table" then
    return setmetatable({ store = spec }, Custom)
  end
  return nil, "not built yet", "invalid"
end

function store.is_open(value)
  return getmetatable(value) == Custom
end

return store
