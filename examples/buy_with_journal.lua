-- Buys numbers so that a crash loses none: lua examples/buy_with_journal.lua JOURNAL 1 415 +14155550123
--
-- Each purchase gets a name of its own, which is written down before it is sent. The second argument is how
-- many to buy at once; then come area codes and phone numbers. With live credentials this costs money.
-- What to do after a crash: examples/after_a_crash.lua, and docs/money.md.
local journal = require("examples.journal")
local numbers = require("twilio.numbers")

local book = journal.open(arg[1])
local at_once = tonumber(arg[2])
local client = assert(numbers.client())
local bought, failed = 0, 0

if #book:read() > 0 then
  print("Some purchases have no end. Look first: lua examples/after_a_crash.lua " .. arg[1])
  os.exit(2)
end

-- What is bought, with a name that is written down before anything is sent.
local function begin(target)
  local params = { friendly_name = journal.new_order() }
  params[target:sub(1, 1) == "+" and "phone_number" or "area_code"] = target
  book:intend(params.friendly_name)
  return params
end

-- What came of it, written down as soon as it is known.
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
  local pendings = {}
  for i = 3, #arg do
    if #pendings == at_once then
      table.remove(pendings, 1):wait()
    end
    local params = begin(arg[i])
    pendings[#pendings + 1] = assert(client:purchase_async(params, function(...)
      finish(params.friendly_name, ...)
    end))
  end
  for _, pending in ipairs(pendings) do
    pending:wait()
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
