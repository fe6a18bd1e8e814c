-- docs/evidence/benchmarks.svg: CPU time of a purchase, in two panels with a bar for each contender. Bars are
-- linear, but for those over WIDEST, which have a gap. Colours follow the reader's light or dark mode.
local Figures = require("bench.report.figures")
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local chart = { PANELS = { "one_at_a_time", "in_flight_100" } }

local LABELS, ROW, BAR, MARGIN = 200, 22, 14, 16 -- pixels
local WIDTH = 820
local WIDEST, TIMES_ONE = 30, 13 -- times the base of the panel; pixels for each
local OUR_LUAS = { ["5.4"] = true, luajit = true } -- the others are in the page's tables

local STYLE = [[
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; } .note { fill: #59636e; }
  .floor { fill: #8c959f; } .ours { fill: #1a7f37; } .other { fill: #b6c2cf; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .note { fill: #9198a1; }
    .floor { fill: #7d8590; } .ours { fill: #3fb950; } .other { fill: #58606a; }
  }]]

local function text(x, y, class, words)
  return ('<text x="%d" y="%d" class="%s">%s</text>'):format(x, y, class, words)
end

local function rectangle(x, y, width, class)
  local format = '<rect x="%d" y="%d" width="%d" height="%d" class="%s"/>'
  return format:format(x, y, width, BAR, class)
end

---The rows of a panel: the controls and HTTP/2 are on the page.
function chart.rows(figures, part)
  local rows = {}
  for _, row in ipairs(plan.rows(part)) do
    local of = row.contender
    local is_drawn = of.is ~= "ours" or (OUR_LUAS[of.lua] and not of.tls)
    row.times = figures:times(row.key, part, plan.parts[part].base)
    rows[#rows + 1] = is_drawn and row.times and not row.is_control and not row.http and row or nil
  end
  return rows
end

local function draw_row(figures, part, row, y)
  local width = math.ceil(math.min(row.times, WIDEST) * TIMES_ONE)
  local class = row.contender.is or "other"
  local parts = { text(0, y + 11, "name", row.name), rectangle(LABELS, y, width, class) }
  if row.times > WIDEST then
    parts[3] = rectangle(LABELS + width + 4, y, 3 * TIMES_ONE, class)
    width = width + 4 + 3 * TIMES_ONE
  end
  local cpu = layout.number(figures:median(row.key, part, "cpu_us"))
  local figure = ("%s µs, %s×"):format(cpu, layout.times(row.times))
  parts[#parts + 1] = text(LABELS + width + 8, y + 11, "note", figure)
  return table.concat(parts, "\n")
end

---@param results table
---@return string svg
function chart.draw(results)
  local figures, y = Figures.of(results), 34
  local parts = {
    text(0, 12, "note", "CPU time of one purchase, and times that of a bare libcurl loop."),
    text(0, 30, "note", ("%s, %s."):format(results.machine.cpu, results.machine.date)),
  }
  for _, part in ipairs(chart.PANELS) do
    parts[#parts + 1] = text(0, y + 28, "title", plan.parts[part].title)
    y = y + 40
    for _, row in ipairs(chart.rows(figures, part)) do
      parts[#parts + 1] = draw_row(figures, part, row, y)
      y = y + ROW
    end
  end
  local head = '<svg xmlns="http://www.w3.org/2000/svg" width="%d" viewBox="%d %d %d %d" role="img">\n'
    .. "<title>CPU time of one purchase, by contender</title>\n<style>%s</style>\n%s\n</svg>\n"
  return head:format(WIDTH, -MARGIN, -MARGIN, WIDTH, y + MARGIN, STYLE, table.concat(parts, "\n"))
end

return chart
