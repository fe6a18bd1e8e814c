-- The page's tables of contenders: what a purchase costs each of them.
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local costs = {}

local MISSING = "-"
local spread, number = layout.spread, layout.number

---The rows of a part that were measured, each made into cells.
local function rows_of(figures, part, cells)
  local rows = {}
  for _, row in ipairs(figures:rows(part)) do
    if figures:row(part, row.key) then
      rows[#rows + 1] = cells(row)
    end
  end
  return rows
end

local function base_of(part_id)
  for _, part in ipairs(plan.parts) do
    if part.id == part_id then
      return part.base
    end
  end
end

---CPU, ratio, wall, memory of each row of a part.
function costs.of(figures, part)
  local rows = rows_of(figures, part, function(row)
    return {
      row.name,
      spread(figures:value(part, row.key, "cpu_us")),
      spread(figures:ratio(part, row.key, base_of(part)), layout.times),
      spread(figures:value(part, row.key, "wall_us")),
      number(1e6 / figures:median(part, row.key, "wall_us")),
      number(figures:median(part, row.key, "peak_mb")),
    }
  end)
  return layout.table({ "", "CPU, us", "x the floor", "wall, us", "a second", "peak MB" }, rows)
end

---A figure of the same contenders in several parts: a column for each. Rows are in the order of the first
---part named in `order`, then those that only others have.
local function across(figures, order, columns, cell)
  local rows, seen = {}, {}
  for _, part in ipairs(order) do
    for _, row in ipairs(figures:rows(part)) do
      if not seen[row.key] and not row.is_control and figures:row(part, row.key) then
        seen[row.key] = true
        local cells = { row.name }
        for _, column in ipairs(columns) do
          cells[#cells + 1] = figures:row(column, row.key) and cell(column, row.key) or MISSING
        end
        rows[#rows + 1] = cells
      end
    end
  end
  return rows
end

function costs.throughput(figures)
  local columns = {
    "in_flight_1",
    "in_flight_10",
    "in_flight_100",
    "in_flight_1000",
    "waiting_100",
    "waiting_1000",
  }
  local rows = across(figures, { "in_flight_100" }, columns, function(part, key)
    return number(1e6 / figures:median(part, key, "wall_us"))
  end)
  return layout.table({
    "purchases a second, in flight:",
    "1",
    "10",
    "100",
    "1,000",
    "100, after 100 ms",
    "1,000, after 100 ms",
  }, rows)
end

function costs.memory(figures)
  local columns = { "waiting_1", "waiting_100", "waiting_1000" }
  local rows, names = {}, {}
  for _, row in ipairs(figures:rows("waiting_1")) do
    names[row.name] = row.key
  end
  for _, cells in
    ipairs(across(figures, columns, columns, function(part, key)
      return number(figures:median(part, key, "peak_mb"))
    end))
  do
    local key = names[cells[1]]
    for _, in_flight in ipairs { 100, 1000 } do
      local each = figures:memory_of_one(key, in_flight)
      cells[#cells + 1] = each and number(each) or MISSING
    end
    rows[#rows + 1] = cells
  end
  return layout.table(
    { "peak MB, in flight:", "1", "100", "1,000", "KB each of 100", "KB each of 1,000" },
    rows
  )
end

function costs.start(figures)
  local rows = rows_of(figures, "start", function(row)
    local size = figures:row("sizes", row.contender.id)
    return {
      row.name,
      spread(figures:value("start", row.key, "start_s"), nil, 1e3),
      spread(figures:value("start", row.key, "process_cpu_s"), nil, 1e3),
      number(figures:median("start", row.key, "peak_mb")),
      size and number(size.mb) or MISSING,
      size and number(size.packages) or MISSING,
    }
  end)
  return layout.table(
    { "", "to the first answer, ms", "CPU of it all, ms", "peak MB", "MB on disk", "packages" },
    rows
  )
end

function costs.connections(figures)
  local rows = rows_of(figures, "new_connections", function(row)
    return {
      row.name,
      layout.fixed(figures:median("new_connections", row.key, "cpu_us") * 100 / 1e6, 2),
      spread(figures:ratio("new_connections", row.key, "curl_easy"), layout.times),
      number(figures:median("new_connections", row.key, "peak_mb")),
    }
  end)
  return layout.table({ "", "CPU of 100, s", "x the floor", "peak MB" }, rows)
end

function costs.growth(figures)
  local rows = {}
  for _, row in ipairs(figures:rows("growth")) do
    local id = row.key:match("^(.*) x100$")
    if id then
      local cells = { row.name }
      for _, count in ipairs { 100, 1000, 10000 } do
        local cpu = figures:median("growth", id .. " x" .. count, "process_cpu_s")
        cells[#cells + 1] = cpu and layout.fixed(cpu, 2) or MISSING
      end
      for _, range in ipairs { { 100, 1000 }, { 1000, 10000 } } do
        local each = figures:marginal_cpu(id, range[1], range[2])
        cells[#cells + 1] = each and number(each) or MISSING
      end
      for _, count in ipairs { 1000, 10000 } do
        local peak = figures:median("growth", id .. " x" .. count, "peak_mb")
        cells[#cells + 1] = peak and number(peak) or MISSING
      end
      rows[#rows + 1] = cells
    end
  end
  return layout.table({
    "CPU s of a program that buys:",
    "100",
    "1,000",
    "10,000",
    "us each, to 1,000",
    "us each, to 10,000",
    "peak MB, 1,000",
    "10,000",
  }, rows)
end

return costs
