-- Writes the page, the chart and the README's sentence from the results.
--   lua5.4 bench/report.lua      rewrites them from docs/evidence/benchmarks.json
local chart = require("bench.report.chart")
local files = require("spec.support.files")
local json = require("bench.json")
local page = require("bench.report.page")

local FOLDER = "docs/evidence"
local report = { RESULTS = FOLDER .. "/benchmarks.json" }

---The README with its sentence about cost replaced.
local function readme(results)
  local sentence = page.sentence(results):gsub("%%", "%%%%")
  local text, count = files.read("README.md"):gsub(
    "\n[^\n]*With checks and decoding, a purchase takes[^\n]*\n",
    "\n" .. sentence .. "\n"
  )
  assert(count == 1, "the README has no place for the sentence about cost")
  return text
end

---@param results table
---@return string markdown
function report.page(results)
  return page.write(results, files.read("bench/report/page.md"))
end

---The files to write: path -> text.
---@param folder? string of a trial, which leaves the README alone
function report.files(results, folder)
  return {
    [(folder or FOLDER) .. "/benchmarks.md"] = report.page(results),
    [(folder or FOLDER) .. "/benchmarks.svg"] = chart.draw(results),
    ["README.md"] = not folder and readme(results) or nil,
  }
end

function report.write(results, folder)
  for path, text in pairs(report.files(results, folder)) do
    local file = assert(io.open(path, "w"))
    assert(file:write(text))
    file:close()
  end
end

if arg and arg[0] and arg[0]:find("report%.lua$") then
  report.write(json.read(report.RESULTS))
end

return report
