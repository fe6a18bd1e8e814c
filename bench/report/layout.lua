-- How figures and tables are written in Markdown.
local layout = {}

---Three digits that matter, thousands separated.
function layout.number(value)
  if value >= 999.5 then
    return layout.thousands(value)
  elseif value >= 99.95 then
    return ("%.0f"):format(value)
  end
  return ("%.3g"):format(value)
end

---A whole number, thousands separated.
function layout.thousands(value)
  local text = ("%.0f"):format(value)
  local head, rest = text:match("^(%-?%d%d?%d?)(.*)$")
  while #rest % 3 ~= 0 do
    head, rest = text:sub(1, #head - 1), text:sub(#head)
  end
  return head .. rest:gsub("%d%d%d", ",%0")
end

---A median with its quartiles: "66 [62..71]".
---@param summary { median: number, low: number, high: number, count: integer }?
---@param format? string for each of the three
---@param factor? number
function layout.spread(summary, format, factor)
  if not summary then
    return "-"
  end
  local function write(value)
    value = value * (factor or 1)
    return format and value < 100 and format:format(value) or layout.number(value)
  end
  if summary.count < 3 then
    return write(summary.median)
  end
  return ("%s [%s..%s]"):format(write(summary.median), write(summary.low), write(summary.high))
end

function layout.with_ratio(value, ratio, format)
  return format:format(value) .. (ratio and (" (%s)"):format(layout.number(ratio.median)) or "")
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
