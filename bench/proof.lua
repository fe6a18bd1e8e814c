-- Many purchases under random faults and restarts of the connection: by phone number, by area code and
-- whatever is available, blocking and in flight, with 0 to 3 retries. Checks that the account owns exactly
-- what was reported as bought. Prints the figures and the seed; the same seed makes the same purchases and
-- the same faults.
--   CALLS=1000 SEED=... WIRE=https LUA=5.4 bench/lua bench/proof.lua     CALLS: up to 15000
--     WAY: blocking, so that nothing is in flight, and a seed repeats all of it; default: both ways
--     WIRE: https (HTTP/2 in flight, HTTP/1.1 to block) or http (HTTP/1.1); both by default
local books = require("spec.support.books")
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

local WIRES = {
  { name = "https", url = "base_url", says = "HTTPS, HTTP/2 in flight" },
  { name = "http", url = "http_url", says = "plain HTTP/1.1" },
}

local count, seed = tonumber(os.getenv("CALLS")) or 1000, tonumber(os.getenv("SEED")) or os.time()
local only = os.getenv("WIRE") or ""
local twilio = simulator.start()
local ran, failed = false, false
io.stdout:setvbuf("line")

local function prove(wire)
  print(("%s: %d calls, SEED=%d"):format(wire.says, count, seed))
  local client = clients.of(twilio, { base_url = twilio[wire.url] })
  local all_block = os.getenv("WAY") == "blocking"
  local well, figures = pcall(books.run, client, twilio, count, seed, all_block)
  client:close()
  local state = twilio:state()
  local trouble = not well and tostring(figures) or books.trouble(figures, state, count)
  if well then
    print("  " .. books.describe(figures, seed, #state.owned))
    for way, calls in pairs(figures.ways) do
      print(("  %-24s %d"):format(way, calls))
    end
  end
  if trouble then
    print("  THE BOOKS DO NOT BALANCE: " .. trouble)
  end
  ran, failed = true, failed or trouble ~= nil
  twilio:reset()
end

for _, wire in ipairs(WIRES) do
  if only == "" or only == wire.name then
    prove(wire)
  end
end
twilio:stop()
print(not ran and "WIRE is https or http" or failed and "something is wrong" or "the books balance")
os.exit(ran and not failed and 0 or 1)
