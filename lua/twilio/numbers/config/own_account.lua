--- What belongs to the account whose credentials ask, and to no other: the products of Twilio name no account
--- in their paths.
local own_account = {}

own_account.PREFLIGHT = "preflight cannot be used with another account_sid: the bundles that it reads belong"
  .. " to the account of the credentials"

--- Whether an account is the one that the credentials belong to.
---@param config table of a client
---@param account_sid any of a call; nil: it has none of its own. One that is no text is a problem by itself
function own_account.is_own(config, account_sid)
  return type(account_sid) ~= "string" or account_sid:lower() == config.account_sid:lower()
end

return own_account
