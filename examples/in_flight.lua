-- Buys five numbers at once in a plain script: lua examples/in_flight.lua 415
--
-- With live credentials this costs money, but for the default: area code 500 is one for tests.
local numbers = require("twilio.numbers")

local client = assert(numbers.client())
local pendings = {}

for i = 1, 5 do
  pendings[i] = assert(client:purchase_async {
    area_code = arg[1] or "500",
    friendly_name = "Order " .. i, -- to find the number by if the answer is lost
  })
end

-- All five are on their way. Each is waited for in turn; the others go on meanwhile.
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
