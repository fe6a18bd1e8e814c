-- Buys with Twilio's own test credentials, which cost nothing: `make live-test`.
-- Magic inputs: https://www.twilio.com/docs/iam/test-credentials
local numbers = require("twilio.numbers")

if not (os.getenv("TWILIO_ACCOUNT_SID") and os.getenv("TWILIO_AUTH_TOKEN")) then
  print("Not run: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to your account's test credentials.")
  os.exit(0)
end

local CASES = {
  { { phone_number = "+15005550006" }, "bought" },
  { { area_code = "500" }, "bought" },
  { { phone_number = "+15005550000" }, 21422 },
  { { phone_number = "+15005550001" }, 21421 },
  { { area_code = "533" }, 21452 },
}

local client = assert(numbers.client())
local failed = 0
for _, case in ipairs(CASES) do
  local params, expected = case[1], case[2]
  local number, message, err = client:purchase(params)
  local got = number and "bought" or err.code
  local right = got == expected
  failed = failed + (right and 0 or 1)
  print(
    ("%-6s %-14s %s"):format(
      right and "ok" or "FAILED",
      params.phone_number or params.area_code,
      number and number.sid or message
    )
  )
end
client:close()
print(("%d passed, %d failed"):format(#CASES - failed, failed))
os.exit(failed == 0 and 0 or 1)
