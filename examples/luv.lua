-- Buys five numbers at once in luv, while a timer runs: lua examples/luv.lua AREA_CODE
--
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
-- Not from its own folder, where require("luv") finds this file on some Luas.
local uv = require("luv")
local numbers = require("twilio.numbers")

if not arg[1] then
  print("Usage: lua " .. arg[0] .. " AREA_CODE")
  os.exit(2)
end

local client = assert(numbers.client())
local filter = { country = "US", area_code = arg[1] }
local in_flight, failed, beats = 0, 0, 0

local timer = uv.new_timer()
timer:start(0, 1, function() -- whatever else your program does
  beats = beats + 1
  if in_flight == 0 then
    timer:close()
  end
end)

local function buy(name)
  local number, message, err = client:purchase_available(filter, { friendly_name = name })
  in_flight = in_flight - 1
  failed = failed + (number and 0 or 1)
  print(number and "bought " .. number.phone_number or err.purchased .. ": " .. message)
end

for i = 1, 5 do
  in_flight = in_flight + 1
  coroutine.wrap(buy)("Order " .. i)
end

uv.run() -- ends when all is bought
print("meanwhile the timer ran: " .. (beats > 1 and "yes" or "no"))
os.exit(failed == 0 and 0 or 1)
