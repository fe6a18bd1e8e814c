-- Tests a program that buys numbers, without a network: lua examples/custom_transport.lua
--
-- A transport is a function that sends one request. This one sends nothing and answers from a
-- list. For a whole Twilio in the process of a test see docs/testing.md.
local numbers = require("twilio.numbers")

local requests = {}
local answers = {
  { status = 429, headers = { ["Retry-After"] = "1" }, body = '{"code": 20429}' },
  {
    status = 201,
    headers = { ["Content-Type"] = "application/json" },
    body = '{"sid": "PN' .. ("0"):rep(32) .. '", "phone_number": "+14155550100"}',
  },
}

local function transport(request)
  requests[#requests + 1] = request
  local answer = table.remove(answers, 1)
  if answer then
    return answer
  end
  return nil, "the cable is cut", "network" -- may have been sent; "connect": certainly not
end

local waited = 0
local client = assert(numbers.client {
  account_sid = "AC" .. ("0"):rep(32),
  auth_token = "not-a-real-token",
  transport = transport,
  loop = {
    sleep = function(seconds) -- a test need not wait either
      waited = waited + seconds
    end,
  },
})

local number = assert(client:purchase { phone_number = "+14155550100" })
assert(number.phone_number == "+14155550100")
assert(#requests == 2 and requests[1].body == "PhoneNumber=%2B14155550100")
assert(waited >= 1, "Retry-After is obeyed")
print("429, then bought: " .. number.phone_number .. " after " .. #requests .. " requests")

local none, message, err = client:purchase { phone_number = "+14155550101" }
assert(none == nil and err.purchased == "unknown")
assert(requests[3].method == "POST" and requests[4].method == "GET", "the number is looked up")
print("cable cut: " .. message)
