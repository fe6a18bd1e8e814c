--- Reads and writes of a session in the journal.
local age = require("twilio.numbers.journal.age")
local core = require("twilio.numbers.core")
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")

---@class twilio.numbers.Session
local access = {}

--- Returned by a step of a call if the order must be read again.
access.AGAIN = {}

--- The error in a child of fork(), which neither reads nor writes for its parent's call.
access.FORKED = "the call belongs to the parent process"

--- The note of a write that failed because another call had changed a record.
local CHANGED = "another write came first"

local READ_MAX = 500 -- records in one read

local UNHEARD_MAX = 3 -- consecutive writes without a response, before the call gives up

--- The time to write the result of a purchase after the call is over.
local GRACE = 1 -- second

local function report(self, step, began, err)
  self.call:notify {
    kind = "journal",
    step = step,
    key = self.key,
    duration = core.now() - began,
    err = err,
  }
end

--- The decoded record of a key at the last read; nil if there is none.
function access:record(key)
  local entry = self.entries[key or self.order_key]
  return entry and entry.record
end

function access:version(key)
  local entry = self.entries[key or self.order_key]
  return entry and entry.version or 0
end

local function decode(found)
  for _, entry in pairs(found) do
    local record, message = records.decode(entry.value)
    if not record then
      return message
    end
    entry.record = record
  end
end

--- Reads the order, and other records.
---@param keys? string[]
---@param is_last? boolean even if the call is cancelled or late
---@param is_more? boolean only the other records
---@return boolean? read
---@return string? message
---@return twilio.numbers.Error? err
function access:read(keys, is_last, is_more)
  local all = is_more and {} or { self.order_key, self.many_key or nil }
  for _, key in ipairs(keys or {}) do
    all[#all + 1] = key
  end
  if core.process() ~= self.process then -- a child of fork(): the call belongs to its parent
    return self:fail { kind = "cancelled", reason = access.FORKED }
  end
  local began, boot = core.now(), core.boot_now()
  local found, now, era = self.journal:read(self.call, all, is_last and GRACE or nil)
  local message = found and decode(found) or (not found and now) or nil
  report(self, "read", began, message)
  if message then
    return self:fail { kind = "journal", reason = message }
  end
  self.entries, self.now, self.era = found, math.ceil(now), era
  self.is_outdated = self.is_outdated and is_more or false
  self.read_at, self.read_boot = began, boot
  if self.unheard and not is_more and self:version() ~= self.unheard then
    self.unheard = false -- the write is done, or never will be
  end
  return true
end

--- Reads more records.
---@param keys string[]
---@return boolean? read
---@return string? message
---@return twilio.numbers.Error? err
function access:read_more(keys)
  local before = self.entries
  local _, message, err = self:read(keys, false, true)
  if err then
    return nil, message, err
  end
  local found = self.entries
  self.entries = before
  for _, key in ipairs(keys) do
    before[key] = found[key]
  end
  return true
end

--- Reads any number of other records, in blocks.
---@param keys string[]
---@param is_extended boolean each block has a deadline of its own
---@return boolean? read
---@return string? message
---@return twilio.numbers.Error? err
function access:read_many(keys, is_extended)
  for first = 1, #keys, READ_MAX do
    local block = {}
    for i = first, math.min(first + READ_MAX - 1, #keys) do
      block[#block + 1] = keys[i]
    end
    if is_extended then
      self.call:extend()
    end
    local _, message, err = self:read_more(block)
    if err then
      return nil, message, err
    end
  end
  return true
end

--- Replaces the order's record, and others, if none has changed since it was read.
---@param step "begin"|"settle"|"give_up"
---@param record table|nil of the order; nil: unchanged
---@param writes? table[] { key =, record = nil (delete) }
---@param is_renewal? boolean keeps the age of the orders
---@return "done"|"differs"|"failed"|"unheard" result
---@return string? message if it failed or had no response
function access:write(step, record, writes, is_renewal)
  if core.process() ~= self.process then
    return "failed", access.FORKED
  end
  local all = {}
  if record then
    all[1] = { key = self.order_key, record = record }
  end
  for _, write in ipairs(writes or {}) do
    all[#all + 1] = write
  end
  local milliseconds = self:clock_now()
  for _, write in ipairs(all) do
    if write.record and write.record.op and not is_renewal then -- an order, or the header of many
      age.stamp(write.record, milliseconds, self.era, self:wall_clock())
    end
    local value, why = nil, nil
    if write.record then
      value, why = records.encode(write.record)
    end
    if why then
      return "failed", "a record cannot be written: " .. why -- a write without a value would delete it
    end
    write.version, write.value = self:version(write.key), value
  end
  local began = core.now()
  local grace = step ~= "begin" and GRACE or nil
  local written, message, is_certain = self.journal:apply(self.call, all, grace)
  report(self, step, began, written == false and CHANGED or message)
  if written then
    for _, write in ipairs(all) do
      self.entries[write.key] = write.record
          and { version = write.version + 1, record = write.record }
        or nil
    end
    if record then
      self.unheard = false
    end
    return "done"
  elseif written == false then
    self.is_outdated = true
    return "differs"
  elseif is_certain then
    return "failed", message
  end
  self.unheard = record and self:version() or self.unheard
  return "unheard", message
end

--- Writes the senders that order.judge() returned, of the call's order or of another one (rule R13).
---@param senders table[]
---@param key? string of the other order
---@return "done"|"differs"|"failed"|"unheard" result
---@return string? message
function access:renew(senders, key)
  local record = order.renew(self:record(key), senders)
  if key then
    return self:write("settle", nil, { { key = key, record = record } }, true)
  end
  return self:write("settle", record, nil, true)
end

--- The first write of an order: differs if the key belongs to another request meanwhile. The header of
--- purchase_many is written too, unchanged, so that it cannot be replaced at the same time.
---@param step "begin"|"settle"
---@param writes table[] of other records
function access:write_first(step, record, writes)
  local many_key = self.many_key
  if self:taken() then
    return "differs"
  end
  writes[#writes + 1] = many_key and { key = many_key, record = self:record(many_key) } or nil
  return self:write(step, record, writes)
end

--- The next step after a write: the order is read again, and a write that failed or had no response is
--- retried a few times.
function access:after_write(result, message)
  if result == "done" or result == "differs" then
    return access.AGAIN
  end
  self.failures = self.failures + 1
  if result == "failed" or self.failures >= UNHEARD_MAX then
    return self:fail { kind = "journal", reason = message }
  end
  return access.AGAIN
end

return access
