-- The page's tables of contenders: what a purchase costs each of them, and in each column who is ahead of us
-- and who is behind.
local layout = require("bench.report.layout")

local costs = {}

local MARGIN = 0.05 -- less than that is the machine's noise
local number, times, thousands = layout.number, layout.times, layout.thousands

-- A column: its head, the figure of a row (a number, or a median with quartiles; nil where there is none),
-- how that is written, and what is best: the "least" unless it says "most".
local function column(head, figure, write, best)
  return { head = head, figure = figure, write = write or number, best = best or "least" }
end

local function fixed(value)
  return layout.fixed(value, 2)
end

local function value(part, field, factor)
  return function(figures, key)
    local summary = figures:value(part, key, field)
    for name, of in pairs(summary or {}) do
      summary[name] = name == "count" and of or of * (factor or 1)
    end
    return summary
  end
end

local function median(part, field, factor)
  return function(figures, key)
    local of = figures:median(part, key, field)
    return of and of * (factor or 1)
  end
end

local function a_second(part)
  return function(figures, key)
    local wall = figures:median(part, key, "wall_us")
    return wall and 1e6 / wall
  end
end

local function ratio(part, base)
  return function(figures, key)
    return figures:ratio(part, key, base)
  end
end

local function busy(part, base, with_json)
  local columns = {
    column("CPU, us", value(part, "cpu_us")),
    column("x the bare loop", ratio(part, base), times),
    column("x the cheapest", ratio(part, base .. "_cheapest"), times),
    column("wall, us", value(part, "wall_us")),
    column("a second", a_second(part), thousands, "most"),
    column("peak MB", median(part, "peak_mb")),
  }
  if with_json then
    table.insert(columns, 4, column("x C with JSON", ratio(part, "curl_json"), times))
  end
  return { part = part, has_controls = true, columns = columns }
end

local function memory_of_one(in_flight)
  return function(figures, key)
    return figures:memory_of_one(key, in_flight)
  end
end

local function growth(count, field)
  return function(figures, key)
    return figures:median("growth", key .. " x" .. count, field)
  end
end

local function marginal(few, many)
  return function(figures, key)
    return figures:marginal_cpu(key, few, many)
  end
end

local function size(field)
  return function(figures, key)
    local row = figures:row("sizes", key)
    return row and row[field]
  end
end

local TABLES = {
  one_at_a_time = busy("one_at_a_time", "curl_easy", true),
  in_flight = busy("in_flight_100", "curl_multi"),
  throughput = {
    part = "in_flight_100",
    head = "purchases a second, in flight:",
    columns = {
      column("1", a_second("in_flight_1"), thousands, "most"),
      column("10", a_second("in_flight_10"), thousands, "most"),
      column("100", a_second("in_flight_100"), thousands, "most"),
      column("1,000", a_second("in_flight_1000"), thousands, "most"),
      column("100, after 100 ms", a_second("waiting_100"), thousands, "most"),
      column("1,000, after 100 ms", a_second("waiting_1000"), thousands, "most"),
    },
  },
  memory = {
    part = "waiting_1",
    head = "peak MB, in flight:",
    columns = {
      column("1", median("waiting_1", "peak_mb")),
      column("100", median("waiting_100", "peak_mb")),
      column("1,000", median("waiting_1000", "peak_mb")),
      column("KB each of 100", memory_of_one(100)),
      column("KB each of 1,000", memory_of_one(1000)),
    },
  },
  start = {
    part = "start",
    columns = {
      column("to the first answer, ms", value("start", "start_s", 1e3)),
      column("CPU of it all, ms", value("start", "process_cpu_s", 1e3)),
      column("peak MB", median("start", "peak_mb")),
      column("MB on disk", size("mb")),
      column("packages", size("packages")),
    },
  },
  connections = {
    part = "new_connections",
    columns = {
      column("CPU of 100, s", median("new_connections", "cpu_us", 100 / 1e6), fixed),
      column("x the bare loop", ratio("new_connections", "curl_easy"), times),
      column("peak MB", median("new_connections", "peak_mb")),
    },
  },
  growth = {
    part = "growth",
    suffix = " x100",
    head = "CPU s of a program that buys:",
    columns = {
      column("100", growth(100, "process_cpu_s"), fixed),
      column("1,000", growth(1000, "process_cpu_s"), fixed),
      column("10,000", growth(10000, "process_cpu_s"), fixed),
      column("us each, to 1,000", marginal(100, 1000)),
      column("us each, to 10,000", marginal(1000, 10000)),
      column("peak MB, 1,000", growth(1000, "peak_mb")),
      column("10,000", growth(10000, "peak_mb")),
    },
  },
}

---The rows of a table: what each is called, and the figures of its columns, as numbers and as text.
local function rows_of(figures, of)
  local rows = {}
  for _, row in ipairs(figures:rows(of.part)) do
    local key = not of.suffix and row.key or row.key:match("^(.*)" .. of.suffix .. "$")
    if key and figures:row(of.part, row.key) and (of.has_controls or not row.is_control) then
      rows[#rows + 1] = { of = row, numbers = {}, cells = { row.name } }
      for i, each in ipairs(of.columns) do
        local figure = each.figure(figures, key)
        local has_spread = type(figure) == "table"
        rows[#rows].numbers[i] = has_spread and figure.median or figure or nil
        rows[#rows].cells[i + 1] = has_spread and layout.spread(figure, each.write)
          or each.write(figure)
      end
    end
  end
  return rows
end

---Who is ahead of one of our rows (or behind, with a sign of -1), in each column.
local function compare(of, rows, ours, head, sign)
  local cells = { head }
  for i, each in ipairs(of.columns) do
    local names, base = {}, ours.numbers[i]
    for _, row in ipairs(rows) do
      local other = row.numbers[i]
      local lead = base
        and other
        and other > 0
        and (each.best == "most" and other / base or base / other)
      local is_other = row.of.contender.is ~= "ours" and not row.of.is_control and not row.of.http
      if lead and is_other and lead ^ sign > 1 + MARGIN then
        names[#names + 1] = row.of.contender.short or row.of.name
      end
    end
    cells[i + 1] = #names > 0 and table.concat(names, ", ") or "none"
  end
  return cells
end

---@return string? markdown nil if nothing of it was measured
local function write(figures, of)
  local rows, heads, lines, ours = rows_of(figures, of), { of.head or "" }, {}, nil
  for i, each in ipairs(of.columns) do
    heads[i + 1] = each.head
  end
  for i, row in ipairs(rows) do
    lines[i] = row.cells
    ours = not row.of.http
        and row.of.contender.lua == "luajit"
        and row.of.contender.is == "ours"
        and row
      or ours
  end
  if ours then
    lines[#lines + 1] = compare(of, rows, ours, "*ahead of LuaJIT's*", 1)
    lines[#lines + 1] = compare(of, rows, ours, "*behind it*", -1)
  end
  return #rows > 0 and layout.table(heads, lines) or nil
end

for name, of in pairs(TABLES) do
  costs[name] = function(figures)
    return write(figures, of)
  end
end

return costs
