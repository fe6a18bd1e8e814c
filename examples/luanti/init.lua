-- Buys phone numbers, once for each order. How to install this mod: docs/hosts/game-server.md.
local server = core.request_insecure_environment()
if not server then
  error("name twilio_numbers in secure.trusted_mods of the server's configuration")
end

local options = core.settings:get("secure.twilio_numbers") -- a file; no mod can change this setting
if not options then
  error("name the file of the client's options in secure.twilio_numbers")
end

local folder = core.get_modpath("twilio_numbers")
local path, cpath = server.package.path, server.package.cpath
server.package.path = ("%s/lib/?.lua;%s/lib/?/init.lua;%s"):format(folder, folder, path)
server.package.cpath = ("%s/lib/?.so;%s"):format(folder, cpath)

-- The globals of the library: while it loads, those of the server, in which `require` works; then those
-- that every mod has. So no other mod can reach `require` by way of the library.
local globals = { __index = server }

local function new_client()
  server.setfenv(0, server.setmetatable({}, globals)) -- of this coroutine, and of what it loads
  return server.require("twilio.numbers").client(server.dofile(options))
end

local loaded, client, message = server.coroutine.resume(server.coroutine.create(new_client))
globals.__index = _G
assert(loaded, client)
assert(client, message)

twilio_numbers = {}

--- Begins to buy a number for an order. However often it is called for the same order, and wherever the
--- server stops in between, the order buys one number.
---@param order string at most 64 characters
---@param area_code string
---@param callback fun(phone_number: string?, message: string?, err: table?) called in a later step
function twilio_numbers.buy(order, area_code, callback)
  client:purchase_available_async(
    { country = "US", area_code = area_code },
    { friendly_name = order },
    { idempotency_key = order },
    function(number, why, err)
      callback(number and number.phone_number, why, err)
    end
  )
end

core.register_globalstep(function()
  for _ = 1, 10 do -- a step is long, and a poll handles as little as two results
    client:poll() -- takes microseconds; runs the callbacks
  end
end)

core.register_on_shutdown(function()
  client:close(5) -- lets the last purchases finish, up to 5 s
end)

core.register_privilege("buy_numbers", {
  description = "Can buy phone numbers",
  give_to_singleplayer = false,
})

core.register_chatcommand("buy_number", {
  params = "<area code> <order>",
  description = "Buy a phone number for an order",
  privs = { buy_numbers = true },
  func = function(player, words)
    local area_code, order = words:match("^(%d+) (%S+)$")
    if not order then
      return false
    end
    twilio_numbers.buy(order, area_code, function(phone_number, why)
      core.chat_send_player(player, ("%s: %s"):format(order, phone_number or why))
    end)
    return true, order .. ": buying"
  end,
})
