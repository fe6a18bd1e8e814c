-- What people read about cost is what was measured.
local Figures = require("bench.report.figures")
local aims = require("bench.aims")
local chart = require("bench.report.chart")
local json = require("bench.json")
local page = require("bench.report.page")
local plan = require("bench.plan")
local report = require("bench.report")

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

---Whether the tags of an XML document close each other; and its text, joined.
local function parse(xml)
  local open, words = {}, {}
  for before, slash, name, attributes in xml:gmatch("([^<]*)<(/?)([%w]+)([^>]*)>") do
    words[#words + 1] = before:match("%S") and before or nil
    if slash == "/" then
      if table.remove(open) ~= name then
        return nil, "</" .. name .. "> closes something else"
      end
    elseif not attributes:find("/$") then
      open[#open + 1] = name
    end
  end
  return #open == 0, table.concat(words, "\n")
end

describe("the page about cost", function()
  local results = json.read(report.RESULTS)

  it(
    "is what `make bench` writes of the results, and so are the chart and the README's table",
    function()
      for path, text in pairs(report.files(results)) do
        assert.is_true(read(path) == text, path .. " is out of step: lua5.4 bench/report.lua")
      end
    end
  )

  it("is of a whole run: what failed is said, and neither we nor the floor did", function()
    local text = read("docs/benchmarks.md")
    assert.is_false(results.quick)
    for _, part in ipairs(plan.parts) do
      local measured = assert(results.parts[part.id], part.id)
      for _, row in ipairs(Figures.of(results):rows(part.id)) do
        local is_said = not row.contender.is
          and text:find(("- %s, in “%s”: it failed"):format(row.name, part.title), 1, true)
        assert.is_truthy(measured.rows[row.key] or is_said, part.id .. ": " .. row.key)
      end
    end
  end)

  it("judges every aim, the missed ones too", function()
    local figures, text = Figures.of(results), read("docs/benchmarks.md")
    for _, aim in ipairs(aims) do
      local value = assert(aim.figure(figures), aim.what)
      local is_met = (not aim.most or value <= aim.most) and (not aim.least or value >= aim.least)
      local line = text:match("[^\n]*" .. aim.what:gsub("%p", "%%%0") .. "[^\n]*")
      assert.equal(is_met and "met" or "**missed**", line:match("| ([%l*]+) |$"), aim.what)
    end
  end)

  it(
    "says why the aim of instructions is missed, where the floor and decoding leave no room",
    function()
      local function aims_of(all)
        local rows = { curl_easy = { all = 100 } }
        for _, lua in ipairs(plan.COUNTED_LUAS) do
          rows["numbers-" .. lua] = { all = all, form = 5, decode = 65 }
        end
        return page.write({ parts = { instructions = { rows = rows } } }, "{{aims}}")
      end
      assert.is_truthy(aims_of(200):find("Missed: One at a time, instructions", 1, true))
      assert.is_truthy(aims_of(200):find("1.65 x under Lua 5.4", 1, true))
      assert.is_nil(aims_of(165):find("Missed", 1, true))
    end
  )

  it("has a chart that is XML, with every contender of its parts", function()
    local is_closed, words = parse(read("docs/benchmarks.svg"))
    assert.is_true(is_closed, words)
    for _, panel in ipairs(chart.PANELS) do
      for _, row in ipairs(Figures.of(results):rows(panel.part)) do
        assert.is_truthy(words:find(row.contender.name, 1, true), row.key)
      end
    end
  end)
end)

describe("a plan of the benchmarks", function()
  it("names a base and contenders that there are, each row once", function()
    for _, part in ipairs(plan.parts) do
      local seen = {}
      for _, row in ipairs(part.rows) do
        local key = plan.key(row)
        assert.is_nil(seen[key], part.id .. ": " .. key)
        seen[key] = plan.contender(row[1])
      end
      assert.is_table(seen[part.base], part.id)
    end
  end)
end)

describe("JSON of results", function()
  it("comes back as it was written, with names in order", function()
    local value =
      { b = { 1, 2.5, 0.000123 }, a = { x = 'say "hi/there"', y = false }, c = { { 1 }, { 2 } } }
    local path = os.tmpname()
    json.write(path, value)
    local text = read(path)
    assert.same(value, json.read(path))
    os.remove(path)
    assert.is_true(text:find('"a"', 1, true) < text:find('"b"', 1, true))
    assert.is_truthy(text:find('"b": [1, 2.5, 0.000123]', 1, true))
  end)
end)
