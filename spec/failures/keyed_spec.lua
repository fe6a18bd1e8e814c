-- No failure on the C side, in the modules or in SQLite, loses a number bought with an idempotency key or
-- buys one more. scenarios/keyed.lua says what must hold.
local failing_specs = require("spec.support.failing_specs")
local simulator = require("spec.support.simulator")

-- scenario, what it is, and how many calls of each group there are at the least
local SCENARIOS = {
  {
    "keyed",
    "a purchase with a key",
    memory = 30,
    system = 40,
    sqlite_memory = 190,
    stride = 3,
  },
  {
    "keyed_in_flight",
    "one in flight with a key",
    memory = 40,
    system = 60,
    sqlite_memory = 190,
    stride = 3,
  },
}
local GROUPS = { "memory", "system", "sqlite_memory" }

describe("while one call of the C side fails, with a journal", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  failing_specs.each(it, assert, twilio, SCENARIOS, GROUPS)
end)
