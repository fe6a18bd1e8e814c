-- A package's dependencies are read from its Depends field like apt does.
local sizes = require("bench.measure.sizes")

describe("the packages that a Depends field asks for", function()
  local installed = { libc6 = {}, ["libssl3"] = {}, python3 = {}, ["libstdc++6"] = {}, mawk = {} }

  it("are the first installed one of each group", function()
    assert.same(
      { "libc6", "libssl3", "mawk" },
      sizes.dependencies(
        "libc6 (>= 2.34), libssl3|libssl1.1, gawk | mawk (= 1.3) | libc6",
        installed
      )
    )
  end)

  it("are named without an architecture, and omitted if not installed", function()
    assert.same(
      { "python3", "libstdc++6" },
      sizes.dependencies("python3:any (<< 3.12),  libstdc++6, missing, ", installed)
    )
  end)
end)
