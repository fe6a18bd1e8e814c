-- Writes the tables of bench/report/tables.lua.
local layout = require("bench.report.layout")
local plan = require("bench.plan")
local tables = require("bench.report.tables")

local costs = {}

local MARGIN = 0.05 -- smaller differences are noise

---A column's figure for a row, and its text.
local function cell(figures, column, key)
  local figure = figures[column[2]](figures, key, column[3], column[4])
  local write = column.write or layout.number
  local function scaled(value)
    return write(value and value * (column.factor or 1))
  end
  if type(figure) == "table" then
    return figure.median, layout.spread(figure, scaled)
  end
  return figure, scaled(figure)
end

---The rows with figures: their names and texts, and the figures in `numbers`.
local function rows_of(figures, of)
  local rows = {}
  for _, row in ipairs(of.rows or plan.rows(of.part)) do
    local line, is_measured = { row.name, row = row, numbers = {} }, false
    local key = row.key:match("^(.*)" .. (of.suffix or "") .. "$")
    for i, column in ipairs(key and of or {}) do
      line.numbers[i], line[i + 1] = cell(figures, column, key)
      is_measured = is_measured or line.numbers[i] ~= nil
    end
    if is_measured and (of.has_controls or not row.is_control) then
      rows[#rows + 1] = line
    end
  end
  return rows
end

---Our rows, by their Luas and TLS libraries.
local function ours_of(rows)
  local ours = {}
  for _, line in ipairs(rows) do
    local row = line.row
    if row.contender.is == "ours" and not row.http then
      ours[row.contender.lua .. (row.contender.tls or "")] = line
    end
  end
  return ours
end

---Our row that a contender is compared with: under the same Lua and on the same TLS library, if there is one;
---those that do not run under a Lua, with LuaJIT's.
local function ours_for(ours, contender)
  local lua = contender.lua or "luajit"
  return ours[lua .. (contender.tls or "")] or ours[lua] or ours.luajit
end

---The contenders ahead of ours in each column, or behind it with a sign of -1.
local function compare(of, rows, ours, head, sign)
  local line = { head }
  for i, column in ipairs(of) do
    local names = {}
    for _, other in ipairs(rows) do
      local figure, row = other.numbers[i], other.row
      local base = ours_for(ours, row.contender).numbers[i]
      local is_other = row.contender.is ~= "ours" and not row.is_control and not row.http
      if base and figure and is_other then
        local lead = column.best == "most" and figure / base or base / figure
        names[#names + 1] = lead ^ sign > 1 + MARGIN and (row.contender.short or row.name) or nil
      end
    end
    line[i + 1] = #names > 0 and table.concat(names, ", ") or "none"
  end
  return line
end

---@param name string of a table
---@return string? markdown nil if nothing of it was measured
function costs.write(figures, name)
  local of = tables[name]
  local rows, heads = rows_of(figures, of), { of.head or "" }
  for i, column in ipairs(of) do
    heads[i + 1] = column[1]
  end
  local ours = of.compares and ours_of(rows) or {}
  if ours.luajit then
    local ahead = compare(of, rows, ours, "*ahead of this library*", 1)
    local behind = compare(of, rows, ours, "*behind it*", -1)
    rows[#rows + 1], rows[#rows + 2] = ahead, behind
  end
  return #rows > 0 and layout.table(heads, rows) or nil
end

return costs
