-- Syntax that one of the Luas rejects. `make lint` checks all files with luac5.1, and with luac5.5 if it is
-- installed.
local function lines_of(command)
  local lines = {}
  local output = assert(io.popen(command))
  for line in output:lines() do
    lines[#lines + 1] = line
  end
  output:close()
  return lines
end

local function read_lines(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

local FILES =
  "find lua spec examples bench fuzz tools -name node_modules -prune -o -name '*.lua' -print"

local function has_name(names, name)
  return (" " .. names:gsub(",", " ") .. " "):find(" " .. name .. " ", 1, true) ~= nil
end

-- Finds assignments to loop variables. A line with the loop's indentation ends it, in StyLua's format. A
-- local of that name hides the variable until the end of the loop.
local function assignments(lines)
  local loops, found = {}, {}
  for number, line in ipairs(lines) do
    local indent = #line:match("^%s*")
    while
      line:find("%S")
      and #loops > 0
      and indent <= loops[#loops].indent
      and line:match("%S+") ~= "do"
    do
      table.remove(loops)
    end
    local names = not line:find(",$") and line:match("^%s*([%a_][%w_, ]*) =%f[^=]") or "" -- but in a table
    local own = line:match("^%s*local ([%w_, ]*)")
    for _, loop in ipairs(loops) do
      loop.is_hidden = loop.is_hidden or own and has_name(own, loop.name)
      if not loop.is_hidden and not names:find("^for ") and has_name(names, loop.name) then
        found[#found + 1] = number
      end
    end
    local name = line:match("^%s*for ([%a_][%w_]*)")
    if name then
      loops[#loops + 1] = { name = name, indent = indent }
    end
  end
  return found
end

describe("a Lua file", function()
  it("does not assign to a loop variable, which is constant in Lua 5.5", function()
    local files = lines_of(FILES)
    assert.is_true(#files > 400)
    for _, path in ipairs(files) do
      assert.same({}, assignments(read_lines(path)), path)
    end
  end)

  it("that assigns to a loop variable is detected", function()
    local text = {
      "for key, value in pairs(t) do",
      "  value = 1",
      "  value = {",
      "    key = 1,",
      "  }",
      "  value = key == 1",
      "  if value then",
      "    other, key = 1, 2",
      "  end",
      "end",
      "key = 3",
      "for key in",
      "  pairs(t)",
      "do",
      "  key = 4",
      "  local key = key",
      "  key = 5",
      "end",
    }
    assert.same({ 8, 15 }, assignments(text))
  end)

  it("does not use `global` as a name, which Lua 5.5 reserves", function()
    for _, path in ipairs(lines_of(FILES)) do
      for _, line in ipairs(read_lines(path)) do
        local code = line:gsub("%-%-.*", ""):gsub('"[^"]*"', ""):gsub("'[^']*'", "")
        assert.is_nil(
          code:match("%f[%w_]global%s*[=,%.]") or code:match("local global%f[^%w_]"),
          path
        )
      end
    end
  end)
end)
