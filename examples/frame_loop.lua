-- Buys five numbers from a game's frame loop: lua examples/frame_loop.lua 415
--
-- With live credentials this buys five numbers, and Twilio charges for them.
local numbers = require("twilio.numbers")
local socket = require("socket")

local client = assert(numbers.client())
local frames, bought = 0, 0

local function on_bought(number, message, err)
  if number then
    bought = bought + 1
    print("bought " .. number.phone_number)
  else
    print(err.purchased .. ": " .. message)
  end
end

for i = 1, 5 do
  client:purchase_available_async(
    { country = "US", area_code = arg[1] or "415" },
    { friendly_name = "Order " .. i },
    on_bought
  )
end

repeat
  local in_flight = client:poll() -- takes microseconds; runs on_bought
  -- here the game moves and draws
  frames = frames + 1
  socket.sleep(1 / 60)
until in_flight == 0

client:close(5) -- lets the last purchases finish, for up to 5 s
print(("%d of 5 bought, in more than one frame: %s"):format(bought, frames > 1 and "yes" or "no"))
os.exit(bought == 5 and 0 or 1)
