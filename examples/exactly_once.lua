-- Buys one number for an order, however often it is run, and wherever it is killed:
--
--   twilio-numbers journal init purchases.db      once
--   lua examples/exactly_once.lua ORDER [JOURNAL]
--
-- JOURNAL is a file, or for a fleet a PostgreSQL, such as service=shop. Default:
-- TWILIO_NUMBERS_JOURNAL, or else purchases.db. See docs/exactly-once.md.
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

local order = arg[1]
if not order then
  print("Usage: lua " .. arg[0] .. " ORDER [JOURNAL]")
  os.exit(2)
end
local journal = arg[2] or os.getenv("TWILIO_NUMBERS_JOURNAL") or "purchases.db"
local client, problem = numbers.client { journal = journal, limit = { numbers = 100, per = "day" } }
if not client then
  io.stderr:write(problem, "\n")
  os.exit(1)
end

local number, message, info = client:purchase_available(
  { country = "US", area_code = "415" },
  { friendly_name = order },
  { idempotency_key = order }
)
client:close()

if number then
  print((info and info.replayed and "bought before: " or "bought: ") .. number.phone_number)
end
if message then -- why not; or what of a number that was bought could not be set or recorded
  io.stderr:write(message, "\n")
end

-- 3: a number may have been bought. Run it again with the same order: that never buys a second one.
os.exit(number and 0 or info.purchased == "no" and 1 or 3)
