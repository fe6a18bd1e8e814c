-- Buys five numbers at once in cqueues, while another coroutine runs: lua examples/cqueues.lua 415
--
-- With live credentials this buys five numbers, and Twilio charges for them.
local cqueues = require("cqueues")
local numbers = require("twilio.numbers")

local client = assert(numbers.client())
local controller = cqueues.new()
local in_flight, failed, beats = 0, 0, 0

for i = 1, 5 do
  in_flight = in_flight + 1
  controller:wrap(function()
    local number, message, err = client:purchase_available(
      { country = "US", area_code = arg[1] or "415" },
      { friendly_name = "Order " .. i }
    )
    in_flight = in_flight - 1
    failed = failed + (number and 0 or 1)
    print(number and "bought " .. number.phone_number or err.purchased .. ": " .. message)
  end)
end

controller:wrap(function()
  while in_flight > 0 do -- whatever else your program does
    beats = beats + 1
    cqueues.sleep(0.001)
  end
end)

assert(controller:loop()) -- ends when all is bought
print("meanwhile the other coroutine ran: " .. (beats > 1 and "yes" or "no"))
os.exit(failed == 0 and 0 or 1)
