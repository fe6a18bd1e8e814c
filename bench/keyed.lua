-- Measures the cost of an idempotency key: CPU time of the process and wall time, for one purchase at a time
-- and for many in flight, with and without a key in turn; medians.
--   LUA=5.4 bench/lua bench/keyed.lua [ROUNDS [PURCHASES]]
-- Starts the simulator, and PostgreSQL if the machine has it.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")
local statistics = require("bench.statistics")

local rounds, purchases = tonumber(arg[1]) or 5, tonumber(arg[2]) or 100
local FILTER = { country = "US", area_code = "415" }

local twilio = simulator.start()
local path = os.tmpname()
os.remove(path)
local server = not postgresql.is_missing("bench/keyed.lua") and postgresql.start() or nil

local variants = {
  { name = "without a key" },
  { name = "SQLite", journal = assert(numbers.journal(path, { create = true })) },
}
if server then
  local conninfo = "postgresql:" .. server:conninfo()
  variants[3] = { name = "PostgreSQL", journal = assert(numbers.journal(conninfo)) }
end
for _, variant in ipairs(variants) do
  variant.client = clients.of(twilio, { journal = variant.journal, loop = "block" })
end

local keys = 0
local function options_of(variant)
  keys = keys + 1
  return variant.journal and { idempotency_key = "bench-" .. keys } or nil
end

local WAYS = {
  ["one at a time"] = function(variant)
    for _ = 1, purchases do
      assert(variant.client:purchase_available(FILTER, {}, options_of(variant)))
    end
  end,
  ["in flight"] = function(variant)
    local client, failure = variant.client, nil
    local function note(number, message)
      failure = failure or (not number and message)
    end
    for _ = 1, purchases do
      assert(client:purchase_available_async(FILTER, {}, options_of(variant), note))
    end
    while client:poll() > 0 do
      core.sleep(0.0005)
    end
    assert(not failure, failure)
  end,
}

local function measure(variant, buy)
  local cpu, wall = os.clock(), core.now()
  buy(variant)
  table.insert(variant.cpu, (os.clock() - cpu) / purchases * 1e6)
  table.insert(variant.wall, (core.now() - wall) / purchases * 1e3)
end

for _, way in ipairs { "one at a time", "in flight" } do
  for _, variant in ipairs(variants) do
    variant.cpu, variant.wall = {}, {}
  end
  for _ = 1, rounds do
    for _, variant in ipairs(variants) do
      measure(variant, WAYS[way])
    end
  end
  for _, variant in ipairs(variants) do
    local cpu, wall = statistics.summary(variant.cpu), statistics.summary(variant.wall)
    local line = "%-14s %-14s CPU %6.0f us, wall %7.2f ms a purchase"
    print(line:format(way, variant.name, cpu.median, wall.median))
  end
end

for _, variant in ipairs(variants) do
  variant.client:close()
  if variant.journal then
    variant.journal:close()
  end
end
twilio:stop()
if server then
  server:stop()
end
os.remove(path)
