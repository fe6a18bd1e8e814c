-- The published figures are the measured ones.
local Figures = require("bench.report.figures")
local aims = require("bench.aims")
local chart = require("bench.report.chart")
local json = require("bench.json")
local page = require("bench.report.page")
local plan = require("bench.plan")
local report = require("bench.report")

local read = require("spec.support.files").read

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
  local text = read("docs/evidence/benchmarks.md")

  it(
    "is what `make bench` writes from the results, like the chart and the README's sentence",
    function()
      for path, written in pairs(report.files(results)) do
        assert.is_true(read(path) == written, path .. " is out of step: lua5.4 bench/report.lua")
      end
    end
  )

  it(
    "is of a complete run: it names what is missing, and neither we nor the floors failed",
    function()
      assert.is_false(results.quick)
      for _, part in ipairs(plan.parts) do
        local measured = assert(results.parts[part.id], part.id)
        for _, row in ipairs(plan.rows(part.id)) do
          local line = ("- %s, in “%s”: "):format(row.name, part.title)
          assert.is_truthy(measured.rows[row.key] or text:find(line, 1, true), row.key)
          assert.is_nil(row.contender.is and measured.failed[row.key], row.key)
        end
      end
    end
  )

  it("says of every contender how it is used", function()
    for _, contender in ipairs(plan.contenders) do
      local name = contender.name:gsub(", Lua[J ].*$", "")
      local row = ("\n| %s | `%s` | "):format(name, contender.program)
      assert.is_truthy(text:find(row, 1, true), contender.id)
    end
  end)

  it("has nothing in its first line of figures but times both floors, and C", function()
    local line = text:match("\n\n(.-)\n")
    local _, threes = line:gsub("%*%*[%d.-]+ / [%d.-]+ / [%d.-]+%*%*", "")
    assert.equal(5, threes)
    local key = plan.parts.one_at_a_time.base
    local ratio = Figures.of(results):times("numbers-luajit", "one_at_a_time", key)
    assert.is_truthy(line:find((" / %.2f**"):format(ratio), 1, true))
  end)

  it("has a chart that is XML, with every contender of its parts", function()
    local is_closed, words = parse(read("docs/evidence/benchmarks.svg"))
    assert.is_true(is_closed, words)
    for _, panel in ipairs(chart.PANELS) do
      for _, row in ipairs(chart.rows(Figures.of(results), panel)) do
        assert.is_truthy(words:find(row.name, 1, true), row.name)
      end
    end
  end)
end)

describe("the aims of the benchmarks", function()
  local function row(cpu)
    return { round = { 1 }, cpu_us = { cpu } }
  end

  local function page_of(results)
    return page.write(results, "{{aims}}")
  end

  it("have a figure for each Lua, and a reason of one line", function()
    for _, aim in ipairs(aims) do
      assert.is_truthy(aim.reason:find("^%u[^\n]+%.$"), aim.what)
      for _, lua in ipairs(plan.AIM_LUAS) do
        assert.is_number(aim.most[lua], aim.what)
        assert.is_nil(aim.figure(Figures.of { parts = {} }, lua), aim.what)
      end
    end
  end)

  it("are judged one by one: met, missed with the figure, or not measured", function()
    local rows = { curl_easy = row(100), ["numbers-5.1"] = row(118), ["numbers-5.4"] = row(119) }
    local text = page_of { parts = { one_at_a_time = { rows = rows } } }
    local line = text:match("\n| " .. aims[1].what:gsub("%p", "%%%0") .. ", x | ([^\n]*)")
    assert.equal("1.18 of 1.18, met | 1.19 of 1.18, **missed** | - of 1.15, not measured |", line)
    assert.is_nil(text:find("118", 1, true))
  end)

  it("are followed by each reason for missed ones, once", function()
    local function reasons(cpu, flights)
      local rows =
        { curl_easy = row(100), ["numbers-5.4"] = row(cpu), ["numbers-luajit"] = row(cpu) }
      local in_flight = { curl_multi = row(100), ["flight-5.4"] = row(flights) }
      local text = page_of {
        parts = { one_at_a_time = { rows = rows }, in_flight_100 = { rows = in_flight } },
      }
      return text:match("\n\nWhy some are missed:\n\n(.*)$")
    end
    assert.equal("- " .. aims[1].reason, reasons(900, 900))
    assert.is_nil(reasons(100, 100))
  end)

  it("compare growth with the bare loop's own", function()
    local rows = {
      ["curl_multi"] = row(80),
      ["curl_multi at 100"] = row(40),
      ["flight-5.4"] = row(150),
      ["flight-5.4 at 100"] = row(50),
    }
    local text = page_of { parts = { in_flight_1000 = { rows = rows } } }
    assert.is_truthy(text:find("1.5 of 1, **missed**", 1, true))
  end)

  it("count the longer of poll and begin, the worst of all runs", function()
    local function run(call)
      return { cold = { call_us = 9000 }, warm = { poll_us = 1, begin_us = 1, call_us = call } }
    end
    local rows = { ["numbers-5.1 h2"] = { run(250), run(301), run(20) } }
    local text = page_of { parts = { frame = { rows = rows } } }
    assert.is_truthy(text:find("| 301 of 300, **missed** |", 1, true))
  end)
end)

