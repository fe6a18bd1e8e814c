--- A journal of purchases in a text file: each purchase is written down before it is sent, and its
--- outcome afterwards. An order without an outcome was interrupted. It is a module of
--- buy_with_journal.lua and after_a_crash.lua, for programs that can have neither SQLite nor
--- PostgreSQL; it runs nothing by itself.
---
--- An entry is a line, its fields separated by tabs:
---   intent  ORDER  TIME          before the purchase; ORDER is its friendly_name, too
---   bought  ORDER  SID  NUMBER   it was bought
---   no      ORDER  TIME          it was not bought, certainly
--- A line that ends with # was written only in part, because the process ended or the disk was
--- full: it is not an entry.
---
--- The request of a process that died may still reach Twilio 90 seconds later (docs/money.md):
--- before that, an order without an outcome may still be bought.
local journal = {}

local Journal = {}
Journal.__index = Journal

-- What flush() has written survives the process. A power cut also needs fsync(), which Lua lacks and
-- luaposix has.
local has_fsync, unistd = pcall(require, "posix.unistd")
local has_fileno, stdio = pcall(require, "posix.stdio")

local function now()
  return os.date("!%Y-%m-%dT%H:%M:%SZ")
end

--- Appends a line. Raises an error if it cannot be written: nothing must be bought then. A part of the line
--- may be there, which the next call marks with #.
local function append(self, ...)
  local line = (self.is_torn and "#\n" or "") .. table.concat({ ... }, "\t") .. "\n"
  self.is_torn = true
  assert(self.file:write(line))
  assert(self.file:flush())
  self.is_torn = false
  if has_fsync and has_fileno then
    assert(unistd.fsync(stdio.fileno(self.file)))
  end
end

--- Reads all complete lines.
local function read(path)
  local open, sids, file = {}, {}, io.open(path, "rb")
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  for line in text:gmatch("([^\n]*[^#\n])\n") do
    local what, order, sid = line:match("^(%a+)\t([^\t]+)\t([^\t]+)")
    if what == "intent" then
      open[#open + 1] = order
      open[order] = true
    elseif what == "bought" or what == "no" then
      open[order] = nil
      sids[sid] = what == "bought" or nil
    end
  end
  return open, sids, text
end

--- Opens a journal, and creates it if it does not exist.
function journal.open(path)
  local _, _, text = read(path)
  local is_torn = text ~= "" and text:sub(-1) ~= "\n"
  local file = assert(io.open(path, "ab"))
  return setmetatable({ path = path, file = file, is_torn = is_torn }, Journal)
end

--- Reads the open orders, oldest first, the set of SIDs that were reported, and the number of orders.
function Journal:read()
  local all, sids = read(self.path)
  local open = {}
  for _, order in ipairs(all) do
    open[#open + 1] = all[order] and order or nil
  end
  return open, sids, #all
end

--- Call it before a purchase.
function Journal:intend(order)
  append(self, "intent", order, now())
end

--- Call it after the purchase, with its number or its error. An error that leaves a doubt leaves it open.
function Journal:settle(order, number, err)
  if number then
    append(self, "bought", order, number.sid, number.phone_number)
  elseif err.purchased == "no" then
    append(self, "no", order, now())
  end
end

--- Returns a name that no order has had.
function journal.new_order()
  local random = assert(io.open("/dev/urandom", "rb"))
  local bytes = random:read(12)
  random:close()
  return "Order " .. bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end)
end

return journal
