-- docs/benchmarks.svg: CPU time of a purchase, a bar for each contender, in two panels. Bars are linear; one
-- that would leave the panel is cut, with a break in it, and its figure says how long it is. Colours follow
-- the reader's light or dark mode. Text is text.
local Figures = require("bench.report.figures")
local layout = require("bench.report.layout")

local chart = {}

local WIDTH, LABELS, BARS = 860, 232, 420 -- pixels: all, what is left of the bars, the bars
local ROW, BAR, HEAD, GAP = 22, 14, 44, 22

local PANELS = {
  { part = "one_at_a_time", base = "curl_easy", title = "One purchase after the other" },
  { part = "in_flight_100", base = "curl_multi", title = "100 in flight" },
}

-- A panel is as wide as the dearest of these.
local WIDEST = { "node", "python", "luasec_context" }

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

local function escape(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end

local function text(x, y, class, words)
  return ('<text x="%d" y="%d" class="%s">%s</text>'):format(x, y, class, escape(words))
end

---The rows of a panel: the controls and HTTP/2 are on the page.
function chart.rows(figures, panel)
  local rows = {}
  for _, row in ipairs(figures:rows(panel.part)) do
    local cpu = figures:median(panel.part, row.key, "cpu_us")
    if cpu and not row.is_control and not row.http then
      rows[#rows + 1] = {
        name = row.name,
        kind = row.contender.is or "other",
        cpu = cpu,
        ratio = figures:ratio(panel.part, row.key, panel.base),
      }
    end
  end
  return rows
end

---CPU microseconds that fill a panel.
local function scale_of(figures, panel, rows)
  local widest = 0
  for _, key in ipairs(WIDEST) do
    widest = math.max(widest, figures:median(panel.part, key, "cpu_us") or 0)
  end
  if widest == 0 then
    for _, row in ipairs(rows) do
      widest = math.max(widest, row.cpu)
    end
  end
  return widest * 1.02
end

local function bar(row, y, scale)
  local is_cut = row.cpu > scale
  local width = math.max(2, BARS * math.min(1, row.cpu / scale))
  local parts = {
    ('<rect x="%d" y="%d" width="%s" height="%d" rx="2" class="%s"/>'):format(
      LABELS,
      y,
      layout.fixed(width, 1),
      BAR,
      row.kind
    ),
  }
  if is_cut then
    local x = LABELS + BARS - 24
    parts[2] = ('<path d="M%d %d l6 %d l-6 %d l6 %d" class="break"/>'):format(x, y - 1, 5, 6, 5)
  end
  local figure = layout.number(row.cpu) .. " µs"
  if row.ratio then
    figure = figure .. ", " .. layout.times(row.ratio.median) .. "×"
  end
  parts[#parts + 1] = text(LABELS + math.ceil(width) + 8, y + 11, "figure", figure)
  return table.concat(parts, "\n")
end

local function draw_panel(figures, panel, top)
  local rows = chart.rows(figures, panel)
  local scale = scale_of(figures, panel, rows)
  local parts = { text(0, top + 16, "title", panel.title) }
  local y = top + HEAD - 14
  parts[#parts + 1] = ('<line x1="%d" y1="%d" x2="%d" y2="%d" class="axis"/>'):format(
    LABELS,
    y - 2,
    LABELS,
    y + #rows * ROW - 4
  )
  for _, row in ipairs(rows) do
    parts[#parts + 1] = text(0, y + 11, row.kind == "ours" and "ours-text" or "name", row.name)
    parts[#parts + 1] = bar(row, y, scale)
    y = y + ROW
  end
  return table.concat(parts, "\n"), y + GAP
end

---@param results table
---@return string svg
function chart.draw(results)
  local figures, parts, y = Figures.of(results), {}, 44
  for _, panel in ipairs(PANELS) do
    if results.parts[panel.part] then
      parts[#parts + 1], y = draw_panel(figures, panel, y)
    end
  end
  local words =
    "CPU time of one purchase, in microseconds, and how many times that of a bare libcurl loop."
  local size = ('viewBox="0 0 %d %d" width="%d" height="%d"'):format(WIDTH, y - GAP, WIDTH, y - GAP)
  return table.concat({
    '<svg xmlns="http://www.w3.org/2000/svg" ' .. size .. ' role="img" aria-labelledby="title">',
    '<title id="title">CPU time of one purchase, of every contender</title>',
    "<style>" .. STYLE .. "</style>",
    text(0, 16, "note", words),
    text(
      0,
      34,
      "note",
      ("Shorter is better. %s, %s."):format(results.machine.cpu, results.machine.date)
    ),
    table.concat(parts, "\n"),
    "</svg>\n",
  }, "\n")
end

chart.PANELS = PANELS

return chart
