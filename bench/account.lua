-- What the benchmarks buy, and for whom.
--   dofile("bench/account.lua")  ->  parameters, function(base_url, ca_file, options) -> client
local numbers = require("twilio.numbers")

local params = {
  phone_number = "+15005550006",
  friendly_name = "Front desk",
  voice_url = "https://example.com/voice",
  voice_method = "POST",
  voice_fallback_url = "https://example.com/voice/fallback",
  sms_url = "https://example.com/sms",
  sms_method = "POST",
  status_callback = "https://example.com/status",
  status_callback_method = "POST",
  address_sid = "AD" .. ("a"):rep(32),
}

local function new_client(base_url, ca_file, options)
  local all = {
    account_sid = "AC" .. ("0"):rep(32),
    auth_token = ("1"):rep(32),
    base_url = base_url,
    ca_file = ca_file,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(numbers.client(all))
end

return params, new_client
