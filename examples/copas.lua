-- Buys five numbers at once in copas: lua examples/copas.lua 415
--
-- With live credentials this costs money, but for the default: area code 500 is one for tests.
local copas = require("copas") -- on Lua 5.1 before socket.http
local numbers = require("twilio.numbers")

-- "auto" finds copas.loop(), but not who calls copas.step().
local client = assert(numbers.client { loop = "copas" })
local in_flight, failed = 0, 0

local function buy(name)
  local number, message, err = client:purchase {
    area_code = arg[1] or "500",
    friendly_name = name, -- to find the number by if the answer is lost
  }
  in_flight = in_flight - 1
  failed = failed + (number and 0 or 1)
  print(number and "bought " .. number.phone_number or err.purchased .. ": " .. message)
end

for i = 1, 5 do
  in_flight = in_flight + 1
  copas.addthread(buy, "Order " .. i)
end

while in_flight > 0 do
  copas.step()
end
os.exit(failed == 0 and 0 or 1)
