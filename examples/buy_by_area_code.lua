-- What cannot be repeated: lua examples/buy_by_area_code.lua [AREA_CODE]
--
-- In a purchase by area code Twilio picks the number. If the response is lost, there is no number
-- to look up, and another try would buy another number: this program then leaves it to you. Better:
-- buy with purchase_available (tour.lua) or with a key (exactly_once.lua).
--
-- Default: 500, which is free with test credentials. Another one costs money.
-- Without an account, first: eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

local client = assert(numbers.client())

local number, message, err = client:purchase {
  area_code = arg[1] or "500",
  friendly_name = "Order 4711", -- of this purchase alone, to find the number by
}
if number then
  print("bought " .. number.phone_number .. " (" .. number.sid .. ")")
  os.exit(0)
end

print(message)
if err.purchased == "no" then
  print("No money was spent. It is safe to run this program again.")
  os.exit(1)
end

-- "unknown" or "yes": look before anything is bought again.
print("Wait 90 seconds, then look for it: twilio-numbers list --friendly-name 'Order 4711'")
if err.request_id then
  print("Twilio's support can look for request " .. err.request_id .. ".")
end
os.exit(3)
