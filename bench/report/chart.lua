-- docs/evidence/benchmarks.svg: CPU time of a purchase, a bar for each contender, in two panels. Bars are
-- linear; one that would exceed the panel is cut, with a break in it, and labelled with its figure.
-- Colours follow the reader's light or dark mode. Text is text.
local Figures = require("bench.report.figures")
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local chart = { PANELS = { "one_at_a_time", "in_flight_100" } }

local WIDTH, LABELS, BARS = 860, 232, 420 -- pixels: all, what is left of the bars, the bars
local ROW, BAR, HEAD, GAP = 22, 14, 30, 22
local WIDEST = 4 -- times the base of the panel

local STYLE = [[
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .note, .figure { fill: #59636e; }
  .ours-text { font-weight: 600; fill: #1f2328; }
  .floor { fill: #8c959f; } .ours { fill: #1a7f37; } .other { fill: #b6c2cf; }
  .axis { stroke: #d1d9e0; } .break { stroke: #ffffff; stroke-width: 3; fill: none; }
  @media (prefers-color-scheme: dark) {
    text, .ours-text { fill: #f0f6fc; }
    .note, .figure { fill: #9198a1; }
    .floor { fill: #7d8590; } .ours { fill: #3fb950; } .other { fill: #58606a; }
    .axis { stroke: #3d444d; } .break { stroke: #0d1117; }
  }]]

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function text(x, y, class, words)
  return ('<text x="%d" y="%d" class="%s">%s</text>'):format(
    x,
    y,
    class,
    (words:gsub('[&<>"]', ESCAPES))
  )
end

---The rows of a panel: the controls and HTTP/2 are on the page.
function chart.rows(figures, part)
  local rows = {}
  for _, row in ipairs(plan.rows(part)) do
    row.cpu = figures:median(row.key, part, "cpu_us")
    row.times = figures:times(row.key, part, plan.parts[part].base)
    rows[#rows + 1] = row.cpu and not row.is_control and not row.http and row or nil
  end
  return rows
end

local function draw_row(row, y, scale)
  local width = math.ceil(BARS * math.min(1, row.cpu / scale))
  local kind = row.contender.is or "other"
  local rect = '<rect x="%d" y="%d" width="%d" height="%d" rx="2" class="%s"/>'
  local parts = {
    text(0, y + 11, kind .. "-text", row.name),
    rect:format(LABELS, y, width, BAR, kind),
  }
  if row.cpu > scale then
    local path = '<path d="M%d %d l6 5 l-6 6 l6 5" class="break"/>'
    parts[3] = path:format(LABELS + BARS - 24, y - 1)
  end
  local figure = layout.number(row.cpu) .. " µs"
  figure = figure .. (row.times and ", " .. layout.times(row.times) .. "×" or "")
  parts[#parts + 1] = text(LABELS + width + 8, y + 11, "figure", figure)
  return table.concat(parts, "\n")
end

local function draw_panel(figures, part, top)
  local rows, scale = chart.rows(figures, part), 0
  for _, row in ipairs(rows) do
    scale = row.key == plan.parts[part].base and row.cpu * WIDEST or scale
  end
  local y = top + HEAD
  local axis = '<line x1="%d" y1="%d" x2="%d" y2="%d" class="axis"/>'
  local parts = {
    text(0, top + 16, "title", plan.parts[part].title),
    axis:format(LABELS, y - 2, LABELS, y + #rows * ROW - 4),
  }
  for i, row in ipairs(rows) do
    parts[i + 2] = draw_row(row, y + (i - 1) * ROW, scale)
  end
  return table.concat(parts, "\n"), y + #rows * ROW + GAP
end

---@param results table
---@return string svg
function chart.draw(results)
  local figures, parts, y = Figures.of(results), {}, 44
  for _, part in ipairs(chart.PANELS) do
    if results.parts[part] then
      parts[#parts + 1], y = draw_panel(figures, part, y)
    end
  end
  local size = ('viewBox="0 0 %d %d" width="%d" height="%d"'):format(WIDTH, y - GAP, WIDTH, y - GAP)
  local words =
    "CPU time of one purchase, in microseconds, and how many times that of a bare libcurl loop."
  local machine = ("Shorter is better. %s, %s."):format(results.machine.cpu, results.machine.date)
  return table.concat({
    '<svg xmlns="http://www.w3.org/2000/svg" ' .. size .. ' role="img" aria-labelledby="title">',
    '<title id="title">CPU time of one purchase, of every contender</title>',
    "<style>" .. STYLE .. "</style>",
    text(0, 16, "note", words),
    text(0, 34, "note", machine),
    table.concat(parts, "\n"),
    "</svg>\n",
  }, "\n")
end

return chart
