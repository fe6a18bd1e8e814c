-- Buys five numbers at once in cqueues, while another coroutine runs:
--   lua examples/cqueues.lua AREA_CODE
--
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
-- Not from its own folder, where require("cqueues") finds this file on some Luas.
local cqueues = require("cqueues")
local numbers = require("twilio.numbers")

if not arg[1] then
  print("Usage: lua " .. arg[0] .. " AREA_CODE")
  os.exit(2)
end

local client = assert(numbers.client())
local filter = { country = "US", area_code = arg[1] }
local controller = cqueues.new()
local in_flight, failed, beats = 0, 0, 0

local function buy(name)
  local number, message, err = client:purchase_available(filter, { friendly_name = name })
  in_flight = in_flight - 1
  failed = failed + (number and 0 or 1)
  print(number and "bought " .. number.phone_number or err.purchased .. ": " .. message)
end

for i = 1, 5 do
  in_flight = in_flight + 1
  controller:wrap(buy, "Order " .. i)
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
