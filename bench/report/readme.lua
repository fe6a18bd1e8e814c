-- The README's short table of what a purchase costs, between its two marks.
local Figures = require("bench.report.figures")
local layout = require("bench.report.layout")

local readme = {}

local BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"

-- A line of the table: its name, and the row in the part of one at a time, with 100 in flight, and of memory
-- and size.
local LINES = {
  { "bare libcurl loop in C", "curl_easy", "curl_multi" },
  { "**twilio-numbers**, LuaJIT", "numbers-luajit", "flight-luajit" },
  { "**twilio-numbers**, Lua 5.4", "numbers-5.4", "flight-5.4" },
  { "lua-curl", "lua_curl" },
  { "lua-http", "lua_http", "lua_http" },
  { "LuaSocket with LuaSec", "luasec" },
  { "Twilio's client for node", "node", "node" },
  { "Twilio's client for Python", "python", "python" },
}

local function cost(figures, part, key, base)
  local cpu = key and figures:median(part, key, "cpu_us")
  if not cpu then
    return "-"
  end
  local ratio = figures:ratio(part, key, base).median
  return ("%s µs, %s×"):format(layout.number(cpu), layout.times(ratio))
end

local function start(figures, key, field, factor)
  local value = figures:median("start", key, field)
  return value and layout.number(value * factor) or "-"
end

---@return string markdown the table
function readme.table(results)
  local figures, rows = Figures.of(results), {}
  for i, line in ipairs(LINES) do
    rows[i] = {
      line[1],
      cost(figures, "one_at_a_time", line[2], "curl_easy"),
      cost(figures, "in_flight_100", line[3], "curl_multi"),
      start(figures, line[2], "start_s", 1e3) .. " ms",
      start(figures, line[2], "peak_mb", 1) .. " MB",
    }
  end
  return layout.table(
    { "CPU time of a purchase", "one at a time", "100 in flight", "first answer", "memory" },
    rows
  )
end

---The README with the table written anew.
function readme.update(text, results)
  local first, last = text:find(BEGIN .. "\n", 1, true)
  local ends = text:find(END, 1, true)
  assert(first and ends and last < ends, "the README has no place for the table")
  return text:sub(1, last) .. readme.table(results) .. "\n" .. text:sub(ends)
end

return readme
