-- What README.md must not become again: long, silent about money, or without a page.
local pages = require("spec.support.pages")

local read = pages.read

describe("README.md", function()
  local text = read("README.md")

  it("has at most 130 lines, and says how to install before line 40", function()
    local _, lines = text:gsub("\n", "")
    assert.is_true(lines <= 130, lines)
    local _, before = text:sub(1, (text:find("\n## Install\n", 1, true))):gsub("\n", "")
    assert.is_true(before < 40)
  end)

  it("warns before the first code that can spend money", function()
    local warning = assert(text:find("**Warning:**", 1, true))
    for code in text:sub(1, warning):gmatch("```%a+\n(.-)```") do
      for line in code:gmatch("[^\n]+") do
        local spends = line:find("purchase_", 1, true) or line:find("numbers buy", 1, true)
        assert.is_truthy(not spends or line:find("--simulate", 1, true), line)
      end
    end
    assert.is_truthy(text:find("client:purchase_available(", warning, true))
  end)

  it("never releases a number in Lua", function()
    for code in text:gmatch("```lua\n(.-)```") do
      assert.is_nil(code:find("release", 1, true), code)
    end
  end)

  it("links to every page", function()
    local linked = text .. read("docs/hosts/index.md"):gsub("%]%(", "](docs/hosts/")
    for _, page in ipairs(pages.ALL) do
      local is_linked = page == "README.md"
        or page == "fuzz/README.md"
        or linked:find("](" .. page, 1, true)
      assert.is_truthy(is_linked, page)
    end
  end)
end)
