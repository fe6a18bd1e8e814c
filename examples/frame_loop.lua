-- Buys five numbers from a game's frame loop: lua examples/frame_loop.lua AREA_CODE
--
-- Costs money. Without an account, first: eval "$(twilio-simulator --background --export)"
-- Needs LuaSocket, to sleep for a frame.
local numbers = require("twilio.numbers")
local socket = require("socket")

if not arg[1] then
  print("Usage: lua " .. arg[0] .. " AREA_CODE")
  os.exit(2)
end

local client = assert(numbers.client())
local filter = { country = "US", area_code = arg[1] }
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
  client:purchase_available_async(filter, { friendly_name = "Order " .. i }, on_bought)
end

repeat
  local in_flight = client:poll() -- microseconds; calls on_bought
  -- here the game moves and draws
  frames = frames + 1
  socket.sleep(1 / 60)
until in_flight == 0

client:close(5) -- at the end of a game: lets the last purchases finish, up to 5 s
print(("%d of 5 bought, in more than one frame: %s"):format(bought, frames > 1 and "yes" or "no"))
os.exit(bought == 5 and 0 or 1)
