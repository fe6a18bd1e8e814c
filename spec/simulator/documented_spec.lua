-- The spec in docs/testing.md, as a user would run it.
local interpreter = require("spec.support.interpreter")

local read = require("spec.support.files").read

local PROGRAM = 'arg = { [0] = "busted", %q }; require("busted.runner")({ standalone = false })'

describe("the spec in docs/testing.md", function()
  local folder

  before_each(function()
    local pipe = assert(io.popen("mktemp -d"))
    folder = pipe:read("*l")
    pipe:close()
  end)

  after_each(function()
    os.execute("rm -r " .. folder)
  end)

  -- Runs the spec with a replacement in its text.
  local function run(old, new)
    local text = read("docs/testing.md"):match("```lua\n(.-)```")
    if old then
      local first, last = text:find(old, 1, true)
      text = text:sub(1, first - 1) .. new .. text:sub(last + 1)
    end
    local path = folder .. "/shop_spec.lua"
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    return interpreter.result(PROGRAM:format(path), 60)
  end

  it("passes", function()
    local output, status = run()
    assert.matches("5 successes / 0 failures / 0 errors / 0 pending", output)
    assert.equal(0, status, output)
  end)

  it("fails if the program buys something else", function()
    local output, status = run("friendly_name = customer", 'friendly_name = "another"')
    assert.matches("4 successes / 1 failure / 0 errors / 0 pending", output)
    assert.equal(1, status, output)
  end)
end)
