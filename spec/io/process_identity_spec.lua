-- The identity of a process, and whether another one has ended: csrc/io/process.c.
local core = require("twilio.numbers.core")
local interpreter = require("spec.support.interpreter")

local identity = core.process_identity()

describe("the identity of a process", function()
  it("stays the same while it runs", function()
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

  it("differs from that of a later process with the same ID", function()
    local later = identity:gsub(":%d+:", function(start)
      return (":%d:"):format(tonumber(start:match("%d+")) - 1)
    end)
    assert.is_true(core.process_has_ended(later))
  end)

  it(
    "has the ID of a child of fork() in the child, also if its parent asked for its own",
    function()
      local output = interpreter.output([[
      local core, process = require("twilio.numbers.core"), require("spec_process")
      assert(core.process() == process.pid())
      local child = process.fork()
      if child == 0 then
        local is_own = core.process() == process.pid() and core.process() == process.pid()
        process.leave(is_own and 7 or 1)
      end
      print(process.wait(child), core.process() == process.pid())
    ]])
      assert.equal("7\ttrue\n", output)
    end
  )

  it("tells nothing about processes that cannot be seen from here", function()
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
