--- Requests that only work for the account of the credentials: the paths of Twilio's products name no
--- account.
local own_account = {}

own_account.PREFLIGHT = "preflight cannot be used with another account_sid: the bundles that it reads belong"
  .. " to the account of the credentials"

--- Whether an account is the one that the credentials belong to.
---@param config table of a client
---@param account_sid any of a call; nil: the client's. A value that is not a string is reported elsewhere
function own_account.is_own(config, account_sid)
  return type(account_sid) ~= "string" or account_sid:lower() == config.account_sid:lower()
end

return own_account
