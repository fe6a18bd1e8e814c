-- Buys numbers so that a crash loses none:
--
--   lua examples/buy_with_journal.lua JOURNAL AT_ONCE TARGET...
--
-- This is for programs that can have neither SQLite nor PostgreSQL; others buy with a key, see
-- exactly_once.lua. Each purchase gets a name of its own, which is written to JOURNAL, a text
-- file, before it is sent. AT_ONCE is how many are in flight; a TARGET is an area code or a phone
-- number. After a crash: after_a_crash.lua, and docs/money.md.
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

local folder = debug.getinfo(1, "S").source:match("^@(.*)/") or "." -- of this file
local journal = dofile(folder .. "/journal.lua")

local at_once = tonumber(arg[2])
if not at_once or not arg[3] then
  print("Usage: lua " .. arg[0] .. " JOURNAL AT_ONCE TARGET...")
  os.exit(2)
end

local book = journal.open(arg[1])
local client = assert(numbers.client())
local bought, failed = 0, 0

if #book:read() > 0 then
  print("Some purchases have no end. Look first: lua examples/after_a_crash.lua " .. arg[1])
  os.exit(2)
end

-- The purchases, each with a name that is written down before anything is sent.
local function begin(target)
  local params = { friendly_name = journal.new_order() }
  params[target:sub(1, 1) == "+" and "phone_number" or "area_code"] = target
  book:intend(params.friendly_name)
  return params
end

-- Writes down the outcome of a purchase as soon as it is known.
local function finish(order, number, message, err)
  book:settle(order, number, err)
  if number then
    bought = bought + 1
    print("bought " .. number.phone_number .. " (" .. number.sid .. ")")
  else
    failed = failed + 1
    print(err.purchased .. ": " .. order .. ": " .. message)
  end
end

local function buy_at_once()
  local futures = {}
  for i = 3, #arg do
    if #futures == at_once then
      table.remove(futures, 1):wait()
    end
    local params = begin(arg[i])
    futures[#futures + 1] = assert(client:purchase_async(params, function(...)
      finish(params.friendly_name, ...)
    end))
  end
  for _, future in ipairs(futures) do
    future:wait()
  end
end

if at_once > 1 then
  buy_at_once()
else
  for i = 3, #arg do
    local params = begin(arg[i])
    finish(params.friendly_name, client:purchase(params))
  end
end
print(("%d bought, %d not"):format(bought, failed))
os.exit(failed == 0 and 0 or 1)
