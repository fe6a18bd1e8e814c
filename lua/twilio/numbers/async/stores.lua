--- The stores whose results calls of a scheduler wait for: the I/O thread watches the descriptor of each,
--- and poll() takes what is there.
---
--- A store is a table of functions:
---   descriptor() -> readable while deliver() has something to do; nil if there is none
---   deliver(): ends the future of one result, by arrived() of the scheduler it belongs to, and returns true;
---     false if there is no result. Where memory is short it raises, and loses nothing
local core = require("twilio.numbers.core")

---@class twilio.numbers.Scheduler
local stores = {}

local LOOK_EVERY = 0.01 -- seconds, where the I/O thread cannot watch

--- Begins to wait for a result of a store: the future is done at the time `due` in it without one.
---@param future table due, is_expected = false, and what all futures have
function stores:expect_result(store, future)
  self:arm(future)
  self.stores[store] = (self.stores[store] or 0) + 1
  future.is_expected = true
end

--- Counts one result less of a store. Takes no memory.
local function count_down(self, store, future)
  local count = self.stores[store]
  if future.is_expected and count then
    self.stores[store] = count > 1 and count - 1 or nil
  end
  future.is_expected = false
end

--- Takes expect_result() back, also where an error has broken it off.
function stores:expect_none(store, future)
  self:disarm(future)
  count_down(self, store, future)
end

--- Has poll() look at a store once there is something.
function stores:watch_store(store)
  local io_thread, descriptor = self.io_thread, store:descriptor()
  if io_thread and descriptor and not io_thread:watch(descriptor) then
    self:wake_at(math.min(self.next_alarm or math.huge, core.now() + LOOK_EVERY))
  end
end

--- Notes that a result has come: poll() goes on with what waits for it. Takes no memory.
function stores:arrived(store, future)
  self:expect_none(store, future)
  self:queue(future)
  if not self.is_running and self.io_thread then
    self.io_thread:ring()
  end
end

--- Takes one result, and calls its waiters if it is ours; false if there is none now.
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
