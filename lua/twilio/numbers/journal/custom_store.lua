--- A journal in a table of four functions of the caller. They may yield to their host, and raise errors: an
--- error counts as "may or may not have been written".
local compat = require("twilio.numbers.compat")

---@class twilio.numbers.CustomJournal
local Custom = { __name = "twilio.numbers.Journal", kind = "custom" }
Custom.__index = Custom

function Custom:__tostring()
  return self.__name .. " (" .. self.kind .. ")"
end

---@param store table
function Custom.new(store)
  return setmetatable({ store = store }, Custom)
end

local function wrong(name, what)
  return nil, ("the journal's function %s returned %s"):format(name, what), false
end

local function text(why)
  return why == nil and "the journal's store gave no reason" or compat.tostring(why)
end

local function is_record(record)
  return type(record) == "table"
    and type(record.version) == "number"
    and record.version >= 1
    and type(record.value) == "string"
end

--- Calls one of the four functions.
local function ask(self, name, ...)
  local store = self.store
  local called, a, b, c = compat.pcall(store[name], store, ...)
  if not called then
    return nil, compat.tostring(a)
  end
  return a, b, c
end

function Custom:read(_, keys)
  local records, now, era = ask(self, "read", keys)
  if records == nil then
    return nil, text(now)
  elseif type(records) ~= "table" then
    return wrong("read", "a " .. type(records))
  elseif type(now) ~= "number" or type(era) ~= "string" then
    return wrong("read", "no time: it must return a number and a string")
  end
  for _, key in ipairs(keys) do
    if records[key] ~= nil and not is_record(records[key]) then
      return wrong("read", "a value that is not a record (version, value)")
    end
  end
  return records, now, era
end

function Custom:apply(_, writes)
  local written, why, is_certain = ask(self, "apply", writes)
  if written == nil then
    return nil, text(why), is_certain == true
  elseif type(written) ~= "boolean" then
    return wrong("apply", "a " .. type(written))
  end
  return written
end

function Custom:scan(_, prefix, after, limit)
  local list, why = ask(self, "scan", prefix, after, limit)
  if list == nil then
    return nil, text(why)
  elseif type(list) ~= "table" then
    return wrong("scan", "a " .. type(list))
  end
  for _, record in ipairs(list) do
    if not is_record(record) or type(record.key) ~= "string" then
      return wrong("scan", "a value that is not a record (key, version, value)")
    end
  end
  return list
end

--- The queue of a custom store is unknown.
function Custom.lag()
  return 0, 0
end

function Custom:close()
  ask(self, "close")
end

function Custom.is_open(value)
  return getmetatable(value) == Custom
end

return Custom
