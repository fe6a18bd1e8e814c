-- Buys five numbers at once in luv, while a timer runs: lua examples/luv.lua 415
--
-- With live credentials this buys five numbers, and Twilio charges for them.
local uv = require("luv")
local numbers = require("twilio.numbers")

local client = assert(numbers.client())
local in_flight, failed, beats = 0, 0, 0

local timer = uv.new_timer()
timer:start(0, 1, function() -- whatever else your program does
  beats = beats + 1
  if in_flight == 0 then
    timer:close()
  end
end)

for i = 1, 5 do
  in_flight = in_flight + 1
  coroutine.wrap(function()
    local number, message, err = client:purchase_available(
      { country = "US", area_code = arg[1] or "415" },
      { friendly_name = "Order " .. i }
    )
    in_flight = in_flight - 1
    failed = failed + (number and 0 or 1)
    print(number and "bought " .. number.phone_number or err.purchased .. ": " .. message)
  end)()
end

uv.run() -- ends when all is bought
print("meanwhile the timer ran: " .. (beats > 1 and "yes" or "no"))
os.exit(failed == 0 and 0 or 1)
