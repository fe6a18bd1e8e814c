-- The pages about the hosts show the examples that run.
local EXAMPLES = {
  cqueues = "cqueues",
  copas = "copas",
  luv = "luv",
  script = "in_flight",
}

local read = require("spec.support.files").read

describe("The pages about the hosts", function()
  for page, example in pairs(EXAMPLES) do
    it("show the example that runs: " .. page, function()
      local code = read("docs/hosts/" .. page .. ".md"):match("```lua\n(.-)```")
      local source = read("examples/" .. example .. ".lua")
      assert.equal(source:match("\n(local .*)$"), code)
    end)
  end

  it("are all linked from the page about all hosts", function()
    local index = read("docs/hosts/index.md")
    local pipe = assert(io.popen("ls docs/hosts"))
    for name in pipe:lines() do
      assert.is_truthy(name == "index.md" or index:find("](" .. name, 1, true), name)
    end
    pipe:close()
  end)
end)
