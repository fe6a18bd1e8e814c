--- Clients of a simulator, for specs.
local numbers = require("twilio.numbers")

local clients = {}

--- A client that does not really sleep between attempts, with the given options.
---@param twilio table a simulator
---@param options? table
function clients.of(twilio, options)
  local all = {
    account_sid = twilio.account_sid,
    auth_token = twilio.auth_token,
    base_url = twilio.base_url,
    ca_file = twilio.ca_file,
    loop = { sleep = function() end },
  }
  for name, value in pairs(options or {}) do
    all[name] = value or nil
  end
  return assert(numbers.client(all))
end

return clients
