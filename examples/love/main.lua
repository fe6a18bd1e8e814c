-- Buys a number for each order that the command line names: love examples/love order-1042 order-1043
--
-- With live credentials this buys numbers, and Twilio charges for them. See docs/hosts/game-server.md.
local numbers = require("twilio.numbers")

local client = assert(numbers.client()) -- with a journal, which TWILIO_NUMBERS_JOURNAL names

local function buy(order, area_code)
  client:purchase_available_async(
    { country = "US", area_code = area_code },
    { friendly_name = order },
    { idempotency_key = order }, -- however often it is bought for: one number
    function(number, message)
      print(order, number and number.phone_number or message)
    end
  )
end

function love.load(orders)
  for _, order in ipairs(orders) do
    buy(order, "415")
  end
end

function love.update()
  client:poll() -- takes microseconds; runs the callbacks
end

function love.quit()
  client:close(5) -- lets the last purchases finish, for up to 5 s
end
