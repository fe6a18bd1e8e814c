-- A process that buys with an idempotency key is killed before and after each of its system calls, and the
-- key buys one number all the same: which the next process with the key returns, and the one after it, too.
-- Every call, with each store: make kills JOURNAL=sqlite, JOURNAL=postgresql.
local keyed_specs = require("spec.support.keyed_specs")
local simulator = require("spec.support.simulator")

local WAYS = {
  { "blocking", "waits, over HTTP/1.1", stride = 5 },
  { "in_flight", "is in flight, over HTTP/2", stride = 11 },
  { "messaging", "puts the number into a Messaging Service, which it does, too", stride = 11 },
}

describe(
  "a key buys one number when its process is killed at a call into the system and it",
  function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
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
          { how = "calls", way = way[1], journal = journal, first = first, stride = stride }
        keyed_specs.check(assert, "spec.support.keyed_kills", twilio, job, "spec_killing")
      end)
    end
  end
)
