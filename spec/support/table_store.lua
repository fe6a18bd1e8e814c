--- A store in a table, for specs: the spec sets its clock, and what it loses.
local store = {}

--- `on_apply(writes, n)` may return "lost" (not written, unheard), "unheard" (written, unheard), "late"
--- (unheard, and written by the next deliver()), or "failed" (certainly not written).
function store.new()
  local self = {
    rows = {},
    now = 1000000,
    era = "era 1",
    log = {},
    applied = 0,
    late = {},
    on_read = false,
    on_apply = false,
  }

  function self.read(_, keys)
    if self.on_read then
      local message = self.on_read(keys)
      if message then
        return nil, message
      end
    end
    local found = {}
    for _, key in ipairs(keys) do
      local row = self.rows[key]
      found[key] = row and { version = row.version, value = row.value }
    end
    return found, self.now, self.era
  end

  local function write(writes)
    for _, one in ipairs(writes) do
      local row = self.rows[one.key]
      if (row and row.version or 0) ~= one.version then
        return false
      end
    end
    for _, one in ipairs(writes) do
      self.rows[one.key] = one.value and { version = one.version + 1, value = one.value } or nil
      self.log[#self.log + 1] = one.key .. " = " .. tostring(one.value)
    end
    return true
  end

  function self.apply(_, writes)
    self.applied = self.applied + 1
    local what = self.on_apply and self.on_apply(writes, self.applied)
    if what == "lost" then
      return nil, "no answer"
    elseif what == "failed" then
      return nil, "disk full", true
    elseif what == "late" then
      self.late[#self.late + 1] = writes
      return nil, "no answer"
    elseif what == "unheard" then
      write(writes)
      return nil, "no answer"
    end
    return write(writes)
  end

  --- Applies the late writes.
  function self.deliver()
    local late = self.late
    self.late = {}
    for _, writes in ipairs(late) do
      write(writes)
    end
  end

  function self.scan(_, prefix, after, limit)
    local keys, list = {}, {}
    for key in pairs(self.rows) do
      if key:sub(1, #prefix) == prefix and (not after or key > after) then
        keys[#keys + 1] = key
      end
    end
    table.sort(keys)
    for i = 1, math.min(limit, #keys) do
      local row = self.rows[keys[i]]
      list[i] = { key = keys[i], version = row.version, value = row.value }
    end
    return list
  end

  function self.close() end

  return self
end

return store
