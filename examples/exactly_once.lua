-- Buys one number for an order, however often it is run, and wherever it is killed:
--
--   lua examples/exactly_once.lua ORDER [JOURNAL]
--
-- JOURNAL is a file, purchases.db if none is named; it is made if it is not there. See docs/exactly-once.md.
local numbers = require("twilio.numbers")

local order = assert(arg[1], "which order? lua examples/exactly_once.lua ORDER [JOURNAL]")
local journal = assert(numbers.journal(arg[2] or "purchases.db", { create = true }))
local client = assert(numbers.client { journal = journal })

local number, message, info = client:purchase_available(
  { country = "US", area_code = "415" },
  { friendly_name = order },
  { idempotency_key = order }
)

if number then
  print((info and info.replayed and "bought before: " or "bought: ") .. number.phone_number)
  if message then
    print(message)
  end
else
  io.stderr:write(message, "\n")
end
client:close()
journal:close()

-- 3: a number may have been bought. Run it again with the same order.
os.exit(number and 0 or info.purchased == "no" and 1 or 3)
