-- twilio-numbers, many in flight: client:purchase_async(), and a script that sleeps in luasocket's select
-- until the client's descriptor is readable. It checks, encodes and decodes as client:purchase() does.
local account = require("account")
local order = require("order")
local socket = require("socket")

local arguments = order.arguments()
local client = account.client(arguments, { max_in_flight = arguments.in_flight })
local params = account.params

local left, bought, answered

local function begin()
  if left > 0 then
    left = left - 1
    client:purchase_async(params, answered)
  end
end

-- One function for all purchases, so that a purchase's garbage is the library's.
function answered(number, message)
  assert(number, message)
  order.answered()
  bought = bought + 1
  begin()
end

-- What luasocket's select asks for.
local descriptor = {
  getfd = function()
    return client:pollfd()
  end,
}
local readers = { descriptor }

local function buy(count)
  left, bought = count, 0
  for _ = 1, arguments.in_flight do
    begin()
  end
  while bought < count do
    local before = bought
    client:poll()
    if bought == before then
      socket.select(readers, nil, client:timeout())
    end
  end
end

order.measure(buy, arguments)
client:close()
