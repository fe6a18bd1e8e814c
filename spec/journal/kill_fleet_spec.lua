-- A fleet of processes buys with idempotency keys, the same ones and others, on one journal; all of them are
-- killed at random moments, while their network and Twilio fail. Then each key has one number.
-- More of them: make kills JOURNAL=sqlite (or postgresql) KILLS=500 [SEED=...]
local keyed_specs = require("spec.support.keyed_specs")
local simulator = require("spec.support.simulator")

local KILLS = tonumber(os.getenv("KILLS")) or 20

describe("a fleet that is killed", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local journal, remove

  before_each(function()
    journal, remove = keyed_specs.new_journal()
  end)

  after_each(function()
    remove()
  end)

  it("has bought one number for each key and lost none once all are finished", function()
    local job = { journal = journal, kills = KILLS }
    keyed_specs.check(assert, "spec.support.keyed_fleet", twilio, job)
  end)
end)
