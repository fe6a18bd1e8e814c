-- twilio-numbers, one purchase after the other: client:purchase() in a script. It checks all parameters,
-- encodes them, and returns the number as a table.
local account = require("account")
local order = require("order")

local arguments = order.arguments()
local client = account.client(arguments)
local params = account.params

local function buy(count)
  for _ = 1, count do
    assert(client:purchase(params))
    order.answered()
  end
end

order.measure(buy, arguments)
client:close()
