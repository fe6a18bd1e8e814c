-- Buys five numbers at once in Copas: lua examples/copas.lua AREA_CODE
--
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
-- Not from its own folder, where require("copas") finds this file on some Luas.
local copas = require("copas") -- on Lua 5.1 before socket.http
local numbers = require("twilio.numbers")

if not arg[1] then
  print("Usage: lua " .. arg[0] .. " AREA_CODE")
  os.exit(2)
end

-- "auto" finds copas.loop(), but not a program that calls copas.step().
local client = assert(numbers.client { loop = "copas" })
local filter = { country = "US", area_code = arg[1] }
local in_flight, failed = 0, 0

local function buy(name)
  local number, message, err = client:purchase_available(filter, { friendly_name = name })
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
