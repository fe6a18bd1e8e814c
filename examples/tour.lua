-- Searches, buys, lists and releases: lua examples/tour.lua AREA_CODE
--
-- Costs the price of a number for a month. Without an account, first:
--   eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

if not arg[1] then
  print("Usage: lua " .. arg[0] .. " AREA_CODE")
  os.exit(2)
end

local client = assert(numbers.client())
local filter = { country = "US", type = "local", area_code = arg[1], sms_enabled = true }

-- What can be bought. Pages are fetched as they are read.
for number, message in
  assert(client:search("US", "local", { area_code = filter.area_code, limit = 3 }))
do
  print("for sale", assert(number, message).phone_number)
end

-- Buys any of them: the next if one has been sold. If the response is lost, the number is looked up.
local bought, message, err = client:purchase_available(filter, { friendly_name = "Tour" })
if not bought then
  print(message)
  os.exit(err.purchased == "no" and 1 or 3)
end
print("bought", bought.phone_number, bought.sid)

for number, why in assert(client:list { friendly_name = "Tour" }) do
  print("owned", assert(number, why).phone_number)
end

assert(client:release(bought.sid))
print("released", bought.phone_number)
