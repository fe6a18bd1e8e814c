--- The stores of journals whose results calls wait for. The I/O thread watches their descriptors, and poll()
--- takes the results.
---
--- A store is a table of functions:
---   descriptor() -> readable while there are results; nil if there is none
---   deliver(): completes the future of one result, by arrived() of its scheduler, and returns true; false if
---     there is no result. Out of memory it raises an error, and loses nothing
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local stores = {}

local LOOK_EVERY = 0.01 -- seconds, if the I/O thread cannot watch

--- Starts to wait for a result of a store. Without one the future completes at its time `due`.
---@param future table with due, store, is_expected = false, and the fields of all futures
function stores:expect_result(store, future)
  self:arm(future)
  self.stores[store] = (self.stores[store] or 0) + 1
  future.is_expected = true
end

--- Counts one pending result of a store less. Allocates nothing.
local function count_down(self, store, future)
  local count = self.stores[store]
  if future.is_expected and count then
    self.stores[store] = count > 1 and count - 1 or nil
  end
  future.is_expected = false
end

--- Undoes expect_result(), even if an error interrupted it.
function stores:expect_none(store, future)
  self:disarm(future)
  count_down(self, store, future)
end

--- Counts the results that calls wait for, after an error that interrupted the count. Allocates nothing: a
--- store that a call waits for has a count.
function stores:recount_stores()
  local counts = self.stores
  for store in next, counts do
    counts[store] = 0
  end
  for future in next, self.alarms do
    local store = future.is_expected and future.store
    if store then
      counts[store] = (counts[store] or 0) + 1
    end
  end
  for store, count in next, counts do
    if count == 0 then
      counts[store] = nil
    end
  end
end

--- Makes poll() read a store when it has results.
function stores:watch_store(store)
  local io_thread, descriptor = self.io_thread, store:descriptor()
  if io_thread and descriptor and not io_thread:watch(descriptor) then
    self:wake_at(math.min(self.next_alarm or math.huge, core.now() + LOOK_EVERY))
  end
end

--- Records that a result has arrived: poll() runs what waits for it. Allocates nothing.
function stores:arrived(store, future)
  self:queue(future) -- first: without its timer nothing else would complete it
  self:expect_none(store, future)
  if not self.is_running and self.io_thread then
    self.io_thread:ring()
  end
end

--- Takes one result, and calls its waiters if it belongs to this scheduler; false if there is none.
function stores:take_from_stores()
  for store in next, self.stores do
    if store:deliver() then
      if self.unfinished then
        self:settle(self.unfinished)
      end
      return true
    end
    self:watch_store(store)
  end
  return false
end

return stores
