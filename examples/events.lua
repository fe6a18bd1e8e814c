-- Writes a line for each request that goes out: lua examples/events.lua +15005550006
--
-- With live credentials this costs money; see buy_by_number.lua.
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
