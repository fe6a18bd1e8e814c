-- No failure on the C side hides a number or buys one more, in blocking calls. Each call fails once;
-- spec/support/failing_runs.lua says what must hold then.
local failing_specs = require("spec.support.failing_specs")
local simulator = require("spec.support.simulator")

-- scenario, what it is, and how many calls of each group there are at the least
local SCENARIOS = {
  { "loaded", "the first purchase of a process", memory = 7, system = 11, curl = 50 },
  { "blocking", "two purchases", memory = 7, libcurl_memory = 110, libcurl_system = 30 },
  {
    "retried",
    "a purchase that is sent again, with a new token",
    memory = 8,
    system = 10,
    curl = 60,
  },
  { "looked_up", "a purchase whose answer is lost", memory = 7, system = 7, curl = 50 },
  { "owned", "a number's life", memory = 9, system = 12, curl = 70 },
  { "widened", "a purchase that needs the whole trust store", memory = 6, curl = 50 },
}
local GROUPS = { "memory", "system", "curl", "libcurl_memory", "libcurl_system" }

describe("while one call of the C side fails", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  failing_specs.each(it, assert, twilio, SCENARIOS, GROUPS)
end)
