-- The pages about the hosts show the examples that run.
local EXAMPLES = {
  cqueues = "cqueues",
  copas = "copas",
  luv = "luv",
  game_server = "frame_loop",
  script = "in_flight",
}

local read = require("spec.support.files").read

describe("The pages about the hosts", function()
  for page, example in pairs(EXAMPLES) do
    it("show the example that runs: " .. page, function()
      local code = read("docs/" .. page .. ".md"):match("```lua\n(.-)```")
      local source = read("examples/" .. example .. ".lua")
      assert.equal(source:match("\n(local .*)$"), code)
    end)

    it("link to files that exist: " .. page, function()
      for link in read("docs/" .. page .. ".md"):gmatch("%]%(([^)]+)%)") do
        assert(io.open("docs/" .. link)):close()
      end
    end)
  end
end)
