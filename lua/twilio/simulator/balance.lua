-- The balance of a prepaid account. Pure.

local errors = require("twilio.simulator.errors")
local json = require("twilio.simulator.json")

local balance = {}

local START = "100.00"

---`GET Balance`: an account that is not prepaid has none.
function balance.fetch(_, call)
  local account = call.account
  local left = account.balance
  if left == nil then
    left = START
  elseif not left then
    return errors.not_found(call.path)
  end
  local fields = { account_sid = account.sid, balance = left, currency = "USD" }
  return json.response(200, json.encode(fields))
end

return balance
