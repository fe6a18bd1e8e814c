-- How figures and tables are written in Markdown.
local layout = {}

---With so many digits after the point. Rounded here, since Luas differ in what lies just between.
function layout.fixed(value, digits)
  local factor = 10 ^ digits
  return ("%." .. digits .. "f"):format(math.floor(value * factor + 0.5) / factor)
end

---A whole number, thousands separated.
function layout.thousands(value)
  local text = layout.fixed(value, 0)
  local head, rest = text:match("^(%-?%d%d?%d?)(.*)$")
  while #rest % 3 ~= 0 do
    head, rest = text:sub(1, #head - 1), text:sub(#head)
  end
  return head .. rest:gsub("%d%d%d", ",%0")
end

---Three digits that matter, thousands separated.
function layout.number(value)
  if value >= 99.95 then
    return layout.thousands(value)
  end
  local digits = value >= 9.995 and 1 or value >= 0.9995 and 2 or 3
  local text = layout.fixed(value, digits):gsub("0+$", ""):gsub("%.$", "")
  return text
end

---How many times as much: 1.32, 12.
function layout.times(ratio)
  return layout.fixed(ratio, ratio < 9.95 and 2 or 0)
end

---A median with its quartiles: "66 [62..71]".
---@param summary { median: number, low: number, high: number, count: integer }?
---@param write? fun(value: number): string for each of the three
---@param factor? number
function layout.spread(summary, write, factor)
  if not summary then
    return "-"
  end
  write, factor = write or layout.number, factor or 1
  local median = write(summary.median * factor)
  if summary.count < 3 then
    return median
  end
  return ("%s [%s..%s]"):format(median, write(summary.low * factor), write(summary.high * factor))
end

---A table of Markdown.
function layout.table(heads, rows)
  local lines = { "| " .. table.concat(heads, " | ") .. " |", "|" .. (" --- |"):rep(#heads) }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |"
  end
  return table.concat(lines, "\n")
end

return layout
