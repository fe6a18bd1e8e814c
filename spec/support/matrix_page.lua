--- docs/evidence/fault-matrix.md, made from spec/safety/matrix.lua.
local faults = require("spec.support.faults")
local matrix = require("spec.safety.matrix")

local matrix_page = {}

local HEAD = [[
# What does a purchase end as when something goes wrong?

This page is written by `make fault-matrix` from the table that the specs try: every fault of the
[simulator](../simulator.md), in every way to buy. Each row was tried by number and by area code, with
`retries` (3, the default) and with `retries = 0`, over HTTP/1.1 and HTTP/2 with TLS, on a fresh connection
and on a used one, blocking and in flight. All of these end alike, except where a row says otherwise.

Above each table stands what the caller gets, and in parentheses what Twilio did: how often it read the
purchase, and whether a number was bought.

| the caller gets | money | what to do |
| --- | --- | --- |
| number | spent | Nothing: the number is there. |
| number, incomplete | spent | The number is there. Set the rest: `client:update`. |
| `no` | not spent | Fix the cause. It is safe to buy again. |
| `unknown` | may have been spent | Look before you buy again: [money.md](../money.md). |
| `yes` | spent | Find the number; do not buy again. |

A 4xx other than 407, 408 and 409 means that nothing was bought, if it is Twilio's: a JSON object with one of
Twilio's error codes (five or six digits), or with the HTTP status in `status` or `httpStatusCode`, and no
other status there. Any other request that was sent without a result is in doubt.
Requests that were never sent (`invalid`, `connect`, `tls`) are not in these tables: nothing was bought.
]]

local COLUMNS = { "simulator", "what happens" }

local TIMES = { [0] = "not read", "read once", "read twice", "read 3 times", "read 4 times" }

--- "network unknown 2 1" for people.
local function outcome(text)
  local words, posts, owned = text:match("^(.*) (%d+) (%d+)$")
  local kind, purchased = words:match("^(%S+) (%S+)$")
  local what = kind and ("`%s`, `%s`"):format(kind, purchased)
    or words == "number" and "number"
    or "number, " .. words
  local bought = owned == "0" and "not bought" or "bought once"
  return ("%s (%s, %s)"):format(what, TIMES[tonumber(posts)], bought)
end

local function except(row)
  local words = {}
  for _, exception in ipairs(row.except or {}) do
    local where = {}
    for name in pairs(matrix.DIMENSIONS) do
      if exception[name] then
        where[#where + 1] = name == "http" and "HTTP/" .. exception[name] or exception[name]
      end
    end
    table.sort(where)
    local before = exception.libcurl_before
    words[#words + 1] = (" Over %s%s by `area_code` %s: %s."):format(
      table.concat(where, ", "),
      before and (" with libcurl before %s,"):format(before) or "",
      outcome(exception.outcomes[3]),
      exception.why
    )
  end
  return table.concat(words)
end

local function line(cells)
  return "| " .. table.concat(cells, " | ") .. " |"
end

local function cells(row)
  local name = #row.faults > 0 and "`" .. faults.describe_all(row.faults) .. "`" or "none"
  return { (name:gsub(", then ", "`, then `")), row.what }
end

--- Why rows end so, if it is the same for all of them.
local function common_reason(rows)
  local reason = rows[1].why .. except(rows[1])
  for _, row in ipairs(rows) do
    if row.why .. except(row) ~= reason then
      return nil
    end
  end
  return reason
end

--- A table of rows with equal outcomes.
local function add_table(lines, rows)
  local reason = common_reason(rows)
  lines[#lines + 1] = rows.text .. "\n"
  if reason then
    lines[#lines + 1] = reason .. "\n"
  end
  lines[#lines + 1] = line(COLUMNS):gsub("|$", reason and "|" or "| why |")
  lines[#lines + 1] = "|" .. (" --- |"):rep(#COLUMNS + (reason and 0 or 1))
  for _, row in ipairs(rows) do
    local list = cells(row)
    list[3] = not reason and row.why .. except(row) or nil
    lines[#lines + 1] = line(list)
  end
  lines[#lines + 1] = ""
end

--- A way to buy and its outcomes: one line if retries change nothing, else two.
local function way(name, with, without)
  if with == without then
    return { ("- %s: **%s**"):format(name, outcome(with)) }
  end
  return {
    ("- %s: **%s**"):format(name, outcome(with)),
    ("- %s, `retries = 0`: **%s**"):format(name, outcome(without)),
  }
end

--- The outcome of a table's rows.
local function outcomes(row)
  local number, area = row.phone_number, row.area_code
  if number[3] == number[0] and number[3] == area[3] and area[3] == area[0] then
    return "- In every way: **" .. outcome(number[3]) .. "**"
  end
  local lines = way("By number", number[3], number[0])
  for _, text in ipairs(way("By area code", area[3], area[0])) do
    lines[#lines + 1] = text
  end
  return table.concat(lines, "\n")
end

--- The rows of a group, those with equal outcomes together, in the order of the first of each.
local function by_outcomes(group)
  local tables, known = {}, {}
  for _, row in ipairs(group) do
    local text = outcomes(row)
    if not known[text] then
      known[text] = { text = text }
      tables[#tables + 1] = known[text]
    end
    table.insert(known[text], row)
  end
  return tables
end

--- The whole page.
---@return string
function matrix_page.render()
  local lines = { HEAD }
  for _, group in ipairs(matrix.groups) do
    lines[#lines + 1] = "## " .. group.title .. "\n"
    if group.note then
      lines[#lines + 1] = group.note .. "\n"
    end
    for _, rows in ipairs(by_outcomes(group)) do
      add_table(lines, rows)
    end
  end
  lines[#lines + 1] = "Back to the [README](../../README.md).\n"
  return table.concat(lines, "\n")
end

return matrix_page
