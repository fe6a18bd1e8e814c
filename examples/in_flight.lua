-- Buys five numbers at once in a plain script: lua examples/in_flight.lua AREA_CODE
--
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
local numbers = require("twilio.numbers")

if not arg[1] then
  print("Usage: lua " .. arg[0] .. " AREA_CODE")
  os.exit(2)
end

local client = assert(numbers.client())
local filter = { country = "US", area_code = arg[1] }
local futures = {}

for i = 1, 5 do
  futures[i] = client:purchase_available_async(filter, { friendly_name = "Order " .. i })
end

-- All five are in flight. Each wait moves the others on, too.
local failed = 0
for _, future in ipairs(futures) do
  local number, message, err = future:wait()
  if number then
    print("bought " .. number.phone_number)
  else
    failed = failed + 1
    print(err.purchased .. ": " .. message)
  end
end
os.exit(failed == 0 and 0 or 1)
