-- A run of the benchmarks takes no longer than planned.
local rounds = require("bench.measure.rounds")

describe("a round of the benchmarks", function()
  local rows = { { "curl_easy", 10, 0 }, { "node", 10, 0, every = 3 } }

  it("is estimated from its rows' times, without those that are not due", function()
    local took = { curl_easy = 2, node = 5 }
    assert.equal(2, rounds.expected(rows, 2, took))
    assert.equal(7, rounds.expected(rows, 4, took))
  end)

  it("is estimated to take no time if it is the first, and always starts", function()
    assert.equal(0, rounds.expected(rows, 1, {}))
  end)
end)
