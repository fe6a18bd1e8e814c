-- A run of the benchmarks takes no longer than planned.
local rounds = require("bench.measure.rounds")

describe("a round of the benchmarks", function()
  it("is the first, however long it will take", function()
    assert.is_true(rounds.fits(1, 0, 0))
  end)

  it("is begun if it would end in time, going by those before", function()
    assert.is_true(rounds.fits(3, 20, 30))
    assert.is_false(rounds.fits(4, 30, 30))
    assert.is_false(rounds.fits(2, 16, 30))
  end)
end)