describe("a table of costs", function()
  local function row(cpu, mb)
    return { round = { 1 }, cpu_us = { cpu }, wall_us = { cpu }, peak_mb = { mb } }
  end

  it("says in each column who is ahead of us and who is behind", function()
    local rows = {
      curl_easy = row(50, 10),
      curl_easy_cheapest = row(40, 10),
      ["numbers-5.1"] = row(80, 1),
      ["numbers-luajit"] = row(60, 12),
      ["lua_curl-5.1"] = row(78, 0.5),
      ["lua_curl-luajit"] = row(62, 20),
      lua_http = row(90, 11),
      node = row(600, 100),
    }
    local text = page.write({ parts = { one_at_a_time = { rows = rows } } }, "{{one_at_a_time}}")
    local ahead = text:match("%*ahead of this library%* | ([^\n]*) |")
    local behind = text:match("%*behind it%* | ([^\n]*) |")
    local function cell(line, index)
      local cells = {}
      for words in (line .. " | "):gmatch("(.-) | ") do
        cells[#cells + 1] = words
      end
      return cells[index]
    end
    assert.equal("bare libcurl loop in C, cheapest libcurl loop in C", cell(ahead, 1))
    assert.equal("lua-http, node", cell(behind, 1), "less than 5 % is noise")
    assert.equal(
      "bare libcurl loop in C, cheapest libcurl loop in C, lua-curl (Lua 5.1), lua-http",
      cell(ahead, 7),
      "the same Lua is compared"
    )
    assert.equal("lua-curl (LuaJIT), node", cell(behind, 7))
    assert.equal("lua-http, node", cell(behind, 6), "more a second is better")
  end)

  it("compares a contender on GnuTLS with us on GnuTLS, if that was measured", function()
    local rows = {
      curl_easy = row(50, 1),
      ["numbers-luajit"] = row(60, 1),
      ["gnutls-luajit"] = row(50, 1),
      ["lua_curl-luajit"] = row(58, 1),
      lua_http = row(58, 1),
    }
    local text = page.write({ parts = { one_at_a_time = { rows = rows } } }, "{{one_at_a_time}}")
    assert.equal("lua-curl (LuaJIT)", text:match("%*behind it%* | ([^|]*) |"))
  end)

  it("compares with both floors and with C that reads JSON", function()
    local rows = {
      curl_easy = row(50, 1),
      curl_easy_cheapest = row(40, 1),
      curl_json = row(30, 1),
      ["numbers-5.4"] = row(60, 1),
    }
    local text = page.write({ parts = { one_at_a_time = { rows = rows } } }, "{{one_at_a_time}}")
    assert.is_truthy(text:find("Lua 5.4 | 60 | 1.20 | 1.50 | 2.00 |", 1, true))
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
