--- docs/evidence/fault-matrix.md, made from spec/safety/matrix.lua.
local faults = require("spec.support.faults")
local matrix = require("spec.safety.matrix")

local matrix_page = {}

local HEAD = [[
# What happens when something goes wrong?

This page is written by `make fault-matrix` from the table that the specs try: every fault of the
[simulator](../simulator.md), in every way to buy.

Each row was tried by `phone_number` and by `area_code`, with `retries` (3, the default) and with
`retries = 0`, over TLS with HTTP/1.1 and with HTTP/2, on a fresh connection and on one that was used before,
blocking and in flight.
The outcome is the same in all of them, but for the exceptions that a row names.

How to read a row:

- **what happens** is what the network or Twilio did. The names in front are the simulator's.
- The next four columns are what the caller gets: **number**; **incomplete**, a number and a message that says
  what could not be set; or the error's `kind` and its `purchased`.
  Behind it stand how many purchases (POSTs) the server has read, and how many numbers are owned afterwards.
  So "number (2, 1)" is: sent twice, bought once.
- **why** is the reason.

Whether money may have been spent, and what to do:

| the caller gets | money | what to do |
| --- | --- | --- |
| number | spent | Nothing: the number is there. |
| incomplete | spent | The number is there. Set the rest: `client:update`. |
| `no` | not spent, certainly | It is safe to buy again, once what the error says is mended. |
| `unknown` | may have been spent | Look before you buy again: [money.md](../money.md). |
| `yes` | spent | The number is among the account's: look for it, and do not buy again. |

A 4xx other than 407, 408 and 409 is taken as Twilio's word that nothing was bought, if it is Twilio's: a
JSON object with one of Twilio's error codes (five or six digits), or with the status in `status` or
`httpStatusCode`, and with no other status there.
All else that went out and brought no number is a doubt.
What never went out (`invalid`, `connect`, `tls`) is not in these tables: nothing was bought.
]]

local COLUMNS = {
  "simulator",
  "what happens",
  "`phone_number`",
  "`phone_number`, `retries = 0`",
  "`area_code`",
  "`area_code`, `retries = 0`",
  "why",
}

--- "network unknown 2 1" for people.
local function outcome(text)
  local words, posts, owned = text:match("^(.*) (%d+) (%d+)$")
  local kind, purchased = words:match("^(%S+) (%S+)$")
  local what = kind and ("`%s` `%s`"):format(kind, purchased) or "**" .. words .. "**"
  return ("%s (%s, %s)"):format(what, posts, owned)
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
  return {
    (name:gsub(", then ", "`, then `")),
    row.what,
    outcome(row.phone_number[3]),
    outcome(row.phone_number[0]),
    outcome(row.area_code[3]),
    outcome(row.area_code[0]),
    row.why .. except(row),
  }
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
    lines[#lines + 1] = line(COLUMNS)
    lines[#lines + 1] = "|" .. (" --- |"):rep(#COLUMNS)
    for _, row in ipairs(group) do
      lines[#lines + 1] = line(cells(row))
    end
    lines[#lines + 1] = ""
  end
  lines[#lines + 1] = "Back to the [README](../../README.md).\n"
  return table.concat(lines, "\n")
end

return matrix_page
