--- The balance of a prepaid account: GET /2010-04-01/Accounts/{AccountSid}/Balance.json
--- (https://www.twilio.com/docs/usage/api/account-balance). Used by preflight.lua.
local money = require("twilio.numbers.api.money")

local balance = {}

--- The statuses of an account without a balance, and of credentials that may not read it.
local NONE = { [401] = true, [403] = true, [404] = true }

---@class twilio.numbers.Balance
---@field amount string|false false: below zero
---@field currency string three capital letters

--- Reads a balance, for Call:ask().
---@return twilio.numbers.Balance? balance
---@return string? why the response cannot be read
local function read(response)
  local body, why = response:json()
  if not body then
    return nil, why
  end
  local text, currency = body.balance, body.currency
  local is_negative = (type(text) == "string" and text:find("^%-%d") ~= nil)
    or (type(text) == "number" and text < 0)
  local amount = not is_negative and money.parse(text)
  local is_currency = type(currency) == "string" and currency:find("^%a%a%a$")
  if not is_currency or not (amount or is_negative) then
    return nil, "it has no balance"
  end
  return { amount = amount, currency = currency:upper() }
end

--- The balance of the account.
---@param call table
---@return twilio.numbers.Balance|false|nil balance false: there is none, or the credentials may not read it
---@return table? outcome
function balance.read(call)
  local found, outcome = call:ask("GET", call:url("Balance.json"), nil, read)
  if not found and NONE[outcome.status] then
    return false
  end
  return found, outcome
end

return balance
