-- Measures the cost of an idempotency key: CPU time of the process and wall time, for one purchase at a time
-- and for many in flight, with and without a key in turn; medians.
--   LUA=5.4 bench/keyed [ROUNDS [PURCHASES]]       starts the simulator, and PostgreSQL if the machine has it
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")

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
  variant.seconds = {}
end

local keys = 0
local function options_of(variant)
  keys = keys + 1
  return variant.journal and { idempotency_key = "bench-" .. keys } or nil
end

local WAYS = {
  ["one at a time"] = function(variant, count)
    for _ = 1, count do
      assert(variant.client:purchase_available(FILTER, {}, options_of(variant)))
    end
  end,
  ["in flight"] = function(variant, count)
    local failure
    for _ = 1, count do
      assert(
        variant.client:purchase_available_async(
          FILTER,
          {},
          options_of(variant),
          function(number, message)
            failure = failure or (not number and message)
          end
        )
      )
    end
    while variant.client:poll() > 0 do
      core.sleep(0.0005)
    end
    assert(not failure, failure)
  end,
}

local function measure(variant, way)
  local cpu, wall = os.clock(), core.now()
  WAYS[way](variant, purchases)
  local all = variant.seconds[way] or { cpu = {}, wall = {} }
  variant.seconds[way] = all
  all.cpu[#all.cpu + 1] = (os.clock() - cpu) / purchases * 1e6
  all.wall[#all.wall + 1] = (core.now() - wall) / purchases * 1e3
end

local function median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

for _, way in ipairs { "one at a time", "in flight" } do
  for _ = 1, rounds do
    for _, variant in ipairs(variants) do
      measure(variant, way)
    end
  end
  for _, variant in ipairs(variants) do
    local all = variant.seconds[way]
    print(
      ("%-14s %-14s CPU %6.0f us, wall %7.2f ms a purchase"):format(
        way,
        variant.name,
        median(all.cpu),
        median(all.wall)
      )
    )
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
