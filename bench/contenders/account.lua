-- The order as twilio-numbers takes it, and a client for it.
local numbers = require("twilio.numbers")
local order = require("order")

local account = { params = {} }

for name, value in pairs(order.params) do
  account.params[name:gsub("%u", "_%0"):sub(2):lower()] = value
end

---@param server { url: string, ca_file: string }
---@param options? table more options for the client
function account.client(server, options)
  local all = {
    account_sid = order.account_sid,
    auth_token = order.auth_token,
    base_url = server.url,
    ca_file = server.ca_file,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(numbers.client(all))
end

return account
