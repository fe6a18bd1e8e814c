-- lua-http 0.4 over HTTP/1.1, see lua_http_purchase.lua: a coroutine of cqueues and a kept connection for
-- each purchase in flight.
local cqueues = require("cqueues")
local order = require("order")

local arguments = order.arguments()
local connect, purchase = require("lua_http_purchase").of(arguments)
local kept = {}

local function buy(count)
  local left, loop = count, cqueues.new()
  for i = 1, arguments.in_flight do
    loop:wrap(function()
      while left > 0 do
        left = left - 1
        kept[i] = kept[i] or connect()
        purchase(kept[i])
      end
    end)
  end
  assert(loop:loop())
end

order.measure(buy, arguments)
