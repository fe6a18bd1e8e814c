-- Searches, buys, lists and releases: lua examples/tour.lua 415
--
-- With live credentials this costs money: the price of a number for a month.
local numbers = require("twilio.numbers")

local client = assert(numbers.client())
local filter = { country = "US", type = "local", area_code = arg[1] or "415", sms_enabled = true }

-- What could be bought. Pages are fetched as they are read.
for number, message in
  assert(client:search("US", "local", { area_code = filter.area_code, limit = 3 }))
do
  print("for sale", assert(number, message).phone_number)
end

-- Any of them; when one has gone meanwhile, the next.
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
