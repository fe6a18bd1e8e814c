-- Buys one number for an order, by any of a fleet of machines that share a PostgreSQL:
--
--   TWILIO_NUMBERS_JOURNAL='postgresql://shop@db.example/shop?sslmode=verify-full' \
--     lua examples/exactly_once_postgresql.lua ORDER
--
-- The table is made once, by `twilio-numbers journal init`. With live credentials this costs money. See
-- docs/exactly-once.md and docs/postgresql.md.
local numbers = require("twilio.numbers")

local PATIENCE = 600 -- seconds for which it calls again

local order = arg[1]
if not order then
  io.stderr:write("Which order? lua examples/exactly_once_postgresql.lua ORDER\n")
  os.exit(2)
end
local client = assert(numbers.client { limit = { numbers = 100, per = "day" } })

-- Calls again while the outcome is unknown: that never buys a second number.
local function buy(ends)
  while true do
    local number, message, err = client:purchase_available(
      { country = "US", area_code = "415" },
      { friendly_name = order },
      { idempotency_key = order }
    )
    if number or err.purchased == "no" or err.kind == "conflict" or os.time() > ends then
      return number, message, err
    end
    io.stderr:write(message, " Trying again.\n")
    require("twilio.numbers.core").sleep(err.retry_after or 1)
  end
end

local number, message, info = buy(os.time() + PATIENCE)
client:close()
if number then
  print(number.phone_number)
end
if message then -- why not; or what of a number that was bought could not be set or recorded
  io.stderr:write(message, "\n")
end

-- 3: a number may have been bought. Run it again with the same order.
os.exit(number and 0 or info.purchased == "no" and 1 or 3)
