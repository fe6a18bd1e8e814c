-- Finds what was bought and never reported: lua examples/after_a_crash.lua JOURNAL [all]
--
-- For purchases by buy_with_journal.lua that were interrupted. It buys and changes nothing, and
-- writes what it finds into the journal. With "all" it lists instead every number of the account
-- that is not in the journal, also those that the account had before.
-- See docs/money.md.
local numbers = require("twilio.numbers")

local folder = debug.getinfo(1, "S").source:match("^@(.*)/") or "." -- of this file
local journal = dofile(folder .. "/journal.lua")

-- What a process sent may reach Twilio after the process has died: the system keeps sending it for 30
-- seconds, and Twilio takes about 30 more. Where the system has no such limit (systems other than Linux, a
-- proxy, a transport in Lua) it takes longer: PATIENCE=180. With the simulator this can be 0.
local PATIENCE = tonumber(os.getenv("PATIENCE")) or 90 -- seconds

local path = arg[1]
if not path then
  print("Usage: lua " .. arg[0] .. " JOURNAL [all]")
  os.exit(2)
end
local file, why = io.open(path, "rb") -- one that is not there would be made, and have nothing open
if not file then
  io.stderr:write("cannot open ", why, "\n")
  os.exit(1)
end
file:close()

io.stdout:setvbuf("line")
local book = journal.open(path)
local client = assert(numbers.client())

-- Calls a function for each number of a list. If the list cannot be read to its end, nothing is certain.
local function each(filter, use)
  for number, message in assert(client:list(filter)) do
    if not number then
      print("Nothing is certain, try again: " .. message)
      os.exit(3)
    end
    use(number)
  end
end

local function print_found(number)
  print("found " .. number.phone_number .. " (" .. number.sid .. "): " .. number.friendly_name)
end

-- Looks up the open orders, and returns those for which the account owns no number.
local function look(orders)
  local missing = {}
  for _, order in ipairs(orders) do
    local found = false
    each({ friendly_name = order }, function(number)
      if number.friendly_name == order then
        found = true
        print_found(number)
        book:settle(order, number)
      end
    end)
    missing[#missing + 1] = not found and order or nil
  end
  return missing
end

if arg[2] == "all" then
  local _, reported = book:read()
  each({}, function(number)
    if not reported[number.sid] then
      print_found(number)
    end
  end)
  os.exit(0)
end

local open, _, count = book:read()
print(("%d open orders of %d"):format(#open, count))
local missing = look(open)
if #missing > 0 and PATIENCE > 0 then
  print(("%d not found. They may still reach Twilio: waiting %d s"):format(#missing, PATIENCE))
  require("twilio.numbers.core").sleep(PATIENCE)
end
missing = look(missing)
for _, order in ipairs(missing) do
  book:settle(order, nil, { purchased = "no" })
  print("not bought: " .. order)
end
