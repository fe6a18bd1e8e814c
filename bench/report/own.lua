-- The page's tables of this module alone: its instructions, a frame loop and a neighbour in nginx.
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local own = {}

local MISSING = "-"
local number = layout.number

function own.instructions(figures)
  local floor = figures:row("instructions", "curl_easy")
  local rows = {
    {
      "bare libcurl loop in C",
      layout.thousands(floor.all),
      "1",
      MISSING,
      MISSING,
      MISSING,
    },
  }
  for _, lua in ipairs(plan.OUR_LUAS) do
    local row = figures:row("instructions", "numbers-" .. lua)
    rows[#rows + 1] = row
      and {
        plan.contender("numbers-" .. lua).name,
        layout.thousands(row.all),
        layout.times(row.all / floor.all),
        layout.thousands(row.form),
        layout.thousands(row.decode),
        layout.thousands(row.all - floor.all - row.form - row.decode),
      }
  end
  return layout.table({
    "",
    "a purchase",
    "x the floor",
    "checks and encoding",
    "decoding",
    "the rest of our own",
  }, rows)
end

--- The JSON reader next to lua-cjson: the response to a purchase, and a page of a list.
function own.decoding(figures)
  local rows = {}
  for _, lua in ipairs(plan.OUR_LUAS) do
    local row = figures:row("instructions", "numbers-" .. lua)
    rows[#rows + 1] = row
      and row.page
      and {
        plan.contender("numbers-" .. lua).name,
        layout.thousands(row.decode),
        layout.thousands(row.cjson),
        layout.thousands(row.page),
        layout.thousands(row.cjson_page),
      }
  end
  return layout.table({
    "",
    "a number",
    "a number, by lua-cjson",
    "a page of 50",
    "a page of 50, by lua-cjson",
  }, rows)
end

local DRIVERS = { numbers = "twilio-numbers", lua_http = "lua-http, a step of cqueues" }

function own.frame(figures)
  local rows, keys = {}, {}
  for key in pairs(figures:part("frame").rows) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    return a > b
  end)
  for _, key in ipairs(keys) do
    local driver, lua, http = key:match("^([%l_]+)%-(%S+) h(%S+)$")
    local cells = {
      ("%s, %s, HTTP/%s"):format(
        DRIVERS[driver],
        lua == "luajit" and "LuaJIT" or "Lua " .. lua,
        http
      ),
    }
    for _, path in ipairs {
      { "cold", "poll_us" },
      { "warm", "poll_us" },
      { "warm_without_collector", "poll_us" },
      { "warm", "begin_us" },
      { "cold", "frame_ms" },
      { "warm", "frame_ms" },
      { "idle_in_flight", "ns" },
    } do
      local value = figures:frame(key, path)
      cells[#cells + 1] = value and number(value) or MISSING
    end
    rows[#rows + 1] = cells
  end
  return layout.table({
    "the longest, of all runs:",
    "poll, cold, us",
    "poll, warm, us",
    "without Lua's collector, us",
    "begin, warm, us",
    "frame, cold, ms",
    "frame, warm, ms",
    "idle poll, ns",
  }, rows)
end

local NEIGHBOURS = {
  { "0 at /buy", "nothing in flight" },
  { "20 at /buy", "20 in flight" },
  { "100 at /buy", "100 in flight" },
  { "1 at /block", "one, with a client that blocks" },
}

function own.neighbour(figures)
  local rows = {}
  for _, row in ipairs(NEIGHBOURS) do
    local seen = figures:row("neighbour", row[1])
    if seen and seen.median_us then
      rows[#rows + 1] = {
        row[2],
        number(seen.median_us),
        number(seen.p99_us),
        number(seen.longest_us),
        number(seen.purchases_a_second),
      }
    end
  end
  return layout.table(
    { "", "median, us", "99th percentile, us", "longest, us", "purchases a second" },
    rows
  )
end

return own
