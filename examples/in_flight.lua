-- Buys five numbers at once in a plain script: lua examples/in_flight.lua 415
--
-- With live credentials this buys five numbers, and Twilio charges for them.
local numbers = require("twilio.numbers")

local client = assert(numbers.client())
local pendings = {}

for i = 1, 5 do
  pendings[i] = assert(
    client:purchase_available_async(
      { country = "US", area_code = arg[1] or "415" },
      { friendly_name = "Order " .. i }
    )
  )
end

-- All five are in flight. Waiting for one advances the others.
local failed = 0
for _, pending in ipairs(pendings) do
  local number, message, err = pending:wait()
  if number then
    print("bought " .. number.phone_number)
  else
    failed = failed + 1
    print(err.purchased .. ": " .. message)
  end
end
os.exit(failed == 0 and 0 or 1)
