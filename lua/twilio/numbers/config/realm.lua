--- The realm of a client: the service that it buys from. Accounts in different realms are different accounts,
--- even with the same SID; reservations and the journal tell them apart by the realm.
local core = require("twilio.numbers.core")

local realm = {}

--- The realm of a base URL: "twilio" for all hosts of Twilio, which sell the same numbers in every region and
--- edge, else the origin of the URL.
---@param base_url string
---@return string
function realm.of_url(base_url)
  local url = assert(core.url(base_url))
  local host = url.host:lower():gsub("%.$", "")
  if ("." .. host):find("%.twilio%.com$") then
    return "twilio"
  end
  host = host:find(":", 1, true) and "[" .. host .. "]" or host
  local default = url.scheme == "https" and "443" or "80"
  local port = url.port ~= "" and url.port:gsub("^0+", "") or default
  return ("%s://%s%s"):format(url.scheme, host, port ~= default and ":" .. port or "")
end

--- The realm of a client. The option `realm` takes precedence: a proxy in front of Twilio is Twilio.
---@param config table of a client
---@return string
function realm.of(config)
  return config.realm or realm.of_url(config.base_url)
end

return realm
