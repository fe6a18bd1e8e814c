-- Writes what people read from results: the page, the chart and the README's table.
--   lua5.4 bench/report.lua      writes them anew from docs/benchmarks.json
local chart = require("bench.report.chart")
local json = require("bench.json")
local page = require("bench.report.page")
local readme = require("bench.report.readme")

local report = { RESULTS = "docs/benchmarks.json" }

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

---@param results table
---@return string markdown
function report.page(results)
  return page.write(results, read("bench/report/page.md"))
end

---What is written, and what into: path -> text.
function report.files(results)
  return {
    ["docs/benchmarks.md"] = report.page(results),
    ["docs/benchmarks.svg"] = chart.draw(results),
    ["README.md"] = readme.update(read("README.md"), results),
  }
end

---Writes the files of the checkout anew.
function report.write(results)
  for path, text in pairs(report.files(results)) do
    write(path, text)
  end
end

---Writes the page and the chart of a trial into a folder.
function report.try(results, folder)
  write(folder .. "/benchmarks.md", report.page(results))
  write(folder .. "/benchmarks.svg", chart.draw(results))
end

if arg and arg[0] and arg[0]:find("report%.lua$") then
  report.write(json.read(report.RESULTS))
end

return report
