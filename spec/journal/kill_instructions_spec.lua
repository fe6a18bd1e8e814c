-- A process that buys with an idempotency key is killed at each of its instructions in Lua, and the key buys
-- one number all the same. (At calls into the system: kill_calls_spec.lua.)
-- Every instruction, with each store: make kills JOURNAL=sqlite, JOURNAL=postgresql.
local keyed_specs = require("spec.support.keyed_specs")
local simulator = require("spec.support.simulator")

local WAYS = {
  { "blocking", "waits", stride = 37 * 5 },
  { "in_flight", "is in flight", stride = 37 * 9 },
}

describe("a key buys one number when its process is killed at an instruction and it", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local journal, remove

  setup(function()
    journal, remove = keyed_specs.new_journal()
  end)

  teardown(function()
    remove()
  end)

  for _, way in ipairs(WAYS) do
    it(way[2], function()
      local first, stride = keyed_specs.places(way.stride)
      local job =
        { how = "instructions", way = way[1], journal = journal, first = first, stride = stride }
      keyed_specs.check(assert, "spec.support.keyed_kills", twilio, job)
    end)
  end
end)
