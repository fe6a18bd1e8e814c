-- What people read is in step with what the module does.
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local options = require("twilio.numbers.options")

local PAGES = {
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "docs/command.md",
  "docs/numbers.md",
  "docs/purchased.md",
  "docs/openresty.md",
  "docs/cqueues.md",
  "docs/copas.md",
  "docs/luv.md",
  "docs/game_server.md",
  "docs/script.md",
  "docs/testing.md",
  "docs/simulator.md",
}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function names(rows)
  local list = {}
  for _, row in ipairs(rows) do
    list[#list + 1] = row.name
  end
  table.sort(list)
  return list
end

-- The fields of a class in types.lua, and their lines: "name? type words".
local function fields(class)
  local list, lines, inside = {}, {}, false
  for line in read("lua/twilio/numbers/types.lua"):gmatch("[^\n]+") do
    local opened = line:match("^%-%-%-@class (%S+)")
    if opened then
      inside = opened == "twilio.numbers." .. class
    elseif not line:match("^%-%-%-") or line:match("^%-%-%-@alias") then
      inside = false
    end
    local name = inside and line:match("^%-%-%-@field ([%w_]+)")
    if name then
      list[#list + 1], lines[name] = name, line
    end
  end
  table.sort(list)
  return list, lines
end

-- The rows of the README's table whose first column is headed so: `name` -> the row's other cells.
local function readme_table(heading)
  local list, rows, inside = {}, {}, false
  for line in read("README.md"):gmatch("[^\n]*\n") do
    local first, rest = line:match("^| ([^|]+) |(.*)")
    if not first then
      inside = false
    elseif first == heading then
      inside = true
    end
    local name = inside and first and first:match("^`([%w_]+)`$")
    if name then
      list[#list + 1], rows[name] = name, rest
    end
  end
  table.sort(list)
  return list, rows
end

local function default_of(row)
  return row.default and tostring(row.default) or (row.environment or {})[1]
end

-- What the words about a parameter must hold, by its kind.
local EXPECTED = {
  text = function(row)
    return row.most and { tostring(row.most) } or {}
  end,
  sid = function(row)
    return { row.expects }
  end,
  choice = function(row)
    local words = {}
    for word in row.expects:gmatch("%S+") do
      words[#words + 1] = '"' .. word .. '"'
    end
    return words
  end,
  url = function()
    return { "URL" }
  end,
  boolean = function()
    return { "boolean" }
  end,
  phone = function()
    return { "E.164" }
  end,
  area_code = function()
    return { "three digits" }
  end,
}

local TYPES = { boolean = "boolean", choice = '"' }

describe("types.lua", function()
  it("names every parameter and no other", function()
    assert.same(names(core.parameters()), (fields("PurchaseParams")))
  end)

  it("gives every parameter its type", function()
    local _, lines = fields("PurchaseParams")
    for _, row in ipairs(core.parameters()) do
      local wanted = row.expects == "GET POST" and "twilio.numbers.Method"
        or TYPES[row.kind]
        or "string"
      assert.is_truthy(lines[row.name]:find(row.name .. "? " .. wanted, 1, true), lines[row.name])
    end
  end)

  it("names every option of a client and no other", function()
    assert.same(names(options.CLIENT), (fields("ClientOptions")))
  end)

  it("gives the options' defaults", function()
    local _, lines = fields("ClientOptions")
    for _, row in ipairs(options.CLIENT) do
      local default = default_of(row)
      assert.is_truthy(not default or lines[row.name]:find(default, 1, true), lines[row.name])
    end
  end)

  it("names every option of a call and no other", function()
    assert.same(names(options.CALL), (fields("CallOptions")))
  end)

  it("names every field of an error and of an event", function()
    local seen, event = {}, nil
    local answer = { status = 429, body = '{"code": 20429, "message": "m", "more_info": "u"}' }
    answer.headers = { ["Retry-After"] = "1", ["Twilio-Request-Id"] = "RQ1" }
    local client = assert(numbers.client {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "token",
      retries = 0,
      transport = function()
        return answer
      end,
      on_event = function(got)
        event = got
      end,
    })
    local _, error_lines = fields("Error")
    for _, params in ipairs { { area_code = "415" }, { area_code = "4" } } do
      for name in pairs((select(3, client:purchase(params)))) do
        seen[name] = true
        assert.is_truthy(error_lines[name], "err." .. name)
      end
    end
    assert.is_true(seen.retry_after and seen.problems and seen.code)
    local _, event_lines = fields("Event")
    for name in pairs(event) do
      assert.is_truthy(event_lines[name], "event." .. name)
    end
  end)

  it("can be loaded", function()
    assert.is_table(require("twilio.numbers.types"))
  end)
end)

describe("README.md", function()
  it("has a row for every parameter, which says what it must be", function()
    local list, rows = readme_table("parameter")
    assert.same(names(core.parameters()), list)
    for _, row in ipairs(core.parameters()) do
      for _, word in ipairs(EXPECTED[row.kind](row)) do
        assert.is_truthy(rows[row.name]:find(word, 1, true), row.name .. " lacks " .. word)
      end
    end
  end)

  it("has a row for every option of a client, with its default", function()
    local list, rows = readme_table("option")
    assert.same(names(options.CLIENT), list)
    for _, row in ipairs(options.CLIENT) do
      local default = default_of(row)
      assert.is_truthy(not default or rows[row.name]:find(default, 1, true), row.name)
    end
  end)

  it("has a row for every option of a call", function()
    assert.same(names(options.CALL), (readme_table("call option")))
  end)

  it("has a row for every kind of error", function()
    local readme, kinds = read("README.md"), 0
    for kind in read("lua/twilio/numbers/types.lua"):gmatch('\n%-%-%-| "([%a_]+)" #') do
      kinds = kinds + 1
      assert.is_truthy(readme:find('\n| `"' .. kind .. '"` |', 1, true), kind)
    end
    assert.equal(10, kinds)
  end)

  it("shows Lua that compiles", function()
    local load = loadstring or load -- luacheck: ignore
    local count = 0
    for code in read("README.md"):gmatch("```lua\n(.-)```") do
      count = count + 1
      assert(load(code, "=README.md"))
    end
    assert.is_true(count >= 2)
  end)
end)

describe("The pages", function()
  it("link to files that exist", function()
    for _, page in ipairs(PAGES) do
      local folder = page:match("^(.*/)") or ""
      for link in read(page):gmatch("%]%(([^)]+)%)") do
        local path = link:gsub("#.*", "")
        if not link:match("^%a+:") and path ~= "" then
          local file = io.open(folder .. path)
          assert.is_truthy(file, page .. " links to " .. link)
          file:close()
        end
      end
    end
  end)

  it("name make targets that exist", function()
    local makefile = "\n" .. read("Makefile")
    for _, page in ipairs(PAGES) do
      for target in read(page):gmatch("make ([%l-]+)") do
        local known = makefile:find("\n" .. target .. ":", 1, true)
        local is_command = read(page):find("\nmake " .. target, 1, true)
          or read(page):find("`make " .. target .. "`", 1, true)
        assert.is_truthy(known or not is_command, page .. ": make " .. target)
      end
    end
  end)
end)

describe("CHANGELOG.md", function()
  it("begins with the version of the module", function()
    assert.equal(numbers._VERSION, read("CHANGELOG.md"):match("\n## v?(%d+%.%d+%.%d+)"))
  end)
end)
