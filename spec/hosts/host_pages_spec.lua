-- The pages about the hosts show the examples that run.
local EXAMPLES = {
  cqueues = "cqueues",
  copas = "copas",
  luv = "luv",
  ["game-server"] = "frame_loop",
  script = "in_flight",
}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

describe("The pages about the hosts", function()
  for page, example in pairs(EXAMPLES) do
    it("show the example that runs: " .. page, function()
      local code = read("docs/hosts/" .. page .. ".md"):match("```lua\n(.-)```")
      local source = read("examples/" .. example .. ".lua")
      assert.equal(source:match("\n(local .*)$"), code)
    end)
  end
end)
