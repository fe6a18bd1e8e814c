-- The benchmarks' figures are computed from rounds correctly.
local Figures = require("bench.report.figures")
local layout = require("bench.report.layout")
local statistics = require("bench.statistics")

describe("the benchmarks' statistics", function()
  it("find the middle of an odd and of an even number of values, in any order", function()
    assert.equal(3, statistics.summary({ 5, 1, 3 }).median)
    assert.equal(2.5, statistics.summary({ 4, 1, 3, 2 }).median)
    assert.equal(7, statistics.summary({ 7 }).median)
  end)

  it("find the quartiles, interpolated between neighbours", function()
    assert.same({ median = 3, low = 2, high = 4, count = 5 }, statistics.summary { 1, 2, 3, 4, 5 })
    local summary = statistics.summary { 40, 10, 30, 20 }
    assert.same({ 17.5, 25, 32.5 }, { summary.low, summary.median, summary.high })
  end)

  it("do not modify the list", function()
    local list = { 3, 1, 2 }
    statistics.summary(list)
    assert.same({ 3, 1, 2 }, list)
  end)

  it("compare within a round, and only in rounds that have both", function()
    local slow = { round = { 1, 3, 5 }, cpu_us = { 20, 90, 7 } }
    local base = { round = { 1, 3, 4 }, cpu_us = { 10, 30, 1000 } }
    assert.same({ 2, 3 }, statistics.ratios(slow, base, "cpu_us"))
  end)

  it("are not distorted by a disturbance that lasts a round", function()
    local results = {
      parts = {
        one_at_a_time = {
          rows = {
            curl_easy = { round = { 1, 2, 3 }, cpu_us = { 10, 50, 10 } },
            node = { round = { 1, 2, 3 }, cpu_us = { 80, 400, 80 } },
          },
        },
      },
    }
    local figures = Figures.of(results)
    assert.same(
      { median = 8, low = 8, high = 8, count = 3 },
      figures:ratio("node", "one_at_a_time", "curl_easy")
    )
    assert.is_nil(figures:ratio("python", "one_at_a_time", "curl_easy"))
    assert.is_nil(figures:median("node", "start", "cpu_us"))
  end)

  it("give the cost of each purchase beyond the first, and of each in flight", function()
    local function row(field, value)
      return { round = { 1 }, [field] = { value } }
    end
    local figures = Figures.of {
      parts = {
        growth = {
          rows = {
            ["node x1000"] = row("process_cpu_s", 1),
            ["node x10000"] = row("process_cpu_s", 1.9),
          },
        },
        waiting_1 = { rows = { node = row("peak_mb", 70) } },
        waiting_100 = { rows = { node = row("peak_mb", 169) } },
      },
    }
    assert.equal(100, math.floor(figures:marginal_cpu("node", 1000, 10000) + 0.5))
    assert.equal(1024, figures:memory_of_one("node", 100))
  end)

  it("are written with three significant digits", function()
    local written = {}
    for i, value in ipairs { 0.25, 1.234, 66.66, 99.96, 123.4, 999.6, 29876, 1234567 } do
      written[i] = layout.number(value)
    end
    assert.same({ "0.25", "1.23", "66.7", "100", "123", "1,000", "29,876", "1,234,567" }, written)
  end)
end)
