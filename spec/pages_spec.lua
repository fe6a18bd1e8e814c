--- Each command and script of these pages runs, in the order of the page, and prints what the page shows.
local left_out = require("spec.support.left_out")
local page = require("spec.support.page")

--- The pages ask the simulator by curl.
local pipe = assert(io.popen("command -v curl"))
local has_curl = pipe:read("*l") ~= nil
pipe:close()
if left_out.without(has_curl, "spec/pages_spec.lua", "curl") then
  return
end

-- A page, and how many commands and scripts it has at least.
local PAGES = {
  { "docs/getting-started.md", 12, 1 },
  { "docs/international.md", 10, 4 },
}

for _, entry in ipairs(PAGES) do
  describe(entry[1], function()
    it("shows commands and scripts that do what it says", function()
      local steps, scripts = page.read(entry[1])
      assert.is_true(#steps >= entry[2], #steps)
      assert.is_true(#scripts >= entry[3], #scripts)
      page.run(steps, scripts)
      for _, step in ipairs(steps) do
        assert.equal(page.mask(step.shown), page.mask(step.output), step.command)
      end
    end)
  end)
end

describe("README.md", function()
  it("shows a program that buys once for its key", function()
    local file = assert(io.open("README.md"))
    local program = file:read("*a"):match("```lua\n(.-)```")
    file:close()
    local steps = {}
    for i, command in ipairs {
      'eval "$(twilio-simulator --background --export)"',
      "twilio-numbers journal init purchases.db",
      "lua readme.lua",
      "lua readme.lua",
      "twilio-simulator --stop",
    } do
      steps[i] = { command = command }
    end
    page.run(steps, { "-- readme.lua\n" .. program })
    assert.matches("^%+1415555%d%d%d%d\tPN%x+\n$", steps[3].output)
    assert.equal(steps[3].output, steps[4].output)
  end)
end)
