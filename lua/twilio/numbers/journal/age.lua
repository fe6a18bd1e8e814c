--- The age of records: by the store's clock within its era, by the wall clock across eras.
local core = require("twilio.numbers.core")

local age = {}

--- The time of day in milliseconds since 1970: by the store's clock if it is a server's, else by this
--- machine's.
---@param journal table
---@param now integer milliseconds of the store's clock
function age.wall_clock(journal, now)
  if journal.kind == "postgresql" then
    return now
  end
  return math.floor(core.wall_clock() * 1000)
end

--- Sets the time of writing in a record.
---@param now integer milliseconds of the store's clock
---@param era string
---@param wall integer milliseconds since 1970
function age.stamp(record, now, era, wall)
  record.changed, record.changed_era, record.changed_at = now, era, wall
end

--- Milliseconds since a record was written; 0 if it has no time.
---@param record table
---@param now integer milliseconds of the store's clock
---@param era string
---@param wall integer milliseconds since 1970
---@return integer
function age.of(record, now, era, wall)
  if record.changed and record.changed_era == era then
    return math.max(0, now - record.changed)
  end
  local at = record.changed_at or record.at
  return at and math.max(0, wall - at) or 0
end

--- Whether the term of a sender ended at least some milliseconds ago. A sender of an earlier era was renewed
--- in this one: the wall clock says when it really started.
---@param sender table see order.lua
---@param milliseconds? integer default: its own `settle`
local function is_past(sender, milliseconds, now, era, wall)
  milliseconds = milliseconds or sender.settle
  if sender.refused or (sender.era == era and sender.ends + milliseconds < now) then
    return true
  end
  local is_of_earlier_era = sender.renewed or sender.era ~= era
  return is_of_earlier_era and sender.at ~= nil and sender.at + sender.term + milliseconds < wall
end

--- Whether the terms of all senders ended at least some milliseconds ago.
---@param record table an order
---@param milliseconds? integer default: the `settle` of each
---@param now integer milliseconds of the store's clock
---@param era string
---@param wall integer milliseconds since 1970
function age.are_senders_past(record, milliseconds, now, era, wall)
  for _, sender in ipairs(record.senders or {}) do
    if not is_past(sender, milliseconds, now, era, wall) then
      return false
    end
  end
  return true
end

return age
