-- Purchases in flight, as a script does that waits for the descriptor.
--   lua bench/in_flight.lua BASE_URL CA_FILE COUNT IN_FLIGHT  ->  CPU and wall microseconds for each
local core = require("twilio.numbers.core")
local select = require("socket").select
local params, new_client = dofile("bench/account.lua")

local base_url, ca_file, count, in_flight = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
local client = new_client(base_url, ca_file, { max_in_flight = in_flight })

local left, bought
local function begin()
  if left > 0 then
    left = left - 1
    client:purchase_async(params, function(number, message)
      assert(number, message)
      bought = bought + 1
      begin()
    end)
  end
end

--- What luasocket's select asks for.
local descriptor = {
  getfd = function()
    return client:pollfd()
  end,
}
local readers = { descriptor }

local function buy(wanted)
  left, bought = wanted, 0
  for _ = 1, in_flight do
    begin()
  end
  while bought < wanted do
    local before = bought
    client:poll()
    if bought == before then
      select(readers, nil, client:timeout())
    end
  end
end

buy(50 * in_flight) -- connections are opened a few at a time
local cpu, wall = os.clock(), core.now()
buy(count)
if count > 0 then
  print(("%.2f %.2f"):format((os.clock() - cpu) * 1e6 / count, (core.now() - wall) * 1e6 / count))
end
client:close()
