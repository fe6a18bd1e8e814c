-- A contender's size is that of its packages and their dependencies.
local sizes = require("bench.measure.sizes")

describe("the packages of a contender", function()
  it("are what it needs, at any depth, without what every Debian has", function()
    local set = {}
    for _, name in ipairs(sizes.packages("ca-certificates")) do
      set[name] = (set[name] or 0) + 1
    end
    assert.equal(1, set["ca-certificates"])
    assert.equal(1, set.openssl)
    assert.is_nil(set.libc6)
  end)
end)
