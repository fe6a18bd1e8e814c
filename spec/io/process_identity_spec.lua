-- Which process this is, and whether another has ended: csrc/io/process.c.
local core = require("twilio.numbers.core")
local interpreter = require("spec.support.interpreter")

local identity = core.process_identity()

describe("the identity of a process", function()
  it("is the same as long as it runs", function()
    assert.matches("^%d+:%d+:pid:%[%d+%]$", identity)
    assert.equal(identity, core.process_identity())
    assert.is_false(core.process_has_ended(identity))
  end)

  it("shows that another process has ended", function()
    local output = interpreter.output([[print(require("twilio.numbers.core").process_identity())]])
    local other = output:match("%S+")
    assert.not_equal(identity, other)
    assert.is_true(core.process_has_ended(other))
  end)

  it("is not taken for that of a later process with the same number", function()
    local later = identity:gsub(":%d+:", function(start)
      return (":%d:"):format(tonumber(start:match("%d+")) - 1)
    end)
    assert.is_true(core.process_has_ended(later))
  end)

  it("says nothing of processes that cannot be seen from here", function()
    for _, other in ipairs {
      (identity:gsub("%[%d+%]", "[1]")),
      "",
      "1",
      "x:1:pid:[1]",
      (identity:gsub("^%d+", "-1")),
    } do
      assert.is_false(core.process_has_ended(other))
    end
  end)
end)
