-- See bench/proof.
local books = require("spec.support.books")
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

local count, seed = tonumber(arg[1]) or 1000, tonumber(arg[2]) or os.time()
local twilio = simulator.start()
local failed = false

for _, url in ipairs { "base_url", "http_url" } do
  local wire = url == "base_url" and "HTTP/2 over TLS" or "plain HTTP/1.1"
  local client = clients.of(twilio, { base_url = twilio[url], retries = 1 })
  local figures = books.run(client, twilio, count, seed)
  client:close()
  local owned, wrong = twilio:state().owned, 0
  for _, number in ipairs(owned) do
    wrong = wrong + (figures.numbers[number.phone_number] == number.sid and 0 or 1)
  end
  print(wire .. ": " .. books.describe(figures, seed, #owned))
  failed = failed or wrong > 0 or #owned ~= figures.bought + figures.settled
  twilio:reset()
end
twilio:stop()
print(failed and "THE BOOKS DO NOT BALANCE" or "the books balance")
os.exit(failed and 1 or 0)
