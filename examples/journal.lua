--- A journal of purchases in a text file: what is about to be bought is written down before it is
--- bought, the outcome afterwards. What stands there without an end was interrupted. It is a
--- module of buy_with_journal.lua and after_a_crash.lua, for programs that can have neither
--- SQLite nor PostgreSQL; it runs nothing by itself.
---
--- One line an entry, its fields between tabs:
---   intent  ORDER  TIME          before the purchase; ORDER is its friendly_name, too
---   bought  ORDER  SID  NUMBER   it was bought
---   no      ORDER  TIME          it was not bought, certainly
--- A line that ends with # was written in part, when the process ended or the disk was full: it
--- is no entry.
---
--- The request of a process that died may still reach Twilio 90 seconds later (docs/money.md): an
--- order without an end is not certainly "not bought" before that.
local journal = {}

local Journal = {}
Journal.__index = Journal

-- flush() outlives the process. What is to outlive a power cut needs fsync(), which Lua lacks and
-- luaposix has.
local has_fsync, unistd = pcall(require, "posix.unistd")
local has_fileno, stdio = pcall(require, "posix.stdio")

local function now()
  return os.date("!%Y-%m-%dT%H:%M:%SZ")
end

--- A line is there when this returns; if it cannot be written, nothing must be bought. Then a part of it may
--- be there, which the next one ends.
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

--- All whole lines.
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

--- Opens a journal, which need not exist yet.
function journal.open(path)
  local _, _, text = read(path)
  local is_torn = text ~= "" and text:sub(-1) ~= "\n"
  local file = assert(io.open(path, "ab"))
  return setmetatable({ path = path, file = file, is_torn = is_torn }, Journal)
end

--- The orders that have no end, oldest first, the set of SIDs that were reported, and how many orders there
--- are.
function Journal:read()
  local all, sids = read(self.path)
  local open = {}
  for _, order in ipairs(all) do
    open[#open + 1] = all[order] and order or nil
  end
  return open, sids, #all
end

--- Before a purchase.
function Journal:intend(order)
  append(self, "intent", order, now())
end

--- After it: `number`, or an error. One that leaves a doubt is no end.
function Journal:settle(order, number, err)
  if number then
    append(self, "bought", order, number.sid, number.phone_number)
  elseif err.purchased == "no" then
    append(self, "no", order, now())
  end
end

--- A name that no order ever had.
function journal.new_order()
  local random = assert(io.open("/dev/urandom", "rb"))
  local bytes = random:read(12)
  random:close()
  return "Order " .. bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end)
end

return journal
