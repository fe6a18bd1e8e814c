-- Buys any number of an area: lua examples/buy_by_area_code.lua 415
--
-- With live credentials this costs money, but for the default: area code 500 is one for tests.
-- Each purchase by area code takes another number, so one that went unanswered must not simply be
-- repeated. This program shows what to do instead; see docs/money.md.
local numbers = require("twilio.numbers")

local client = assert(numbers.client())

local number, message, err = client:purchase {
  area_code = arg[1] or "500",
  friendly_name = "Order 4711", -- a name of this purchase alone, to find the number by
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

-- "unknown" or "yes": somebody has to look before anything is bought again.
print("Look for a number called Order 4711 in the Twilio console, or ask the API:")
print("  GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json?FriendlyName=Order%204711")
if err.request_id then
  print("Twilio's support can look for request " .. err.request_id .. ".")
end
os.exit(2)
