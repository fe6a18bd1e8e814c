--- The realm of a client: whose numbers it buys. Accounts of two realms have nothing to do with each other,
--- even under the same SID; reservations and the journal keep them apart by it.
local core = require("twilio.numbers.core")

local realm = {}

--- The realm that a base URL belongs to: "twilio" for all hosts of Twilio's, which sell the same numbers
--- whatever the region and the edge, and else the URL's origin.
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
