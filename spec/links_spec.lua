-- What the pages name is there: files, headings, targets of make; and their Lua compiles.
local pages = require("spec.support.pages")

local read = pages.read

--- The anchors of a page: of its headings, as GitHub names them.
local function anchors(path)
  local known = {}
  for heading in ("\n" .. read(path)):gmatch("\n#+ ([^\n]+)") do
    local name = heading:lower():gsub("[^%w _-]", ""):gsub(" ", "-")
    known[name] = true
  end
  return known
end

-- Links of docs/cli.md to headings that have moved to docs/reference.md.
local MOVED = {
  ["docs/cli.md: ../README.md#the-purchase"] = true,
  ["docs/cli.md: ../README.md#errors"] = true,
}

describe("The pages", function()
  it("link to files, and to headings, that exist", function()
    for _, page in ipairs(pages.ALL) do
      local folder = page:match("^(.*/)") or ""
      for link in read(page):gmatch("%]%(([^)]+)%)") do
        local path, anchor = link:match("^([^#]*)#?(.*)$")
        if not link:match("^%a+:") then
          local target = path == "" and page or folder .. path
          local file = io.open(target)
          assert.is_truthy(file, page .. " links to " .. link)
          file:close()
          local name = page .. ": " .. link
          assert.is_true(anchor == "" or MOVED[name] or anchors(target)[anchor] or false, name)
        end
      end
    end
  end)

  it("are named by code, specs and examples as they are called", function()
    local folders = "lua csrc spec examples bin tools bench Makefile"
    local pattern = "grep -rhoE --exclude-dir=node_modules 'docs/[a-z_/-]+[.]md' %s"
    local pipe = assert(io.popen(pattern:format(folders)))
    for path in pipe:lines() do
      local file = io.open(path)
      assert.is_truthy(file, path)
      file:close()
    end
    pipe:close()
  end)

  it("show Lua that compiles", function()
    local load = loadstring or load -- luacheck: ignore
    local count = 0
    for _, page in ipairs(pages.ALL) do
      for code in read(page):gmatch("```lua\n(.-)```") do
        count = count + 1
        assert(load(code, "=" .. page))
      end
    end
    assert.is_true(count >= 30, count)
  end)

  it("name make targets that exist", function()
    local makefile = "\n" .. read("Makefile")
    for _, page in ipairs(pages.ALL) do
      for target in read(page):gmatch("make ([%l-]+)") do
        local known = makefile:find("\n" .. target .. ":", 1, true)
        local is_command = read(page):find("\nmake " .. target, 1, true)
          or read(page):find("`make " .. target .. "`", 1, true)
        assert.is_truthy(known or not is_command, page .. ": make " .. target)
      end
    end
  end)

  it("have a row for each target that is fuzzed", function()
    local page, count = read("fuzz/README.md"), 0
    for target in read("fuzz/Makefile"):match("\nTARGETS := ([^\n]+)"):gmatch("%S+") do
      count = count + 1
      assert.is_truthy(page:find("\n| `" .. target .. "` |", 1, true), target)
    end
    assert.is_true(count > 5, count)
  end)
end)
