-- Buys one number for an order, by any of a fleet of machines that share a PostgreSQL:
--
--   TWILIO_NUMBERS_JOURNAL='postgresql://shop@db.example/shop?sslmode=verify-full' \
--     lua examples/exactly_once_postgresql.lua ORDER
--
-- The table is made once, by `twilio-numbers journal init`. See docs/exactly-once.md and docs/postgresql.md.
local numbers = require("twilio.numbers")

local PATIENCE = 600 -- seconds in which an answer is worth waiting for

local order = assert(arg[1], "which order? lua examples/exactly_once_postgresql.lua ORDER")
local client = assert(numbers.client { limit = { numbers = 100, per = "day" } })

-- Calls again while the outcome is not known: that never buys a second number.
local function buy(ends)
  while true do
    local number, message, err = client:purchase_available(
      { country = "US", area_code = "415" },
      { friendly_name = order },
      { idempotency_key = order }
    )
    if number or err.purchased == "no" or err.kind == "conflict" or os.time() > ends then
      return number, message
    end
    io.stderr:write(message, " Once more.\n")
    require("twilio.numbers.core").sleep(err.retry_after or 1)
  end
end

local number, message = buy(os.time() + PATIENCE)
client:close()
print(number and number.phone_number or message)
os.exit(number and 0 or 1)
