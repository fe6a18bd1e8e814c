--- Random histories of processes that buy with keys, several numbers too, while others forget, prune and
--- recover: at any step of a call another process may run to its end, the process may die, the machine of the
--- store's clock restart, a write or a response be lost, and a purchase arrive late. HISTORIES=5000 runs more
--- of them.
local History = require("spec.support.history")

local SEEDS = tonumber(os.getenv("HISTORIES")) or 300

describe("any history of processes that share a journal", function()
  it("buys as many numbers as each key asks for, and hides none", function()
    local seen = {}
    for seed = 1, SEEDS do
      local history = History.new(seed)
      local called, problem = pcall(history.run, history)
      history:stop()
      assert(called, ("seed %d: %s\n%s"):format(seed, tostring(problem), history:told()))
      for event, count in pairs(history.events) do
        seen[event] = (seen[event] or 0) + count
      end
    end
    for _, event in ipairs(History.EVENTS) do
      assert.is_true((seen[event] or 0) > 0, event .. ": never")
    end
  end)
end)
