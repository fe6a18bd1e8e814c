-- The reasons why lines never run: each one matches an existing line.
local reasons = dofile("tools/coverage/reasons.lua")

local read = require("spec.support.files").read

describe("a reason why a line never runs", function()
  it("matches a line of the current file", function()
    local count = 0
    for _, reason in ipairs(reasons) do
      for path, texts in pairs(reason) do
        for _, text in ipairs(type(texts) == "table" and texts or {}) do
          count = count + 1
          assert.is_truthy(read(path):find(text, 1, true), path .. ": " .. text)
        end
      end
    end
    assert.is_true(count > 50)
  end)
end)
