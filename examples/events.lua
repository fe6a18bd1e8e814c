-- Prints a line for each request that is sent: lua examples/events.lua [NUMBER]
--
-- Default: +15005550006, which is free with test credentials. Another one costs money.
-- Without an account, first: eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

local function report(event)
  local path = event.url:gsub("^%w+://[^/]+", "")
  print(
    ("attempt %d: %s %s -> %s in %.3f s, request %s"):format(
      event.attempt,
      event.method,
      path,
      event.status or event.error,
      event.seconds,
      event.request_id or "unknown"
    )
  )
end

local client = assert(numbers.client { on_event = report })
local number, message = client:purchase { phone_number = arg[1] or "+15005550006" }
print(number and "bought " .. number.phone_number or message)
os.exit(number and 0 or 1)
