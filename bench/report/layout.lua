-- How figures and tables are written in Markdown. What was not measured is nil, and a "-".
local layout = {}

local MISSING = "-"

---Formats a number with `digits` after the point. Rounds here, since versions of Lua round ties differently.
function layout.fixed(value, digits)
  local factor = 10 ^ digits
  return value and ("%." .. digits .. "f"):format(math.floor(value * factor + 0.5) / factor)
    or MISSING
end

---A whole number, thousands separated.
function layout.thousands(value)
  local text = layout.fixed(value, 0)
  while text:find("%d%d%d%d") do
    text = text:gsub("^(%-?%d+)(%d%d%d)", "%1,%2")
  end
  return text
end

---Three significant digits, thousands separated.
function layout.number(value)
  if not value or value >= 99.95 then
    return layout.thousands(value)
  end
  local digits = value >= 9.995 and 1 or value >= 0.9995 and 2 or 3
  local text = layout.fixed(value, digits):gsub("0+$", ""):gsub("%.$", "")
  return text
end

---A ratio: 1.32, 12.
function layout.times(ratio)
  return layout.fixed(ratio, ratio and ratio < 9.95 and 2 or 0)
end

---A median with its quartiles: "66 [62..71]".
---@param summary { median: number, low: number, high: number, count: integer }?
---@param write fun(value: number): string for each of the three
function layout.spread(summary, write)
  if not summary or summary.count < 3 then
    return write(summary and summary.median)
  end
  return ("%s [%s..%s]"):format(write(summary.median), write(summary.low), write(summary.high))
end

---A Markdown table.
---@param heads string[]
---@param rows string[][]
function layout.table(heads, rows)
  local lines = { "| " .. table.concat(heads, " | ") .. " |", "|" .. (" --- |"):rep(#heads) }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |"
  end
  return table.concat(lines, "\n")
end

return layout
