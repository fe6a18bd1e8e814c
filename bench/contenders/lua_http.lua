-- lua-http 0.4 with kept connections, see lua_http_purchase.lua. Many in flight are as many coroutines of
-- cqueues: over HTTP/1.1 with a connection each, over HTTP/2 with one connection for all.
local cqueues = require("cqueues")
local order = require("order")

local arguments = order.arguments()
local connect, purchase = require("lua_http_purchase").of(arguments)
local kept = {}

local function run(coroutines)
  local loop = cqueues.new()
  for _, coroutine_of in ipairs(coroutines) do
    loop:wrap(coroutine_of)
  end
  assert(loop:loop())
end

local function buy(count)
  local left, buyers = count, {}
  for i = 1, arguments.in_flight do
    local slot = arguments.http == 2 and 1 or i
    buyers[i] = function()
      while left > 0 do
        left = left - 1
        kept[slot] = kept[slot] or connect()
        purchase(kept[slot])
      end
    end
  end
  run(buyers)
end

if arguments.http == 2 then -- one connection, before many need it at once
  run {
    function()
      kept[1] = connect()
    end,
  }
end
order.measure(buy, arguments)
