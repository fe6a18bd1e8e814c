-- Buys one number of your choice: lua examples/buy_by_number.lua [NUMBER]
--
-- Default: +15005550006, which is free with test credentials. Another one costs money.
-- Without an account, first: eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

local client = assert(numbers.client())

local number, message, err = client:purchase {
  phone_number = arg[1] or "+15005550006",
  friendly_name = "Front desk",
  voice_url = "https://example.com/voice",
}
if not number then
  print(message)
  for _, problem in ipairs(err.problems or {}) do
    print("  " .. problem.name .. ": " .. problem.message)
  end
  os.exit(err.purchased == "no" and 1 or 3)
end

print("bought " .. number.phone_number .. " (" .. number.sid .. ")")
for _, what in ipairs { "voice", "sms", "mms", "fax" } do
  print(("  %-6s%s"):format(what, number.capabilities[what] and "yes" or "no"))
end
