-- The short form of bench/soak, which buys often enough to show a leak of a few bytes per purchase.
local interpreter = require("spec.support.interpreter")

local PURCHASES = rawget(_G, "jit") and 60000 or 20000 -- LuaJIT keeps compiling for a long time

describe("a process that buys for a long time", function()
  it("uses no more memory, descriptors or threads than after the warm-up", function()
    local lua = interpreter.command:gsub("^lua(%d)", "%1")
    local pipe = assert(io.popen(("bench/soak %d %s 2>&1"):format(PURCHASES, lua)))
    local output = pipe:read("*a")
    pipe:close()
    assert.matches("\nall flat\n$", output)
  end)
end)
