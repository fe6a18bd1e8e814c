-- Buys one number for an order, however often it is run, and wherever it is killed:
--
--   twilio-numbers journal init purchases.db          once
--   lua examples/exactly_once.lua ORDER [JOURNAL]     JOURNAL is a file; default purchases.db
--
-- With live credentials this costs money. See docs/exactly-once.md.
local numbers = require("twilio.numbers")

local order = arg[1]
if not order then
  io.stderr:write("Which order? lua examples/exactly_once.lua ORDER [JOURNAL]\n")
  os.exit(2)
end
local client = assert(numbers.client { journal = arg[2] or "purchases.db" })

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

-- 3: a number may have been bought. Run it again with the same order.
os.exit(number and 0 or info.purchased == "no" and 1 or 3)
